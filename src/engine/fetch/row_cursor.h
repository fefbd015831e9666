#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace source_sentry {

/// Cursors that are a number of rows. When rows above such a place vanish, those below it move up,
/// and across it. Any other cursor (a score and ties, a time and ties, a token) names a row, and
/// stays with it.

/// Whether it has the form of Sentry's cursors, three numbers; those of other servers mean nothing
/// to us.
bool is_of_sentry(std::string_view cursor);

/// N of `0:N:0`, Sentry's generic offset paginator: the next page begins at row N, counted from 0.
/// Nothing for anything else; a keyset's cursor begins with a score, an id or a time, which is
/// never 0 where rows follow.
std::optional<std::uint64_t> row_offset(std::string_view cursor);

/// The cursor of the page that begins at that row.
std::string row_cursor(std::uint64_t offset);

/// How many rows lie between the page asked for by `asked` (empty: the first) and the one at
/// `next`, where both are row offsets. Nothing for others, nor where `next` leads on less than two
/// rows: one row back from there would lead nowhere.
std::optional<std::uint64_t> rows_between(std::string_view asked, std::string_view next);

/// Whether the cursor is `S:P:0`, page P of pages of S rows each, Sentry's offset paginator for
/// SQL, as given by a page of `page_rows` rows. It uses S * P, and only checks whether more follows
/// when asked for the S that it gave: such a cursor cannot be moved back a row.
bool is_page_number(std::string_view cursor, std::size_t page_rows);

/// The number of the first row of the page at such a cursor, counted from 0; nothing for others.
std::optional<std::uint64_t> first_row_of_page(std::string_view cursor, std::size_t page_rows);

/// The cursor of page `page`, counted from 0, of pages of `page_rows` rows.
std::string page_cursor(std::size_t page_rows, std::uint64_t page);

/// The cursor of a page that begins so many rows later: the middle of a cursor's three numbers is a
/// number of rows after what the first one names. Nothing for any other cursor.
std::optional<std::string> rows_behind(std::string_view cursor, std::uint64_t rows);

}  // namespace source_sentry
