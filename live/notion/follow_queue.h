#pragma once

#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <thread>

#include "live/notion/follow.h"

namespace source_sentry {

/// Lets pages follow in a thread of its own, one issue after the other. Of several changes of an
/// issue the newest counts. Thread-safe.
class FollowQueue {
 public:
  explicit FollowQueue(Follow& follow);
  /// Leaves what it has not begun.
  ~FollowQueue();
  FollowQueue(const FollowQueue&) = delete;
  FollowQueue& operator=(const FollowQueue&) = delete;

  /// Returns at once.
  void add(IssueChange change);

  /// Waits until nothing is left to do.
  void wait();

 private:
  void run();
  void apply(const IssueChange& change);
  bool is_overtaken(const IssueChange& change);

  Follow& follow_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::condition_variable idle_;
  std::deque<std::string> order_;
  std::map<std::string, IssueChange> waiting_;  // by issue
  std::map<std::string, IssueChange> newest_;   // that came, for a while
  bool busy_ = false;
  bool ends_ = false;
  bool full_ = false;
  std::jthread thread_;
};

}  // namespace source_sentry
