#pragma once

#include <string_view>
#include <vector>

namespace source_sentry {

/// One member of a JSON object, as slices of its bytes.
struct Member {
  std::string_view key;    ///< without its quotes; escapes stay as they are
  std::string_view value;  ///< without the white space around it
};

/// The top-level members of `object`, which RecordSplitter has checked, in their order. For small
/// records; the hot path does without.
std::vector<Member> top_level_members(std::string_view object);

}  // namespace source_sentry
