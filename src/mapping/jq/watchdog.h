#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace source_sentry {

/// What one thread lets jq work on. The watchdog's thread looks at it.
class JqWork {
 public:
  using Clock = std::chrono::steady_clock;

  /// What follows belongs to that stream and record.
  void about(std::string_view stream, std::string_view record);
  void begin(std::string_view expression);
  void end();

 private:
  friend class JqWatchdog;
  std::mutex mutex_;
  std::string stream_;
  std::string record_;
  std::string expression_;
  Clock::time_point since_;
  bool working_ = false;
};

/// jq cannot be interrupted, so an expression without an end would keep the run for ever. A thread
/// looks at what jq works on, each tenth of the limit, and reports what takes longer. It begins
/// with this object: make one only where jq is used.
class JqWatchdog {
 public:
  /// No evaluation takes longer.
  static constexpr std::chrono::seconds kLimit{10};

  /// `on_overdue` is called once, in the watchdog's thread, with a message for people; it is
  /// expected to end the process, as nothing else ends the evaluation.
  JqWatchdog(std::function<void(const std::string& message)> on_overdue,
             std::chrono::milliseconds limit = kLimit);
  ~JqWatchdog();
  JqWatchdog(const JqWatchdog&) = delete;
  JqWatchdog& operator=(const JqWatchdog&) = delete;

  /// For one more thread. Thread-safe.
  std::shared_ptr<JqWork> watch();

 private:
  void look();
  std::string overdue();

  const std::function<void(const std::string&)> on_overdue_;
  const std::chrono::milliseconds limit_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool ends_ = false;
  std::vector<std::weak_ptr<JqWork>> watched_;
  std::thread thread_;
};

}  // namespace source_sentry
