#pragma once

#include <chrono>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <thread>

#include "live/server/http_server.h"

namespace source_sentry {

/// Sees to it that each request is answered once, and in time: whatever comes after the time is up
/// goes nowhere. Thread-safe.
class TimelyAnswers {
  struct Promise;

 public:
  /// `late`: the answer of those whose time is up.
  TimelyAnswers(std::chrono::milliseconds time, HttpAnswer late);
  /// Answers those that still wait.
  ~TimelyAnswers();
  TimelyAnswers(const TimelyAnswers&) = delete;
  TimelyAnswers& operator=(const TimelyAnswers&) = delete;

  /// The time begins. What it returns may be called from any thread, also after this object's end.
  RequestHandler::Respond watch(RequestHandler::Respond respond);

 private:
  using Time = std::chrono::steady_clock::time_point;
  void run(const std::stop_token& stop);

  const std::chrono::milliseconds time_;
  const HttpAnswer late_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::multimap<Time, std::weak_ptr<Promise>> waiting_;
  std::jthread thread_;
};

}  // namespace source_sentry
