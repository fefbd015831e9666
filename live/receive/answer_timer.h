#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <stop_token>
#include <thread>
#include <utility>

namespace source_sentry {

/// Does things a while after they were asked for, always the same while, on a thread of its own.
/// What is not due at its end is not done. Thread-safe.
class AnswerTimer {
 public:
  explicit AnswerTimer(std::chrono::milliseconds span);

  /// `act` must not block, nor throw.
  void later(std::function<void()> act);

 private:
  using Time = std::chrono::steady_clock::time_point;

  void run(const std::stop_token& stop);

  const std::chrono::milliseconds span_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<std::pair<Time, std::function<void()>>> acts_;  // the first one is due first
  std::jthread thread_;
};

}  // namespace source_sentry
