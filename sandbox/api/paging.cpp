#include "sandbox/api/paging.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <ranges>
#include <vector>

namespace sandbox {
namespace {

std::optional<std::int64_t> parse_whole(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) {
    return std::nullopt;
  }
  return value;
}

std::optional<std::int64_t> parse_value(std::string_view text) {
  const std::size_t dot = text.find('.');
  if (dot == std::string_view::npos) return parse_whole(text);
  if (!parse_whole("0" + std::string(text.substr(dot + 1)))) return std::nullopt;
  return parse_whole(text.substr(0, dot));
}

std::int64_t floor_div(std::int64_t a, std::int64_t b) {
  return a / b - (a % b != 0 && (a < 0) != (b < 0) ? 1 : 0);
}
std::int64_t ceil_div(std::int64_t a, std::int64_t b) { return -floor_div(-a, b); }

std::string link_entry(std::string_view url, std::string_view query, std::string_view relation,
                       const Cursor& cursor, bool results) {
  const std::string text = cursor.text();
  std::string entry = "<";
  entry.append(url).append("?").append(query).append("&cursor=").append(text);
  entry.append(">; rel=\"").append(relation).append("\"; results=\"");
  entry.append(results ? "true" : "false").append("\"; cursor=\"").append(text).append("\"");
  return entry;
}

/// The rows a keyset cursor selects, before they are cut to a page: `rows` as the page lists them.
struct Fetched {
  std::vector<std::size_t> rows;
  std::int64_t cursor_value = 0;
  std::int64_t cursor_offset = 0;
  bool is_prev = false;
};

Fetched fetch_keyset(const Keyset& keys, std::size_t size, const std::optional<Cursor>& cursor) {
  Fetched fetched;
  fetched.cursor_value = cursor ? cursor->value : 0;
  fetched.cursor_offset = cursor ? std::max<std::int64_t>(0, cursor->offset) : 0;
  fetched.is_prev = cursor && cursor->is_prev;
  const std::int64_t edge = fetched.cursor_value * keys.scale;
  // Keys descend, so what a cursor selects is one end of the list.
  const auto rows_while = [&](auto fits) {
    const auto rows = std::views::iota(std::size_t{0}, keys.total);
    return static_cast<std::size_t>(std::ranges::partition_point(rows, fits) - rows.begin());
  };
  const auto above = [&](std::size_t row) { return keys.key_of(row) > edge; };
  const auto not_below = [&](std::size_t row) { return keys.key_of(row) >= edge; };
  const bool limited = fetched.cursor_value != 0;
  const std::size_t begin = limited && !fetched.is_prev ? rows_while(above) : 0;
  const std::size_t end = limited && fetched.is_prev ? rows_while(not_below) : keys.total;
  // Going back, rows are read in the opposite order and turned around afterwards.
  const bool with_before = fetched.is_prev && limited;
  const std::size_t skip = std::min(end - begin, static_cast<std::size_t>(fetched.cursor_offset));
  const std::size_t take = std::min(end - begin - skip, size + 1 + (with_before ? 1 : 0));
  for (std::size_t i = skip; i < skip + take; ++i) {
    fetched.rows.push_back(fetched.is_prev ? end - 1 - i : begin + i);
  }
  if (with_before && !fetched.rows.empty()) {
    // The row the cursor was made from is left out when it still has that key.
    if (floor_div(keys.key_of(fetched.rows.front()), keys.scale) == fetched.cursor_value) {
      fetched.rows.erase(fetched.rows.begin());
    } else if (take == size + 2) {
      fetched.rows.pop_back();
    }
  }
  if (fetched.is_prev) std::reverse(fetched.rows.begin(), fetched.rows.end());
  return fetched;
}

}  // namespace

std::string Cursor::text() const {
  return std::to_string(value) + ":" + std::to_string(offset) + (is_prev ? ":1" : ":0");
}

std::optional<Cursor> parse_cursor(std::string_view text) {
  std::array<std::string_view, 3> parts;
  for (std::size_t i = 0; i < 2; ++i) {
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos) return std::nullopt;
    parts[i] = text.substr(0, colon);
    text.remove_prefix(colon + 1);
  }
  parts[2] = text;
  const auto value = parse_value(parts[0]);
  const auto offset = parse_whole(parts[1]);
  const auto is_prev = parse_whole(parts[2]);
  if (!value || !offset || !is_prev) return std::nullopt;
  return Cursor{*value, *offset, *is_prev != 0};
}

Page row_offset_page(std::size_t total, std::size_t size, const std::optional<Cursor>& cursor) {
  const std::int64_t offset = cursor ? cursor->offset : 0;
  const auto step = static_cast<std::int64_t>(size);
  Page page;
  page.first = std::min(total, static_cast<std::size_t>(std::max<std::int64_t>(0, offset)));
  page.count = std::min(size, total - page.first);
  page.links.previous = {0, std::max<std::int64_t>(0, offset - step), true};
  page.links.has_previous = offset > 0;
  page.links.next = {0, std::max<std::int64_t>(0, offset + step), false};
  page.links.has_next = total - page.first > size;
  return page;
}

std::optional<Page> page_number_page(std::size_t total, std::size_t size,
                                     const std::optional<Cursor>& cursor) {
  const std::int64_t number = cursor ? cursor->offset : 0;
  const std::int64_t old_size = cursor ? cursor->value : 0;
  const std::int64_t offset = number * old_size;
  if (offset < 0 || old_size < 0) return std::nullopt;
  const auto step = static_cast<std::int64_t>(size);
  const std::size_t first = std::min(total, static_cast<std::size_t>(offset));
  std::size_t fetched =
      std::min(total - first, static_cast<std::size_t>(old_size != 0 ? old_size : step) + 1);
  Page page;
  page.first = first;
  if (old_size != step && fetched > size + 1) {
    page.first += fetched - (size + 1);
    fetched = size + 1;
  }
  page.count = std::min(fetched, size);
  page.links.previous = {step, number - 1, true};
  page.links.has_previous = number > 0;
  page.links.next = {step, number + 1, false};
  page.links.has_next = fetched > size;
  return page;
}

