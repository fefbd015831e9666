#include "mapping/jq/input.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace source_sentry {
namespace {

constexpr std::size_t kEscape = 6;  // \uXXXX

/// The code unit of the escape `\uXXXX` that `text` begins with; 0 where it begins with none.
unsigned code_unit(std::string_view text) {
  if (text.size() < kEscape || text[0] != '\\' || text[1] != 'u') return 0;
  unsigned unit = 0;
  for (const char c : text.substr(2, 4)) {
    unit = unit * 16 + static_cast<unsigned>(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
  }
  return unit;
}

bool is_high(unsigned unit) { return unit >= 0xD800 && unit < 0xDC00; }
bool is_low(unsigned unit) { return unit >= 0xDC00 && unit < 0xE000; }

/// Copies the string whose opening quote is at `at`; returns the place after it.
std::size_t copy_string(std::string_view json, std::size_t at, std::string& out) {
  std::size_t begin = at;
  for (++at; json[at] != '"';) {
    if (json[at] != '\\') {
      ++at;
      continue;
    }
    const unsigned unit = code_unit(json.substr(at));
    if (is_high(unit) && is_low(code_unit(json.substr(at + kEscape)))) {
      at += 2 * kEscape;
    } else if (is_high(unit) || is_low(unit)) {
      out.append(json, begin, at - begin).append("\\ufffd");
      at += kEscape;
      begin = at;
    } else {
      at += 2;
    }
  }
  out.append(json, begin, at + 1 - begin);
  return at + 1;
}

/// Whether a double holds that number as exactly as its writer could mean it.
bool fits(std::string_view number) {
  constexpr std::string_view kLast = "9007199254740992";
  const std::string_view digits = number.starts_with('-') ? number.substr(1) : number;
  if (digits.find_first_of(".eE") == std::string_view::npos) {
    return digits.size() < kLast.size() || (digits.size() == kLast.size() && digits <= kLast);
  }
  return std::isfinite(std::strtod(std::string(number).c_str(), nullptr));
}

std::size_t copy_number(std::string_view json, std::size_t at, std::string& out) {
  const std::size_t end = std::min(json.find_first_not_of("0123456789+-.eE", at), json.size());
  const std::string_view number = json.substr(at, end - at);
  if (fits(number)) {
    out.append(number);
  } else {
    out.append(1, '"').append(number).append(1, '"');
  }
  return end;
}

}  // namespace

bool jq_input(std::string_view json, std::string& out) {
  out.reserve(out.size() + json.size());
  std::size_t depth = 0;
  for (std::size_t at = 0; at < json.size();) {
    const char c = json[at];
    if (c == '"') {
      at = copy_string(json, at, out);
      continue;
    }
    if (c == '-' || (c >= '0' && c <= '9')) {
      at = copy_number(json, at, out);
      continue;
    }
    if ((c == '{' || c == '[') && ++depth > kDeepestForJq) return false;
    if (c == '}' || c == ']') --depth;
    out += c;
    ++at;
  }
  return true;
}

}  // namespace source_sentry
