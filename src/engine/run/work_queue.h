#pragma once

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <list>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>

#include "base/clock.h"
#include "http/pacer.h"

namespace source_sentry {

/// Something to be read step by step: a partition of a stream, or a batch of them.
struct Work {
  std::size_t stream = 0;     ///< its stream's place in the catalog
  std::size_t partition = 0;  ///< its place in the stream
  std::string rate_group;     ///< the limit that it uses up
  std::size_t turns = 0;      ///< how often it was worked on
  /// The first of the streams that share its list; nothing: it shares none.
  std::optional<std::size_t> sharing{};
  std::string list{};  ///< that, and of which partitions; then only one at a time reads it
};

/// Hands out work to workers so that none waits while there is something to do. A turn is a window;
/// the next one goes to the stream with the fewest workers, in the catalog's order, and among its
/// partitions to the one with the fewest turns. So one worker reads stream after stream, many read
/// several side by side, and a huge project takes turns with the small ones. Streams that share a
/// list take turns at each partition, in step with each other, and count as one stream.
///
/// A worker that has to wait (for a rate limit, or before it tries again) gives its place to
/// another one meanwhile; and as long as a rate limit holds a group back, one waiting worker is
/// enough for it. Thread-safe.
class WorkQueue {
 public:
  /// `places`: how many workers may be at work at the same time, the waiting ones not counted.
  WorkQueue(const Pacer& pacer, Clock& clock, std::size_t places);

  void add(Work work);

  /// The next turn; the worker has a place from now on. Waits while others may still bring work.
  /// Nothing when all is done, or a stop was requested.
  std::optional<Work> take(const std::stop_token& stop);

  /// The turn is over; the place is free. With `more` the work waits for another turn.
  void done(const Work& work, bool more);

  /// Has those that wait look again: one that took nothing for lack of memory may have used up
  /// their call.
  void wake() { changed_.notify_all(); }

  /// Calls `wait` without holding a place, and returns what it returns.
  bool wait_aside(const std::function<bool()>& wait);

 private:
  std::list<Work>::iterator next(Duration& soonest);
  bool may_run(const std::string& rate_group, Duration& soonest) const;
  bool is_read(const std::string& list) const;
  std::size_t at_work(std::size_t place) const;

  const Pacer& pacer_;
  Clock& clock_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  long places_;  // free ones; below zero after workers that stood aside come back
  std::list<Work> waiting_;
  std::list<Work> running_;
};

}  // namespace source_sentry
