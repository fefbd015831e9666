#include "engine/expand/visit_budget.h"

namespace source_sentry {

bool VisitBudget::begin_list() {
  const std::scoped_lock lock(mutex_);
  used_up_ = used_up_ || spent_ >= requests_;
  if (!used_up_) ++spent_;
  return !used_up_;
}

void VisitBudget::go_on() {
  const std::scoped_lock lock(mutex_);
  ++spent_;
}

void VisitBudget::give_back() {
  const std::scoped_lock lock(mutex_);
  if (spent_ > 0) --spent_;
}

void VisitBudget::leave(std::uint64_t rows) {
  const std::scoped_lock lock(mutex_);
  rows_left_ += rows;
}

std::uint64_t VisitBudget::rows_left() const {
  const std::scoped_lock lock(mutex_);
  return rows_left_;
}

}  // namespace source_sentry