Page score_page(std::span<const std::int64_t> scores, std::size_t size,
                const std::optional<Cursor>& cursor) {
  const bool back = cursor && cursor->is_prev;
  const std::int64_t value = cursor ? cursor->value : 0;
  // The search itself is limited by the cursor; positions count within what is left.
  const auto descending = std::greater<std::int64_t>();
  std::size_t begin = 0;
  std::size_t end = scores.size();
  if (cursor) {
    const auto from = std::lower_bound(scores.begin(), scores.end(), value, descending);
    const auto upto = std::upper_bound(scores.begin(), scores.end(), value, descending);
    if (back) {
      end = static_cast<std::size_t>(upto - scores.begin());
    } else {
      begin = static_cast<std::size_t>(from - scores.begin());
    }
  }
  const std::span<const std::int64_t> left = scores.subspan(begin, end - begin);
  const auto ties_before = [&](std::int64_t score, std::size_t position) {
    const auto first = std::lower_bound(
        left.begin(), left.begin() + static_cast<std::ptrdiff_t>(position), score, descending);
    return static_cast<std::int64_t>(position) - (first - left.begin());
  };
  const auto length = static_cast<std::int64_t>(left.size());
  std::int64_t position = 0;
  if (cursor && value == 0) {
    position = back ? length : 0;
  } else if (cursor) {
    position = std::lower_bound(left.begin(), left.end(), value, descending) - left.begin();
  }
  position += cursor ? cursor->offset : 0;
  const auto step = static_cast<std::int64_t>(size);
  const std::int64_t high =
      back ? std::clamp<std::int64_t>(position, 0, length)
           : std::min(std::clamp<std::int64_t>(position, 0, length) + step, length);
  const std::int64_t low =
      back ? std::max<std::int64_t>(high - step, 0) : std::clamp<std::int64_t>(position, 0, length);
  Page page;
  page.first = begin + static_cast<std::size_t>(low);
  page.count = static_cast<std::size_t>(high - low);
  if (left.empty()) {
    page.links.previous = {value, cursor ? cursor->offset : 0, true};
    page.links.next = {value, cursor ? cursor->offset : 0, false};
  } else {
    const std::int64_t previous = left[static_cast<std::size_t>(std::min(low, length - 1))];
    const std::int64_t next = left[static_cast<std::size_t>(std::min(high, length - 1))];
    page.links.previous = {previous, ties_before(previous, static_cast<std::size_t>(low)), true};
    page.links.has_previous = low > 0;
    page.links.next = {next, ties_before(next, static_cast<std::size_t>(high)), false};
    page.links.has_next = high < length;
  }
  // Sentry cannot know what lies before a cursor, so it always offers to look.
  if (cursor && (!back || page.count > 0)) page.links.has_previous = true;
  return page;
}

Page keyset_page(const Keyset& keys, std::size_t size, const std::optional<Cursor>& cursor) {
  const Fetched fetched = fetch_keyset(keys, size, cursor);
  const auto& rows = fetched.rows;
  const auto up = [&](std::size_t row) { return ceil_div(keys.key_of(row), keys.scale); };
  const auto down = [&](std::size_t row) { return floor_div(keys.key_of(row), keys.scale); };
  const bool more = rows.size() > size;
  Page page;
  page.count = std::min(rows.size(), size);
  if (!rows.empty()) page.first = fetched.is_prev && more ? rows[1] : rows[0];

  std::int64_t value = fetched.cursor_value;
  if (value == 0 && !rows.empty()) value = up(rows.front());
  if (fetched.is_prev) {
    page.links.next = {value, 0, false};
    page.links.has_next = true;
  } else if (rows.empty()) {
    page.links.next = {value, fetched.cursor_offset, false};
  } else {
    const std::int64_t next = up(rows.back());
    std::int64_t ties = 0;
    if (next == value) {
      ties = fetched.cursor_offset + static_cast<std::int64_t>(size);
    } else {
      // Rows of this page that share the next page's key must be skipped there.
      for (std::size_t i = rows.size() - (more ? 1 : 0); i > 0 && up(rows[i - 1]) <= next; --i)
        ++ties;
    }
    page.links.next = {next, ties, false};
    page.links.has_next = more;
  }

  const bool has_previous =
      fetched.is_prev ? more : fetched.cursor_value != 0 || fetched.cursor_offset != 0;
  std::int64_t previous = 0;
  std::int64_t ties = fetched.is_prev ? fetched.cursor_offset : 0;
  if (!rows.empty()) previous = down(fetched.is_prev && has_previous ? rows[1] : rows[0]);
  if (fetched.is_prev && !rows.empty()) {
    if (previous == fetched.cursor_value) {
      ties = fetched.cursor_offset + static_cast<std::int64_t>(size);
    } else {
      ties = 0;
      for (std::size_t i = (has_previous ? 1U : 0U) + 1;
           i < rows.size() && down(rows[i]) >= previous; ++i)
        ++ties;
    }
  }
  page.links.previous = {previous, ties, true};
  page.links.has_previous = has_previous;
  return page;
}

std::string link_header(std::string_view url, std::string_view query, const PageLinks& links) {
  return link_entry(url, query, "previous", links.previous, links.has_previous) + ", " +
         link_entry(url, query, "next", links.next, links.has_next);
}

}  // namespace sandbox
