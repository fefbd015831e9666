#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace source_sentry {

/// What a text may stand for, and from where in it each byte comes.
struct Reading {
  std::string text{};
  std::vector<std::size_t> from{};  ///< of each byte, where in the original it begins
  std::vector<std::size_t> to{};    ///< and ends
  /// Whether the text was made up from another's pieces, so that a short word in it says little.
  bool made_up = false;
};

/// The ways in which others may have meant a text: as it is; without its escapes (percent-encoding,
/// those of JSON and of HTML), also where they were made several times; without white space; and
/// the bytes behind whatever may be Base64 or hexadecimal digits in it, from any digit on.
std::vector<Reading> readings_of(std::string_view text);

}  // namespace source_sentry
