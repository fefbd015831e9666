#include "engine/write/refused_records.h"

#include <utility>

#include "engine/fetch/verdict.h"

namespace source_sentry {
namespace {

/// This many are asked for side by side, so waiting for all of them costs no request that the first
/// refusal would have saved. If all are refused, that is not chance.
constexpr std::size_t kMostHeld = 8;

}  // namespace

void RefusedRecords::refused(std::string_view name, const ConnectorError& why) {
  ++refused_on_page_;
  latest_ = why;
  if (any_given_) {
    lose({std::string(name), why});
    return;
  }
  held_.push_back({std::string(name), why});
  if (held_.size() >= kMostHeld) throw held_.front().why;
}

void RefusedRecords::given() {
  any_given_ = given_on_page_ = true;
  for (const Refusal& one : std::exchange(held_, {})) lose(one);
  state_.went_well();
}

void RefusedRecords::lose(const Refusal& one) {
  const ConnectorError why = of_refused_row(one.why);
  kind_ == Kind::kLists ? state_.lose_refused_list(one.name, why)
                        : state_.lose_refused_record(one.name, why);
}

void RefusedRecords::end_page() {
  if (!held_.empty()) throw held_.front().why;
  const bool none = !std::exchange(given_on_page_, false) && refused_on_page_ >= kMostHeld;
  refused_on_page_ = 0;
  if (none) throw *latest_;
}

}  // namespace source_sentry
