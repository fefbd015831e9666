#include "engine/fetch/bad_page.h"

#include <algorithm>
#include <array>
#include <utility>

#include "engine/fetch/row_cursor.h"

namespace source_sentry {
namespace {

/// Each divides the one before and the pages of 100 and 50 rows that servers give, so that places
/// in pages also have page numbers.
constexpr std::array<std::size_t, 3> kSizes = {25, 5, 1};

/// What may stand before a row's number in the cursors of a list that has shown none, in the order
/// in which they are tried.
/// - 0: rows are counted from the list's beginning, as Sentry's generic offsets are, and its lists
///   by id or time, for which 0 is not a bound.
/// - 1: pages of one row each, Sentry's offset paginator for SQL.
/// - 2100-01-01 in milliseconds: rows are counted from the first one whose score is not above that.
///   Only where 0 is a bound as well: Sentry's issue search goes by time, newest first, and finds
///   nothing from 0 down. SQL's paginator would take the number for the rows of a page. It must be
///   a date, because Sentry makes one of it in some lists.
constexpr std::array<std::uint64_t, 3> kBefore = {0, 1, 4'102'444'800'000};
constexpr std::size_t kScore = 2;

std::string cursor_of(std::uint64_t before, std::uint64_t row) {
  return std::to_string(before) + ":" + std::to_string(row) + ":0";
}

}  // namespace

std::string with_page_rows(std::string query, std::size_t rows) {
  const std::string number = std::to_string(rows);
  bool found = false;
  for (const std::string name : {"per_page=", "limit="}) {
    const std::size_t at = ("&" + query).find("&" + name);
    if (at == std::string::npos) continue;
    const std::size_t value = at + name.size();
    query.replace(value, std::min(query.find('&', value), query.size()) - value, number);
    found = true;
  }
  if (found) return query;
  return query + (query.empty() ? "" : "&") + "per_page=" + number;
}

BadPage::BadPage(std::string query, const std::string& cursor, std::size_t rows)
    : query_(std::move(query)), rows_(std::max<std::size_t>(rows, 1)), latest_(cursor) {
  if (!cursor.empty()) learn(cursor, rows_);
  choose_size();
}

/// Learns the kind of cursor from one of them, that of the row at `at_`.
void BadPage::learn(const std::string& cursor, std::size_t page_rows) {
  if (const auto row = row_offset(cursor)) {
    kind_ = Kind::kRowNumber;
    begin_ = *row - std::min<std::uint64_t>(*row, at_);
  } else if (const auto first = first_row_of_page(cursor, page_rows)) {
    kind_ = Kind::kPageNumber;
    begin_ = *first - std::min<std::uint64_t>(*first, at_);
  } else {
    kind_ = is_of_sentry(cursor) ? Kind::kScore : Kind::kOpaque;
  }
}

std::string BadPage::cursor() const {
  const std::uint64_t row = begin_ + at_;
  switch (kind_) {
    case Kind::kRowNumber:
      return row_cursor(row);
    case Kind::kPageNumber: {
      const std::size_t size = done() && row % rows_ == 0 ? rows_ : size_;
      return page_cursor(size, row / size);
    }
    case Kind::kUnknown:
      if (at_ == 0) return {};
      return cursor_of(kBefore.at(guess_), at_);
    default:
      return latest_;
  }
}

std::optional<std::uint64_t> BadPage::row() const {
  if (kind_ == Kind::kScore || kind_ == Kind::kOpaque) return std::nullopt;
  return begin_ + at_ + 1;
}

void BadPage::answered(std::size_t rows, const std::string& next) {
  gave_rows_ = gave_rows_ || rows > 0;
  at_ += rows;
  latest_ = next;
  if (kind_ == Kind::kUnknown) learn(next, size_);
  choose_size();
}

std::optional<std::string> BadPage::first_row_as_guessed() const {
  if (kind_ != Kind::kUnknown || at_ == 0) return std::nullopt;
  return cursor_of(kBefore.at(guess_), 0);
}

BadPage::Failed BadPage::failed(bool cursor_refused) {
  if (kind_ == Kind::kUnknown && at_ > 0) {
    refused_.at(guess_) |= cursor_refused;
    return guess_next();
  }
  if (cursor_refused) return Failed::kStuck;
  if (size_ == 1) return lose_row();
  failed_to_[size_] = at_ + size_;
  choose_size();
  return Failed::kAskLess;
}

BadPage::Failed BadPage::misled() {
  zero_is_bound_ |= guess_ == 0;
  return failed(true);
}

bool BadPage::may_guess(std::size_t guess) const {
  return !refused_.at(guess) && (guess == kScore) == zero_is_bound_;
}

/// Tries the same row in the next form. Once none is left, the row is lost, if the server knows any
/// of them.
BadPage::Failed BadPage::guess_next() {
  while (++guess_ < kBefore.size()) {
    if (may_guess(guess_)) return Failed::kAskLess;
  }
  for (guess_ = 0; guess_ < kBefore.size(); ++guess_) {
    if (may_guess(guess_)) return lose_row();
  }
  guess_ = 0;
  return Failed::kStuck;
}

BadPage::Failed BadPage::lose_row() {
  if (kind_ == Kind::kOpaque) return Failed::kStuck;
  if (kind_ == Kind::kScore) latest_ = rows_behind(latest_, 1).value_or("");
  ++at_;
  choose_size();
  return Failed::kRowLost;
}

/// The largest pages that begin here and have not failed yet.
void BadPage::choose_size() {
  size_ = 1;
  if (kind_ == Kind::kUnknown && at_ > 0) return;
  const auto fits = [&](std::size_t size) {
    const bool aligned =
        at_ % size == 0 && (kind_ != Kind::kPageNumber || (begin_ + at_) % size == 0);
    const auto failed = failed_to_.find(size);
    return size < rows_ && aligned && (failed == failed_to_.end() || at_ >= failed->second);
  };
  const auto* const size = std::find_if(kSizes.begin(), kSizes.end(), fits);
  if (size != kSizes.end()) size_ = *size;
}

std::vector<std::string> BadPage::places_behind() const {
  const std::uint64_t row = begin_ + rows_;
  const std::uint64_t left = rows_ - at_;
  switch (kind_) {
    case Kind::kRowNumber:
      return {row_cursor(row), row_cursor(row + 1)};
    case Kind::kPageNumber:
      return {page_cursor(1, row), page_cursor(1, row + 1)};
    case Kind::kUnknown:
      // Sentry's paginators that count rows ignore the number before.
      return {page_cursor(1, row), row_cursor(row + 1)};
    case Kind::kScore:
      return {rows_behind(latest_, left).value_or(""), rows_behind(latest_, left + 1).value_or("")};
    default:
      return {};
  }
}

std::vector<std::string> BadPage::places_elsewhere() const {
  const std::uint64_t row = begin_ + rows_;
  switch (kind_) {
    case Kind::kRowNumber:
      return {row_cursor(row)};
    case Kind::kPageNumber:
      return {page_cursor(1, row)};
    case Kind::kUnknown:
      return {row_cursor(row), page_cursor(1, row), latest_};
    default:
      return {};
  }
}

}  // namespace source_sentry
