#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace source_sentry {

/// What may occur by chance in a text whose words were joined, or in its letters alone.
inline constexpr std::size_t kShortestJoined = 6;
inline constexpr std::size_t kShortestOfLetters = 12;

/// What a text may mean, and where in it each byte comes from.
struct Reading {
  std::string text{};
  std::vector<std::size_t> from{};  ///< of each byte, where in the original it begins
  std::vector<std::size_t> to{};    ///< and ends
  /// A shorter word in it means little: a text that is made up of another's pieces holds many.
  std::size_t shortest = 3;
};

/// The ways in which others may have meant a text: as it is; without its escapes (percent-encoding,
/// those of JSON, of other languages and of HTML, with its tags and without them), also where they
/// were made several times; and each of these without white space; its letters and digits alone,
/// without separators; and the bytes of possible Base64 or hexadecimal digits, from any digit on.
std::vector<Reading> readings_of(std::string_view text);

}  // namespace source_sentry
