#include "base/json_text.h"

#include <cmath>
#include <cstdlib>
#include <nlohmann/json.hpp>

namespace source_sentry {

std::optional<std::size_t> too_deep_at(std::string_view text) {
  std::size_t depth = 0;
  bool in_string = false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (in_string) {
      if (c == '\\') ++at;
      if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '[' || c == '{') {
      if (++depth > kDeepestJson) return at;
    } else if ((c == ']' || c == '}') && depth > 0) {
      --depth;
    }
  }
  return std::nullopt;
}

std::optional<std::size_t> out_of_range_at(const std::string& text) {
  bool in_string = false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '"') in_string = !in_string;
    if (in_string) {
      if (c == '\\') ++at;
    } else if (c >= '0' && c <= '9') {
      char* end = nullptr;
      if (std::isinf(std::strtod(&text[at], &end))) return at;
      at = static_cast<std::size_t>(end - text.data()) - 1;
    }
  }
  return std::nullopt;
}

nlohmann::json parse_json(std::string_view text) {
  if (too_deep_at(text)) return nlohmann::json(nlohmann::json::value_t::discarded);
  return nlohmann::json::parse(text, nullptr, false);
}

}  // namespace source_sentry
