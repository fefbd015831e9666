#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace source_sentry {

/// A few threads for work that waits, and a queue that has an end. Thread-safe.
class WorkPool {
 public:
  WorkPool(std::size_t threads, std::size_t most_waiting);
  /// Does what is in the queue first.
  ~WorkPool();
  WorkPool(const WorkPool&) = delete;
  WorkPool& operator=(const WorkPool&) = delete;

  /// False where the queue is full, or the pool at its end. The work throws nothing.
  bool add(std::function<void()> work);

 private:
  void run();

  const std::size_t most_waiting_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> waiting_;
  bool ends_ = false;
  std::vector<std::jthread> threads_;
};

}  // namespace source_sentry
