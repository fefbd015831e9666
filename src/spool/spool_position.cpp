#include "spool/spool_position.h"

#include <charconv>
#include <cstddef>

namespace source_sentry {
namespace {

constexpr std::size_t kSegmentDigits = 8;
constexpr std::size_t kOffsetDigits = 10;

std::string padded(std::uint64_t number, std::size_t digits) {
  std::string text = std::to_string(number);
  if (text.size() < digits) text.insert(0, digits - text.size(), '0');
  return text;
}

/// Reads digits alone.
bool read_number(std::string_view digits, std::uint64_t& number) {
  const char* const end = digits.data() + digits.size();
  const auto [stop, failed] = std::from_chars(digits.data(), end, number);
  return failed == std::errc() && stop == end;
}

}  // namespace

std::string to_text(SpoolPosition position) {
  return padded(position.segment, kSegmentDigits) + "-" + padded(position.offset, kOffsetDigits);
}

std::optional<SpoolPosition> parse_position(std::string_view text) {
  SpoolPosition position;
  if (text.size() != kSegmentDigits + 1 + kOffsetDigits || text[kSegmentDigits] != '-' ||
      !read_number(text.substr(0, kSegmentDigits), position.segment) ||
      !read_number(text.substr(kSegmentDigits + 1), position.offset)) {
    return std::nullopt;
  }
  return position;
}

}  // namespace source_sentry
