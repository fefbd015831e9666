#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "json/members.h"

namespace source_sentry {

struct JqToken;

/// What a path leads to: bytes of the record itself, null where a member or an element is missing,
/// or what is wrong, in jq's words.
struct PathValue {
  std::string_view value = "null";
  std::string error;
};

/// A jq expression that only selects, such as `.a.b["c"][0]`; `.` is the path without steps. It is
/// followed in the record's own bytes, so that what it leads to is as exact as it came.
class PlainPath {
 public:
  using Step = std::variant<std::string, std::int64_t>;  ///< a member's key, an element's index

  PlainPath() = default;
  explicit PlainPath(std::vector<Step> steps) : steps_(std::move(steps)) {}

  /// Nothing where `tokens` are anything but such a path.
  static std::optional<PlainPath> of(const std::vector<JqToken>& tokens);
  /// The longest path that `tokens` begin with; nothing where they do not begin with a step.
  static std::optional<PlainPath> before(const std::vector<JqToken>& tokens);
  /// Of a dotted text without the dot in front: `project.slug`. Nothing where a name is empty.
  static std::optional<PlainPath> of_dotted(std::string_view text);

  const std::vector<Step>& steps() const { return steps_; }
  bool is_whole() const { return steps_.empty(); }
  /// The name of the only member that it names; empty where it is any other path.
  std::string_view only_key() const;

  /// Follows the steps from number `from` on in `json`, which RecordSplitter has checked. Of
  /// members with the same key the last one counts, as for jq.
  PathValue find(std::string_view json, std::size_t from = 0) const;

  /// `json` without what the path leads to; unchanged where it leads to nothing.
  std::string without(std::string_view json) const;

 private:
  std::vector<Step> steps_;
};

/// Whether the member's key, escapes and all, is `key`.
bool has_key(const Member& member, std::string_view key);

/// jq's word for the kind of the value: "null", "boolean", "number", "string", "array", "object".
std::string_view jq_kind(std::string_view value);

}  // namespace source_sentry
