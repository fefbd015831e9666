#pragma once

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace source_sentry {

/// What a target proves about one input. Each fuzz_<name>.cpp defines it.
void fuzz(std::string_view input);

/// A property of the code under test. Where it does not hold the run ends, and the fuzzer keeps the
/// input.
inline void require(bool holds, const char* property) {
  if (holds) return;
  std::fprintf(stderr, "Does not hold: %s\n", property);
  std::abort();
}

/// Printable ASCII without spaces.
inline bool is_plain(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < '\x7f'; });
}

}  // namespace source_sentry
