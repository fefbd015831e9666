#include "live/notion/work/timely_answers.h"

#include <atomic>
#include <utility>

namespace source_sentry {

struct TimelyAnswers::Promise {
  RequestHandler::Respond respond;
  std::atomic<bool> kept = false;

  void keep(HttpAnswer answer) {
    if (!kept.exchange(true)) respond(std::move(answer));
  }
};

TimelyAnswers::TimelyAnswers(std::chrono::milliseconds time, HttpAnswer late)
    : time_(time),
      late_(std::move(late)),
      thread_([this](const std::stop_token& stop) { run(stop); }) {}

TimelyAnswers::~TimelyAnswers() {
  thread_.request_stop();
  thread_.join();
  for (const auto& [when, waiting] : waiting_) {
    if (const auto promise = waiting.lock()) promise->keep(late_);
  }
}

RequestHandler::Respond TimelyAnswers::watch(RequestHandler::Respond respond) {
  auto promise = std::make_shared<Promise>();
  promise->respond = std::move(respond);
  {
    const std::scoped_lock lock(mutex_);
    waiting_.emplace(std::chrono::steady_clock::now() + time_, promise);
  }
  changed_.notify_one();
  return [promise](HttpAnswer answer) { promise->keep(std::move(answer)); };
}

void TimelyAnswers::run(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested()) {
    if (waiting_.empty()) {
      changed_.wait(lock, stop, [this] { return !waiting_.empty(); });
      continue;
    }
    const Time first = waiting_.begin()->first;
    changed_.wait_until(lock, stop, first, [this, first] {
      return waiting_.begin()->first < first || std::chrono::steady_clock::now() >= first;
    });
    if (stop.stop_requested() || std::chrono::steady_clock::now() < first) continue;
    const auto promise = waiting_.begin()->second.lock();
    waiting_.erase(waiting_.begin());
    lock.unlock();
    if (promise) promise->keep(late_);
    lock.lock();
  }
}

}  // namespace source_sentry
