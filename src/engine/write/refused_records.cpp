#include "engine/write/refused_records.h"

#include <utility>

#include "engine/fetch/verdict.h"

namespace source_sentry {
namespace {

/// This many are asked for side by side, so waiting for all of them costs no request that the first
/// refusal would have saved. If all are refused, that is not chance.
constexpr std::size_t kMostHeld = 8;

}  // namespace

void RefusedRecords::refused(std::string_view id, const ConnectorError& why) {
  ++refused_on_page_;
  latest_ = why;
  if (any_given_) {
    state_.lose_refused_record(id, of_refused_row(why));
    return;
  }
  held_.push_back({std::string(id), why});
  if (held_.size() >= kMostHeld) throw held_.front().why;
}

void RefusedRecords::given() {
  any_given_ = given_on_page_ = true;
  for (const Refusal& one : std::exchange(held_, {})) {
    state_.lose_refused_record(one.id, of_refused_row(one.why));
  }
  state_.went_well();
}

void RefusedRecords::end_page() {
  if (!held_.empty()) throw held_.front().why;
  const bool none = !std::exchange(given_on_page_, false) && refused_on_page_ >= kMostHeld;
  refused_on_page_ = 0;
  if (none) throw *latest_;
}

}  // namespace source_sentry
