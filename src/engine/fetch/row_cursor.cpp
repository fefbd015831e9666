#include "engine/fetch/row_cursor.h"

#include <charconv>

namespace source_sentry {
namespace {

/// The two numbers of `value:offset:0`, a forward cursor; whole and not negative, or nothing.
struct Numbers {
  std::uint64_t value = 0;
  std::uint64_t offset = 0;
};

std::optional<Numbers> numbers_in(std::string_view cursor) {
  Numbers numbers;
  const char* const end = cursor.data() + cursor.size();
  const auto value = std::from_chars(cursor.data(), end, numbers.value);
  if (value.ec != std::errc() || value.ptr == end || *value.ptr != ':') return std::nullopt;
  const auto offset = std::from_chars(value.ptr + 1, end, numbers.offset);
  if (offset.ec != std::errc()) return std::nullopt;
  if (std::string_view(offset.ptr, static_cast<std::size_t>(end - offset.ptr)) != ":0") {
    return std::nullopt;
  }
  return numbers;
}

}  // namespace

bool is_of_sentry(std::string_view cursor) { return numbers_in(cursor).has_value(); }

std::optional<std::uint64_t> row_offset(std::string_view cursor) {
  const auto numbers = numbers_in(cursor);
  if (!numbers || numbers->value != 0) return std::nullopt;
  return numbers->offset;
}

std::string row_cursor(std::uint64_t offset) { return "0:" + std::to_string(offset) + ":0"; }

std::optional<std::uint64_t> rows_between(std::string_view asked, std::string_view next) {
  const auto from = asked.empty() ? std::optional<std::uint64_t>(0) : row_offset(asked);
  const auto to = row_offset(next);
  if (!from || !to || *to < *from || *to - *from < 2) return std::nullopt;
  return *to - *from;
}

bool is_page_number(std::string_view cursor, std::size_t page_rows) {
  const auto numbers = numbers_in(cursor);
  return numbers && page_rows > 0 && numbers->value == page_rows && numbers->offset > 0;
}

std::optional<std::uint64_t> first_row_of_page(std::string_view cursor, std::size_t page_rows) {
  if (!is_page_number(cursor, page_rows)) return std::nullopt;
  const auto numbers = numbers_in(cursor);
  return numbers->value * numbers->offset;
}

std::string page_cursor(std::size_t page_rows, std::uint64_t page) {
  return std::to_string(page_rows) + ":" + std::to_string(page) + ":0";
}

std::optional<std::string> rows_behind(std::string_view cursor, std::uint64_t rows) {
  const auto numbers = numbers_in(cursor);
  if (!numbers) return std::nullopt;
  return std::to_string(numbers->value) + ":" + std::to_string(numbers->offset + rows) + ":0";
}

}  // namespace source_sentry
