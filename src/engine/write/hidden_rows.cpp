#include "engine/write/hidden_rows.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace source_sentry {
namespace {

constexpr std::size_t kMostTries = 3;
/// A cursor steps over a hundred rows of one time at most, so a row that comes again was on one of
/// the latest pages.
constexpr std::size_t kPagesKept = 5;

}  // namespace

void HiddenRows::begin_page(std::string cursor) {
  pages_.push_back({std::move(cursor), places_});
  if (pages_.size() > kPagesKept) pages_.pop_front();
}

void HiddenRows::add(const RecordPage& page) {
  const std::uint64_t others = page.empty + page.not_objects;
  places_ += page.records.size() + others;
  different_ += others;
  for (const RecordView& row : page.records) {
    const bool listed = listed_.seen_before(row.id, row.cursor);
    const bool in_pass = again_ && again_->earlier.seen_before(row.id, row.cursor);
    const bool beside = pages_.back().rows.seen_before(row.id, row.cursor);
    if (!listed || beside) {
      ++different_;
    } else if (!again_) {
      note_repeat(row);
    } else if (in_pass) {
      again_->repeats = true;
    }
  }
}

/// The row was listed before. If none of the latest pages had it, no page's edge hides another.
void HiddenRows::note_repeat(const RecordView& row) {
  const auto here = std::prev(pages_.end());
  const auto first = std::find_if(pages_.begin(), here, [&](const Page& page) {
    return page.rows.contain(row.id, row.cursor);
  });
  if (first == here) {
    ++different_;
  } else if (!from_ || first->at < from_->at) {
    from_ = Page{first->cursor, first->at};
  }
}

bool HiddenRows::in_doubt(bool last) {
  if (missing_ > 0) return false;
  if (again_) {
    if (places_ < again_->until && !last) return false;
    // This time no page repeated a row of another.
    if (!again_->repeats) different_ = std::max(different_, places_);
  }
  if (different_ < places_) return true;
  settle();
  return false;
}

std::optional<std::string> HiddenRows::go_back(const std::string& onward) {
  if (tries_ == kMostTries || !from_) {
    missing_ = places_ - different_;
    settle();
    return std::nullopt;
  }
  const std::uint64_t until = std::max(places_, again_ ? again_->until : 0);
  if (tries_++ == 0) {
    again_.emplace(Again{until, places_ - different_, onward});
  } else {
    again_.emplace(Again{until, again_->missing, std::move(again_->onward)});
  }
  pages_.clear();
  places_ = from_->at;
  return from_->cursor;
}

std::string HiddenRows::give_up() {
  missing_ = again_->missing;
  std::string onward = std::move(again_->onward);
  settle();
  return onward;
}

/// From here on there are as many rows as places, whatever the counts were: rows may have been
/// deleted meanwhile.
void HiddenRows::settle() {
  again_.reset();
  from_.reset();
  tries_ = 0;
  different_ = places_;
}

}  // namespace source_sentry
