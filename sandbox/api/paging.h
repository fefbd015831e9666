#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace sandbox {

/// A position in a list: `value:offset:is_prev`. What value and offset mean is up to the paginator
/// (sentry-api.md 2.2).
struct Cursor {
  std::int64_t value = 0;
  std::int64_t offset = 0;
  bool is_prev = false;

  std::string text() const;
};

/// Reads a cursor; nothing when it is malformed. A value with a dot is cut to its whole part.
std::optional<Cursor> parse_cursor(std::string_view text);

/// Both entries of a Link header. A cursor is sent even where there are no results.
struct PageLinks {
  Cursor previous;
  bool has_previous = false;
  Cursor next;
  bool has_next = false;
};

/// Which rows of the whole list a page shows, and its links.
struct Page {
  std::size_t first = 0;
  std::size_t count = 0;
  PageLinks links;
};

/// The four paginators. Each takes the list's length or its keys, the page size and the cursor of
/// the request, if there was one. Rows must already be in their order.

/// `0:row:0`: project events. The next page starts a page size further, whatever the cursor's
/// value.
Page row_offset_page(std::size_t total, std::size_t size, const std::optional<Cursor>& cursor);

/// `size:page:0`: projects, releases. Nothing for a negative offset, which Sentry refuses. A
/// changed page size shows the tail of the old page, as Sentry does.
std::optional<Page> page_number_page(std::size_t total, std::size_t size,
                                     const std::optional<Cursor>& cursor);

/// `score:ties:0`: issue search. `scores` descend. A cursor keeps only what scores no higher (for
/// previous pages: no lower) than itself.
Page score_page(std::span<const std::int64_t> scores, std::size_t size,
                const std::optional<Cursor>& cursor);

/// `key:ties:0`: lists in descending order of an id (scale 1) or a time in microseconds, whose
/// cursors hold milliseconds (scale 1000). `key_of` gives a row's id or microseconds.
struct Keyset {
  std::size_t total = 0;
  std::int64_t scale = 1;
  std::function<std::int64_t(std::size_t)> key_of;
};
Page keyset_page(const Keyset& keys, std::size_t size, const std::optional<Cursor>& cursor);

/// The Link header: `url` without query, `query` without cursor (sentry-api.md 2.1).
std::string link_header(std::string_view url, std::string_view query, const PageLinks& links);

}  // namespace sandbox
