#include "judged_json.h"

#include <algorithm>

namespace source_sentry {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_surrogate_escape(std::string_view escape) {
  constexpr std::string_view kHex = "0123456789abcdefABCDEF";
  return escape.size() == 6 && escape[1] == 'u' && (escape[2] == 'd' || escape[2] == 'D') &&
         std::string_view("89abcdefABCDEF").find(escape[3]) != std::string_view::npos &&
         escape.find_first_not_of(kHex, 2) == std::string_view::npos;
}

bool in_exponent(std::string_view before) {
  if (before.ends_with('+') || before.ends_with('-')) before.remove_suffix(1);
  return before.ends_with('e') || before.ends_with('E');
}

std::string made_harmless(std::string_view text) {
  std::string out;
  bool in_string = false;
  for (std::size_t at = 0; at < text.size();) {
    const char c = text[at];
    if (in_string && c == '\\') {
      const bool surrogate = is_surrogate_escape(text.substr(at, 6));
      out += surrogate ? std::string_view("\\u0041") : text.substr(at, 2);
      at += surrogate ? 6 : 2;
    } else if (!in_string && is_digit(c)) {
      const std::size_t most = in_exponent(out) ? 1 : 18;
      const std::size_t end = std::min(text.find_first_not_of("0123456789", at), text.size());
      out += text.substr(at, std::min(end - at, most));
      at = end;
    } else {
      in_string = in_string != (c == '"');
      out += c;
      ++at;
    }
  }
  return out;
}

}  // namespace

std::optional<nlohmann::json> judge_json(std::string_view text) {
  // To that parser a zero byte is the end of the text; in JSON it may stand nowhere.
  if (text.find('\0') != std::string_view::npos) return std::nullopt;
  nlohmann::json value = nlohmann::json::parse(made_harmless(text), nullptr, false);
  if (value.is_discarded()) return std::nullopt;
  return value;
}

std::size_t nesting(std::string_view text) {
  std::size_t open = 0;
  std::size_t deepest = 0;
  bool in_string = false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (in_string && c == '\\') {
      ++at;
    } else if (c == '"') {
      in_string = !in_string;
    } else if (!in_string && (c == '{' || c == '[')) {
      deepest = std::max(deepest, ++open);
    } else if (!in_string && (c == '}' || c == ']')) {
      --open;
    }
  }
  return deepest;
}

}  // namespace source_sentry
