#include "live/notion/text/utf8.h"

namespace source_sentry {
namespace {

constexpr std::uint32_t kReplacement = 0xFFFD;
constexpr std::uint32_t kLastOfOneUnit = 0xFFFF;

std::size_t length_by(unsigned char first) {
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) return 2;
  if (first >= 0xE0 && first <= 0xEF) return 3;
  return first >= 0xF0 && first <= 0xF4 ? 4 : 0;
}

/// Where the longest piece from `begin` on ends.
std::size_t end_of_piece(std::string_view text, std::size_t begin, std::size_t most) {
  std::size_t units = 0;
  for (std::size_t at = begin; at < text.size();) {
    const std::size_t before = at;
    units += next_code_point(text, at) > kLastOfOneUnit ? 2 : 1;
    if (units > most) return before;
  }
  return text.size();
}

}  // namespace

std::uint32_t next_code_point(std::string_view text, std::size_t& at) {
  const auto byte = [&](std::size_t index) { return static_cast<unsigned char>(text[index]); };
  const unsigned char first = byte(at);
  const std::size_t length = length_by(first);
  if (length <= 1 || at + length > text.size()) {
    ++at;
    return length == 1 ? first : kReplacement;
  }
  std::uint32_t code = first & (0x7FU >> length);
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(at + i) & 0xC0U) != 0x80U) {
      ++at;
      return kReplacement;
    }
    code = code << 6 | (byte(at + i) & 0x3FU);
  }
  at += length;
  return code;
}

void add_utf8(std::uint32_t code, std::string& text) {
  const auto add = [&](std::uint32_t byte) { text.push_back(static_cast<char>(byte)); };
  if (code < 0x80) return add(code);
  if (code < 0x800) {
    add(0xC0 | code >> 6);
  } else {
    if (code <= kLastOfOneUnit) {
      add(0xE0 | code >> 12);
    } else {
      add(0xF0 | code >> 18);
      add(0x80 | (code >> 12 & 0x3F));
    }
    add(0x80 | (code >> 6 & 0x3F));
  }
  add(0x80 | (code & 0x3F));
}

std::size_t utf16_units(std::string_view text) {
  std::size_t units = 0;
  for (std::size_t at = 0; at < text.size();) {
    units += next_code_point(text, at) > kLastOfOneUnit ? 2 : 1;
  }
  return units;
}

std::vector<std::string> pieces_of(std::string_view text, std::size_t most) {
  std::vector<std::string> pieces;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = end_of_piece(text, begin, most);
    pieces.emplace_back(text.substr(begin, end - begin));
    begin = end;
  }
  return pieces;
}

std::string first_units(std::string_view text, std::size_t most) {
  return std::string(text.substr(0, end_of_piece(text, 0, most)));
}

}  // namespace source_sentry
