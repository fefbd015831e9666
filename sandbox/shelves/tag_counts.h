#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "sandbox/shelves/shelf.h"

namespace sandbox {

struct TagValue {
  std::string value;
  std::size_t count = 0;
  Second first = 0;
  Second last = 0;
};

struct TagKey {
  std::string key;
  std::string name;
  std::vector<TagValue> values;  ///< most frequent first, a thousand at most
  std::size_t unique = 0;        ///< how many values there are
  std::size_t total = 0;         ///< how many events have one
};

/// How one tag is counted. Values are numbers while they are counted, for there may be a million
/// events.
struct TagSource {
  std::string key;
  std::string name;
  std::function<std::optional<std::uint64_t>(Index serial)> value_of;  ///< none for most events
  std::function<std::string(std::uint64_t value)> text_of;
};

/// Counts the tags' values over some events; without the tags that none of them has.
std::vector<TagKey> count_tags(const World& world, std::span<const Index> events,
                               std::span<const TagSource> sources);

/// What the events of a project, or of one of its issues, are tagged with in any case. Those of
/// the issue all have the same level.
TagSource environment_tag(const World& world);
TagSource level_tag(const World& world);
TagSource release_tag(const World& world, const Project& project);
TagSource user_tag(const World& world);

/// A value as its own lists show it.
Row tag_value_row(const TagKey& tag, const TagValue& value);

}  // namespace sandbox
