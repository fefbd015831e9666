#include "engine/run/work_queue.h"

#include <algorithm>
#include <array>
#include <tuple>
#include <utility>

namespace source_sentry {
namespace {

using std::chrono::milliseconds;

/// A group that is held back for less counts as served in a moment.
constexpr milliseconds kShortWait(200);
/// The longest wait for a rate limit before it is looked at again: another worker's answer may have
/// brought news of it.
constexpr std::chrono::seconds kLookAgain(1);

constexpr milliseconds kShortest(1);
/// There are four.
constexpr std::size_t kGroupsKnown = 8;

/// Where the work stands in the order of streams.
std::size_t place_of(const Work& work) { return work.sharing.value_or(work.stream); }

}  // namespace

WorkQueue::WorkQueue(const Pacer& pacer, Clock& clock, std::size_t places)
    : pacer_(pacer), clock_(clock), places_(static_cast<long>(places)) {}

void WorkQueue::add(Work work) {
  const std::scoped_lock lock(mutex_);
  waiting_.push_back(std::move(work));
  changed_.notify_one();
}

std::optional<Work> WorkQueue::take(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  for (;;) {
    if (stop.stop_requested() || (waiting_.empty() && running_.empty())) {
      changed_.notify_all();
      return std::nullopt;
    }
    Duration soonest = kLookAgain;
    const auto work = places_ > 0 ? next(soonest) : waiting_.end();
    if (work != waiting_.end()) {
      ++work->turns;
      auto taken = std::make_optional(*work);
      --places_;
      running_.splice(running_.end(), waiting_, work);
      // Each change wakes one worker; if that leaves work for another, it wakes that one.
      if (places_ > 0 && !waiting_.empty()) changed_.notify_one();
      return taken;
    }
    // Limits run out by the clock, which notifies no one.
    if (places_ > 0 && !waiting_.empty()) {
      changed_.wait_for(lock, stop, soonest, [] { return false; });
    } else {
      changed_.wait(lock, stop, [&] {
        return (places_ > 0 && !waiting_.empty()) || (waiting_.empty() && running_.empty());
      });
    }
  }
}

void WorkQueue::done(const Work& work, bool more) {
  const std::scoped_lock lock(mutex_);
  const auto found = std::find_if(running_.begin(), running_.end(), [&](const Work& one) {
    return one.stream == work.stream && one.partition == work.partition;
  });
  if (more) {
    waiting_.splice(waiting_.end(), running_, found);
  } else {
    running_.erase(found);
  }
  ++places_;
  changed_.notify_one();
}

bool WorkQueue::wait_aside(const std::function<bool()>& wait) {
  {
    const std::scoped_lock lock(mutex_);
    ++places_;
    changed_.notify_one();
  }
  const bool result = wait();
  // It does not wait for a place: a limit's next window has begun, and every moment of it counts.
  // Until another worker's turn ends there is one more at work than there are places.
  const std::scoped_lock lock(mutex_);
  --places_;
  return result;
}

/// The work whose turn it is; `soonest` is lowered to when a limit that holds some back runs out.
/// Allocates nothing: a worker that fails for that would leave those that wait without a call.
std::list<Work>::iterator WorkQueue::next(Duration& soonest) {
  struct Group {
    const std::string* name = nullptr;
    bool open = false;
  };
  std::array<Group, kGroupsKnown> known{};  // each is asked once, however many wait
  std::size_t groups = 0;
  const auto is_open = [&](const std::string& name) {
    const auto end = known.begin() + static_cast<std::ptrdiff_t>(groups);
    const auto found =
        std::find_if(known.begin(), end, [&](const Group& one) { return *one.name == name; });
    if (found != end) return found->open;
    const bool open = may_run(name, soonest);
    if (groups < known.size()) known.at(groups++) = {&name, open};
    return open;
  };
  auto best = waiting_.end();
  std::tuple<std::size_t, std::size_t, std::size_t, std::size_t, std::size_t> best_rank;
  for (auto work = waiting_.begin(); work != waiting_.end(); ++work) {
    if (!is_open(work->rate_group) || is_read(work->list)) continue;
    const std::size_t place = place_of(*work);
    const auto rank =
        std::make_tuple(at_work(place), place, work->turns, work->partition, work->stream);
    if (best == waiting_.end() || rank < best_rank) {
      best = work;
      best_rank = rank;
    }
  }
  return best;
}

bool WorkQueue::may_run(const std::string& rate_group, Duration& soonest) const {
  const auto busy = static_cast<std::size_t>(
      std::count_if(running_.begin(), running_.end(),
                    [&](const Work& one) { return one.rate_group == rate_group; }));
  if (busy == 0) return true;
  const auto most = pacer_.concurrent(rate_group);
  if (most && busy >= *most) return false;
  const Duration wait = pacer_.wait_for(rate_group, clock_.steady_now());
  if (wait < kShortWait) return true;
  soonest = std::min(soonest, std::max<Duration>(wait - kShortWait, kShortest));
  return false;
}

/// Whether somebody is at that list; what he leaves of it can then be shared.
bool WorkQueue::is_read(const std::string& list) const {
  return !list.empty() && std::any_of(running_.begin(), running_.end(),
                                      [&](const Work& one) { return one.list == list; });
}

/// How many workers are at the stream, or the streams, of that place.
std::size_t WorkQueue::at_work(std::size_t place) const {
  return static_cast<std::size_t>(std::count_if(
      running_.begin(), running_.end(), [&](const Work& one) { return place_of(one) == place; }));
}

}  // namespace source_sentry
