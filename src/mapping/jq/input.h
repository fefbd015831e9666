#pragma once

#include <string>
#include <string_view>

namespace source_sentry {

/// How deep a value that jq reads may be nested: its parser of 1.6 and 1.7 goes no further.
inline constexpr std::size_t kDeepestForJq = 256;

/// Writes `json`, which RecordSplitter has checked, into `out` so that jq loses nothing of it:
/// an integer beyond 2^53 and a number that no double holds become strings of the same characters,
/// since jq 1.6 holds numbers as doubles, and half a surrogate pair becomes U+FFFD, since jq
/// refuses the whole text for it. False where it is nested deeper than kDeepestForJq.
bool jq_input(std::string_view json, std::string& out);

}  // namespace source_sentry
