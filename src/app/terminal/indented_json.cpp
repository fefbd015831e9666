#include "app/terminal/indented_json.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cstddef>

#include "base/text.h"

namespace source_sentry {
namespace {

constexpr std::size_t kIndent = 2;

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

/// The size in bytes of the character that `text` begins with.
std::size_t character_size(std::string_view text) {
  const auto first = static_cast<unsigned char>(text.front());
  const std::size_t size = first < 0xC0 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
  return std::min(size, text.size());
}

/// The character's number; `text` has one to three bytes.
unsigned code_point(std::string_view text) {
  const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(text[at]); };
  if (text.size() == 1) return byte(0);
  constexpr unsigned kSix = 0x3F;
  if (text.size() == 2) return (byte(0) & 0x1FU) << 6U | (byte(1) & kSix);
  return (byte(0) & 0x0FU) << 12U | (byte(1) & kSix) << 6U | (byte(2) & kSix);
}

/// Appends the string that `json` begins with, and returns its size there.
std::size_t append_string(std::string_view json, std::string& out) {
  std::size_t at = 1;
  out += '"';
  while (at < json.size()) {
    if (json[at] == '"') {
      out += '"';
      return at + 1;
    }
    const bool escaped = json[at] == '\\';
    const std::string_view one =
        json.substr(at, escaped ? std::size_t{2} : character_size(json.substr(at)));
    const bool is_ascii = one.front() >= ' ' && one.front() < '\x7f';
    if (!is_ascii && without_controls(one) != one) {
      out += fmt::format("\\u{:04x}", code_point(one));
    } else {
      out += one;
    }
    at += one.size();
  }
  return at;
}

}  // namespace

std::string indented_json(std::string_view json) {
  std::string out;
  std::size_t depth = 0;
  const auto new_line = [&] { out.append("\n").append(depth * kIndent, ' '); };
  // What comes after white space, which is not copied.
  const auto next = [&](std::size_t at) {
    while (at < json.size() && is_blank(json[at])) ++at;
    return at;
  };
  for (std::size_t at = next(0); at < json.size(); at = next(at)) {
    const char c = json[at];
    if (c == '"') {
      at += append_string(json.substr(at), out);
      continue;
    }
    ++at;
    if (c == '{' || c == '[') {
      out += c;
      const std::size_t inside = next(at);
      if (inside < json.size() && (json[inside] == '}' || json[inside] == ']')) {
        out += json[inside];
        at = inside + 1;
        continue;
      }
      ++depth;
      new_line();
    } else if (c == '}' || c == ']') {
      depth -= std::min<std::size_t>(depth, 1);
      new_line();
      out += c;
    } else if (c == ',') {
      out += c;
      new_line();
    } else if (c == ':') {
      out += ": ";
    } else {
      out += c;
    }
  }
  return out;
}

}  // namespace source_sentry
