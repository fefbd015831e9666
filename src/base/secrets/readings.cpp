#include "base/secrets/readings.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <optional>
#include <utility>

#include "base/text.h"

namespace source_sentry {
namespace {

/// How deep escapes may be nested.
constexpr int kMostEscapings = 4;
/// Shorter runs of digits hold no real secret.
constexpr std::size_t kShortestRun = 8;

void put(Reading& reading, char byte, std::size_t from, std::size_t to) {
  reading.text += byte;
  reading.from.push_back(from);
  reading.to.push_back(to);
}

std::optional<unsigned> number(std::string_view digits, int base) {
  unsigned value = 0;
  const char* const end = digits.data() + digits.size();
  const auto parsed = std::from_chars(digits.data(), end, value, base);
  if (digits.empty() || parsed.ec != std::errc() || parsed.ptr != end) return std::nullopt;
  return value;
}

/// A code point below the surrogates, in UTF-8.
std::string in_utf8(unsigned code) {
  if (code < 0x80) return {static_cast<char>(code)};
  if (code < 0x800) {
    return {static_cast<char>(0xC0U | code >> 6), static_cast<char>(0x80U | (code & 0x3FU))};
  }
  return {static_cast<char>(0xE0U | code >> 12), static_cast<char>(0x80U | (code >> 6 & 0x3FU)),
          static_cast<char>(0x80U | (code & 0x3FU))};
}

struct Escape {
  std::string meaning;
  std::size_t length;
};

std::optional<Escape> escape_of_digits(std::string_view text, std::size_t begin,
                                       std::size_t count) {
  if (text.size() < begin + count) return std::nullopt;
  const auto code = number(text.substr(begin, count), 16);
  if (!code) return std::nullopt;
  // A %XX or \xXX means a byte.
  return Escape{count == 2 ? std::string(1, static_cast<char>(*code)) : in_utf8(*code),
                begin + count};
}

std::optional<Escape> entity(std::string_view text) {
  constexpr std::array<std::pair<std::string_view, char>, 5> kNamed = {
      {{"amp", '&'}, {"lt", '<'}, {"gt", '>'}, {"quot", '"'}, {"apos", '\''}}};
  constexpr std::size_t kLongest = 10;
  const std::size_t end = text.substr(0, kLongest).find(';');
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view name = text.substr(1, end - 1);
  for (const auto& [known, meaning] : kNamed) {
    if (name == known) return Escape{std::string(1, meaning), end + 1};
  }
  return std::nullopt;
}

/// `&#61;`, also without the semicolon, which browsers do not need.
std::optional<Escape> entity_by_number(std::string_view text) {
  constexpr std::size_t kMostDigits = 7;
  const bool hexadecimal = text.substr(2, 1) == "x" || text.substr(2, 1) == "X";
  const std::size_t begin = hexadecimal ? 3 : 2;
  if (text.size() <= begin) return std::nullopt;
  const std::string_view digits = text.substr(begin, kMostDigits);
  const std::size_t count =
      std::min(digits.find_first_not_of(hexadecimal ? "0123456789abcdefABCDEF" : "0123456789"),
               digits.size());
  const auto code = number(digits.substr(0, count), hexadecimal ? 16 : 10);
  if (!code || *code > 0xFFFF) return std::nullopt;
  const bool ended = text.substr(begin + count).starts_with(';');
  return Escape{in_utf8(*code), begin + count + (ended ? 1 : 0)};
}

/// A tag such as `<wbr>`, which shows nothing.
std::optional<Escape> tag(std::string_view text) {
  constexpr std::size_t kLongest = 16;
  const std::size_t end = text.substr(1, kLongest).find_first_of("<>");
  if (end == std::string_view::npos || end == 0 || text[1 + end] != '>') return std::nullopt;
  return Escape{"", end + 2};
}

/// `\u{3d}`
std::optional<Escape> escape_in_braces(std::string_view text) {
  constexpr std::size_t kMostDigits = 6;
  const std::size_t end = text.substr(3, kMostDigits + 1).find('}');
  if (end == std::string_view::npos) return std::nullopt;
  const auto code = number(text.substr(3, end), 16);
  if (!code || *code > 0xFFFF) return std::nullopt;
  return Escape{in_utf8(*code), end + 4};
}

std::optional<Escape> backslash(std::string_view text) {
  constexpr std::string_view kThemselves = "\\/\"'";
  if (text.size() < 2) return std::nullopt;
  if (text[1] == 'u' && text.substr(2, 1) == "{") return escape_in_braces(text);
  if (text[1] == 'u') return escape_of_digits(text, 2, 4);
  if (text[1] == 'U' && text.substr(2, 4) == "0000") return escape_of_digits(text, 6, 4);
  if (const auto octal = number(text.substr(1, 3), 8); octal && text.size() > 3 && *octal < 0x100) {
    return Escape{std::string(1, static_cast<char>(*octal)), 4};
  }
  if (text[1] == 'x') return escape_of_digits(text, 2, 2);
  if (text[1] == 'n' || text[1] == 'r' || text[1] == 't') return Escape{" ", 2};
  if (kThemselves.find(text[1]) != std::string_view::npos) return Escape{{text[1]}, 2};
  return std::nullopt;
}

/// What stands in angle brackets is a tag to some, and a text with marks around it to others.
enum class Tags { kKept, kDropped };

bool has_tag(std::string_view text) {
  for (std::size_t at = 0; (at = text.find('<', at)) != std::string_view::npos; ++at) {
    if (tag(text.substr(at))) return true;
  }
  return false;
}

/// The escape that a text begins with.
std::optional<Escape> escape_at(std::string_view text, Tags tags) {
  switch (text.front()) {
    case '%':
      return text.substr(1, 1) == "u" ? escape_of_digits(text, 2, 4) : escape_of_digits(text, 1, 2);
    case '<':
      return tags == Tags::kDropped ? tag(text) : std::nullopt;
    case '\\':
      return backslash(text);
    case '&':
      return text.substr(1, 1) == "#" ? entity_by_number(text) : entity(text);
    default:
      return std::nullopt;
  }
}

/// The length of the part of an escape that excerpt() has cut in two here; 0 where it has not.
std::size_t half_escape(std::string_view text) {
  constexpr std::size_t kLongest = 9;
  if (text.front() != '%' && text.front() != '\\' && text.front() != '&') return 0;
  const std::size_t cut = text.substr(0, kLongest + kCut.size()).find(kCut);
  if (cut == std::string_view::npos) return 0;
  const std::string_view inside = text.substr(1, cut - 1);
  return inside.find_first_not_of("0123456789abcdefABCDEFuUx#{") == std::string_view::npos ? cut
                                                                                           : 0;
}

/// Nothing where there are none.
std::optional<Reading> without_escapes(const Reading& of, Tags tags) {
  Reading reading;
  reading.shortest = of.shortest;
  for (std::size_t at = 0; at < of.text.size();) {
    const std::string_view rest = std::string_view(of.text).substr(at);
    if (const auto escape = escape_at(rest, tags)) {
      for (const char byte : escape->meaning) {
        put(reading, byte, of.from[at], of.to[at + escape->length - 1]);
      }
      at += escape->length;
    } else if (const std::size_t half = half_escape(rest); half > 0) {
      at += half;
    } else {
      put(reading, of.text[at], of.from[at], of.to[at]);
      ++at;
    }
  }
  if (reading.text.size() == of.text.size()) return std::nullopt;
  return reading;
}

template <typename Kept>
Reading only(const Reading& of, std::size_t shortest, Kept kept) {
  Reading reading;
  reading.shortest = shortest;
  for (std::size_t at = 0; at < of.text.size(); ++at) {
    if (kept(of.text[at])) put(reading, of.text[at], of.from[at], of.to[at]);
  }
  return reading;
}

Reading without_space(const Reading& of) {
  return only(of, std::max(of.shortest, kShortestJoined), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte > ' ' && byte != 0x7f;
  });
}

constexpr std::uint8_t kNoDigit = 0xFF;

/// Of Base64, including its alphabet for URLs.
std::uint8_t sextet(char c) {
  if (c >= 'A' && c <= 'Z') return static_cast<std::uint8_t>(c - 'A');
  if (c >= 'a' && c <= 'z') return static_cast<std::uint8_t>(c - 'a' + 26);
  if (c >= '0' && c <= '9') return static_cast<std::uint8_t>(c - '0' + 52);
  if (c == '+' || c == '-') return 62;
  return c == '/' || c == '_' ? 63 : kNoDigit;
}

std::uint8_t nibble(char c) {
  if (c >= '0' && c <= '9') return static_cast<std::uint8_t>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<std::uint8_t>(c - 'a' + 10);
  return c >= 'A' && c <= 'F' ? static_cast<std::uint8_t>(c - 'A' + 10) : kNoDigit;
}

/// The bytes that all runs of digits stand for, each read from digit number `skipped` on. A zero
/// byte comes before each run.
Reading decoded(const Reading& of, std::uint8_t (*digit)(char), unsigned bits,
                std::size_t skipped) {
  Reading reading;
  reading.shortest = kShortestJoined;
  for (std::size_t begin = 0; begin < of.text.size();) {
    std::size_t end = begin;
    while (end < of.text.size() && digit(of.text[end]) != kNoDigit) ++end;
    if (end - begin >= kShortestRun) {
      put(reading, '\0', of.from[begin], of.from[begin]);
      std::uint32_t value = 0;
      unsigned have = 0;
      std::size_t first = begin + skipped;  // digit of the byte at hand
      for (std::size_t at = first; at < end; ++at) {
        value = value << bits | digit(of.text[at]);
        have += bits;
        if (have < 8) continue;
        have -= 8;
        put(reading, static_cast<char>(value >> have & 0xFFU), of.from[first], of.to[at]);
        first = have > 0 ? at : at + 1;
      }
    }
    begin = end + 1;
  }
  return reading;
}

void add_readings(std::vector<Reading>& readings, const Reading& text, int depth);

/// A text as it is, and as what its words and digits may be put together to.
void add_joined(std::vector<Reading>& readings, Reading text, int depth) {
  Reading dense = without_space(text);
  Reading letters = only(text, kShortestOfLetters, is_letter_or_digit);
  readings.push_back(std::move(text));
  if (depth > 0) {
    for (std::size_t skipped = 0; skipped < 4; ++skipped) {
      add_readings(readings, decoded(dense, sextet, 6, skipped), depth - 1);
    }
    for (std::size_t skipped = 0; skipped < 2; ++skipped) {
      add_readings(readings, decoded(letters, nibble, 4, skipped), 0);
    }
  }
  readings.push_back(std::move(dense));
  readings.push_back(std::move(letters));
}

/// Whether a tag was seen in any of them.
bool add_unescaped(std::vector<Reading>& readings, Reading text, int depth, Tags tags) {
  bool tag_seen = false;
  // Each is joined and decoded, not the last one alone: what looks like an escape may be a sign
  // before digits that mean something else, and takes the first of them with it.
  for (int i = 0;; ++i) {
    tag_seen = tag_seen || has_tag(text.text);
    auto simpler = i < kMostEscapings ? without_escapes(text, tags) : std::nullopt;
    add_joined(readings, std::move(text), depth);
    if (!simpler) return tag_seen;
    text = *std::move(simpler);
  }
}

void add_readings(std::vector<Reading>& readings, const Reading& text, int depth) {
  if (text.text.empty()) return;
  if (!add_unescaped(readings, text, depth, Tags::kKept)) return;
  // On top: with a tag goes what is in it.
  if (auto simpler = without_escapes(text, Tags::kDropped)) {
    add_unescaped(readings, *std::move(simpler), depth, Tags::kDropped);
  }
}

}  // namespace

std::vector<Reading> readings_of(std::string_view text) {
  Reading as_it_is;
  for (std::size_t at = 0; at < text.size(); ++at) put(as_it_is, text[at], at, at + 1);
  std::vector<Reading> readings;
  // Base64 may encode Base64 again.
  add_readings(readings, as_it_is, 2);
  return readings;
}

}  // namespace source_sentry
