#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace source_sentry {

/// What keeps a text from being JSON.
struct JsonMistake {
  std::size_t at = 0;  ///< offset in bytes
  std::string cause;   ///< what is there and what to do, never in the text's own words
};

/// The first mistake that a person would see; nothing where the text is JSON. Never quotes the
/// text, which may hold a token.
std::optional<JsonMistake> json_mistake(std::string_view text);

/// "line 3, column 14": the place of an offset, both from 1, columns in characters.
std::string place_in(std::string_view text, std::size_t at);

}  // namespace source_sentry
