#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace source_sentry {

/// A list's parameters with pages of `rows` rows: `per_page` and `limit` are set, or added.
std::string with_page_rows(std::string query, std::size_t rows);

/// A page that the server always fails on, read in smaller ones: what fails is asked for in parts,
/// down to a single row, which is skipped where the server's cursors allow it. Pure: it says what
/// to ask for and is told the result.
///
/// Cursors that are rows' numbers, page numbers, or a score and a number of rows behind it can be
/// moved by a row. Opaque ones, like GlitchTip's, only lead on from a page that was answered.
class BadPage {
 public:
  /// `query`: the list's parameters. `cursor`: the page's; empty for the first. `rows`: about how
  /// many it has.
  BadPage(std::string query, const std::string& cursor, std::size_t rows);

  /// What to ask for next.
  std::string query() const { return with_page_rows(query_, size_); }
  std::string cursor() const;
  /// Whether that is a single row.
  bool single() const { return size_ == 1; }
  /// The cursor of the list's first row in the form in which `cursor()` is guessed; nothing where
  /// it is not. That row failed, so a form that shows nothing there is not the server's, and
  /// nothing that it shows is the list's end.
  std::optional<std::string> first_row_as_guessed() const;
  /// Its number in the list, counted from 1, if the cursors tell.
  std::optional<std::uint64_t> row() const;

  /// It was answered, with so many rows and the server's own cursor for what follows.
  void answered(std::size_t rows, const std::string& next);

  enum class Failed {
    kAskLess,  ///< a part of it comes next, or the same in another form
    kRowLost,  ///< it was a single row, which is skipped
    kStuck,    ///< nothing leads past it
  };
  /// It failed as well. `cursor_refused`: because the server does not accept such a cursor.
  Failed failed(bool cursor_refused);
  /// It was answered with nothing, and so was `first_row_as_guessed`.
  Failed misled();

  /// Whether the page is finished: `cursor()` is that of the page after it.
  bool done() const { return at_ >= rows_; }
  /// Whether any of its rows was read.
  bool gave_rows() const { return gave_rows_; }

  /// Cursors of two rows after the page, since one may also be bad. None where no cursor can be
  /// made.
  std::vector<std::string> places_behind() const;
  /// Whether the form of `cursor()` is only guessed: no page of the list has shown one.
  bool guesses() const { return kind_ == Kind::kUnknown; }

  /// Cursors of other places of the list, to see whether the server answers there: those after the
  /// page, the likelier one first, and for a first page its first row. None where no cursor can be
  /// made.
  std::vector<std::string> places_elsewhere() const;

 private:
  enum class Kind { kUnknown, kRowNumber, kPageNumber, kScore, kOpaque };

  void learn(const std::string& cursor, std::size_t page_rows);
  void choose_size();
  Failed lose_row();
  bool may_guess(std::size_t guess) const;
  Failed guess_next();

  std::string query_;
  std::size_t rows_;
  Kind kind_ = Kind::kUnknown;
  std::uint64_t begin_ = 0;  // number of its first row, from 0, where the cursors tell
  std::string latest_;       // cursor of the row to resume at, if it is not a number
  std::size_t at_ = 0;       // rows of it that are read or lost
  std::size_t size_ = 1;
  std::map<std::size_t, std::size_t> failed_to_;  // by size of what failed: the row after it
  std::size_t guess_ = 0;                         // which form of a first cursor is tried
  std::array<bool, 3> refused_{};                 // which of them the server does not know
  bool zero_is_bound_ = false;                    // 0 for a score shows no row at all
  bool gave_rows_ = false;
};

}  // namespace source_sentry
