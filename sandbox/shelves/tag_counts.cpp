#include "sandbox/shelves/tag_counts.h"

#include <algorithm>
#include <memory>
#include <unordered_map>
#include <utility>

#include "sandbox/render/time_text.h"
#include "sandbox/world/traits.h"
#include "sandbox/world/vocabulary.h"

namespace sandbox {
namespace {

constexpr std::size_t kMostValues = 1000;

/// Counts one tag.
TagKey count_tag(const World& world, std::span<const Index> events, const TagSource& source) {
  TagKey tag{source.key, source.name, {}, 0, 0};
  std::unordered_map<std::uint64_t, TagValue> seen;
  for (const Index serial : events) {
    const auto value = source.value_of(serial);
    if (!value) continue;
    TagValue& counted = seen[*value];
    const Second at = world.event(serial).at;
    if (counted.count++ == 0) counted.first = counted.last = at;
    counted.first = std::min(counted.first, at);
    counted.last = std::max(counted.last, at);
    ++tag.total;
  }
  for (auto& [value, counted] : seen) {
    counted.value = source.text_of(value);
    tag.values.push_back(std::move(counted));
  }
  tag.unique = tag.values.size();
  std::sort(tag.values.begin(), tag.values.end(), [](const TagValue& a, const TagValue& b) {
    return a.count != b.count ? a.count > b.count : a.value < b.value;
  });
  if (tag.values.size() > kMostValues) tag.values.resize(kMostValues);
  return tag;
}

}  // namespace

std::vector<TagKey> count_tags(const World& world, std::span<const Index> events,
                               std::span<const TagSource> sources) {
  std::vector<TagKey> tags;
  for (const TagSource& source : sources) {
    TagKey tag = count_tag(world, events, source);
    if (!tag.values.empty()) tags.push_back(std::move(tag));
  }
  return tags;
}

TagSource environment_tag(const World& world) {
  return {"environment", "Environment",
          [&world](Index serial) -> std::optional<std::uint64_t> {
            return event_environment(world, serial);
          },
          [](std::uint64_t value) { return std::string(environments()[value]); }};
}

TagSource level_tag(const World& world) {
  // One issue's events follow another's, and what it says takes long to draw.
  struct Levels {
    std::unordered_map<Index, std::uint64_t> of_issue;
    std::vector<std::string> words;
  };
  auto levels = std::make_shared<Levels>();
  return {"level", "Level",
          [&world, levels](Index serial) -> std::optional<std::uint64_t> {
            const Index issue = world.event(serial).issue;
            if (const auto known = levels->of_issue.find(issue); known != levels->of_issue.end()) {
              return known->second;
            }
            const std::string word(issue_text(world, world.issue(issue)).level);
            auto& words = levels->words;
            const auto place = std::find(words.begin(), words.end(), word) - words.begin();
            if (place == std::ssize(words)) words.push_back(word);
            return levels->of_issue[issue] = static_cast<std::uint64_t>(place);
          },
          [levels](std::uint64_t value) { return levels->words[value]; }};
}

TagSource release_tag(const World& world, const Project& project) {
  return {
      "release", "Release",
      [&](Index serial) -> std::optional<std::uint64_t> {
        return world.release_at(project, world.event(serial).at);
      },
      [&world](std::uint64_t value) { return world.release(static_cast<Index>(value)).version; }};
}

TagSource user_tag(const World& world) {
  return {"user", "User",
          [&world](Index serial) -> std::optional<std::uint64_t> {
            const auto visitor = event_visitor(world, serial);
            if (!visitor) return std::nullopt;
            return visitor->number;
          },
          [](std::uint64_t value) { return "id:" + std::to_string(value); }};
}

Row tag_value_row(const TagKey& tag, const TagValue& value) {
  return {{"key", tag.key},
          {"name", value.value},
          {"value", value.value},
          {"count", value.count},
          {"lastSeen", sentry_time(to_instant(value.last))},
          {"firstSeen", sentry_time(to_instant(value.first))}};
}

}  // namespace sandbox
