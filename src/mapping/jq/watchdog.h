#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
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

/// Work that jq does not get done with.
struct StuckWork {
  std::string stream;
  std::string record;
  std::string expression;
  std::chrono::seconds taken{};

  /// For people. `what`: which expression of the stream it is, "map.days"; empty: unknown.
  std::string message(const std::string& what) const;
};

/// Called once, from a thread of its own, when an expression of that stream has worked on a record
/// for too long: with a message for people. It is expected to end the process, as nothing else ends
/// the evaluation, and may wait for nothing that the stream's own thread holds.
using StuckListener = std::function<void(const std::string& stream, const std::string& message)>;

/// jq cannot be interrupted, so an expression without an end would keep the run for ever. A thread
/// looks at what jq works on, each tenth of the limit, and reports what takes longer. It begins
/// with this object: make one only where jq is used.
class JqWatchdog {
 public:
  /// No evaluation takes longer.
  static constexpr std::chrono::seconds kLimit{10};

  /// `on_overdue` is called once, in the watchdog's thread; it is expected to end the process, as
  /// nothing else ends the evaluation.
  JqWatchdog(std::function<void(const StuckWork& work)> on_overdue,
             std::chrono::milliseconds limit = kLimit);
  ~JqWatchdog();
  JqWatchdog(const JqWatchdog&) = delete;
  JqWatchdog& operator=(const JqWatchdog&) = delete;

  /// For one more thread. Thread-safe.
  std::shared_ptr<JqWork> watch();

 private:
  void look();
  std::optional<StuckWork> overdue();

  const std::function<void(const StuckWork&)> on_overdue_;
  const std::chrono::milliseconds limit_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool ends_ = false;
  std::vector<std::weak_ptr<JqWork>> watched_;
  std::thread thread_;
};

}  // namespace source_sentry
