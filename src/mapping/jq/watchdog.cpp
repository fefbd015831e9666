#include "mapping/jq/watchdog.h"

#include "base/text.h"

namespace source_sentry {

void JqWork::about(std::string_view stream, std::string_view record) {
  const std::lock_guard lock(mutex_);
  stream_ = stream;
  record_ = record;
}

void JqWork::begin(std::string_view expression) {
  const std::lock_guard lock(mutex_);
  expression_ = expression;
  since_ = Clock::now();
  working_ = true;
}

void JqWork::end() {
  const std::lock_guard lock(mutex_);
  working_ = false;
}

JqWatchdog::JqWatchdog(std::function<void(const StuckWork&)> on_overdue,
                       std::chrono::milliseconds limit)
    : on_overdue_(std::move(on_overdue)), limit_(limit), thread_([this] { look(); }) {}

JqWatchdog::~JqWatchdog() {
  {
    const std::lock_guard lock(mutex_);
    ends_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

std::shared_ptr<JqWork> JqWatchdog::watch() {
  auto work = std::make_shared<JqWork>();
  const std::lock_guard lock(mutex_);
  std::erase_if(watched_, [](const auto& watched) { return watched.expired(); });
  watched_.push_back(work);
  return work;
}

void JqWatchdog::look() {
  constexpr int kLooks = 10;
  std::unique_lock lock(mutex_);
  while (!wake_.wait_for(lock, limit_ / kLooks, [this] { return ends_; })) {
    const std::optional<StuckWork> work = overdue();
    if (!work) continue;
    lock.unlock();
    on_overdue_(*work);
    return;
  }
}

/// The first work that is overdue; nothing where none is.
std::optional<StuckWork> JqWatchdog::overdue() {
  const auto now = JqWork::Clock::now();
  for (const auto& watched : watched_) {
    const std::shared_ptr<JqWork> work = watched.lock();
    if (!work) continue;
    const std::lock_guard lock(work->mutex_);
    if (!work->working_ || now - work->since_ < limit_) continue;
    return StuckWork{work->stream_, work->record_, work->expression_,
                     std::chrono::duration_cast<std::chrono::seconds>(now - work->since_)};
  }
  return std::nullopt;
}

std::string StuckWork::message(const std::string& what) const {
  constexpr std::size_t kShown = 200;
  return stream + (what.empty() ? "" : ", " + what) + ": jq has worked on record " +
         excerpt(record, kShown) + " for " + std::to_string(taken.count()) +
         " s, at the expression " + excerpt(expression, kShown) +
         ". The run was ended; what was written stands. Change the expression so that it ends.";
}

}  // namespace source_sentry
