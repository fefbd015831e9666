#include "live/receive/answer_timer.h"

namespace source_sentry {
namespace {

using std::chrono::steady_clock;

/// What is due so soon is done together, so that thousands a second do not wake the thread as
/// often.
constexpr std::chrono::milliseconds kTogether{10};

}  // namespace

AnswerTimer::AnswerTimer(std::chrono::milliseconds span)
    : span_(span), thread_([this](const std::stop_token& stop) { run(stop); }) {}

void AnswerTimer::later(std::function<void()> act) {
  const std::scoped_lock lock(mutex_);
  acts_.emplace_back(steady_clock::now() + span_, std::move(act));
  if (acts_.size() == 1) changed_.notify_one();
}

void AnswerTimer::run(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (changed_.wait(lock, stop, [this] { return !acts_.empty(); })) {
    const Time due = acts_.front().first;
    changed_.wait_until(lock, stop, due, [] { return false; });
    if (stop.stop_requested()) return;
    std::deque<std::function<void()>> now;
    while (!acts_.empty() && acts_.front().first <= due + kTogether) {
      now.push_back(std::move(acts_.front().second));
      acts_.pop_front();
    }
    lock.unlock();
    for (const auto& act : now) act();
    now.clear();
    lock.lock();
  }
}

}  // namespace source_sentry
