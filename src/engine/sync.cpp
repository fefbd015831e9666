#include "engine/sync.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "engine/stream_run.h"
#include "engine/work_queue.h"

namespace source_sentry {
namespace {

using std::chrono::seconds;

/// The platform's own bound on silence is hours, but operators set it down to a minute.
constexpr seconds kLongestSilence(30);
constexpr seconds kHeartbeatCheck(1);
/// Workers that wait for a rate limit are replaced while they do; there are few limits.
constexpr std::size_t kThreadsPerWorker = 3;
/// Work that makes a stream's plan comes first, and uses no limit worth waiting for.
constexpr std::size_t kPlanning = static_cast<std::size_t>(-1);

/// A clock on which sleepers make room for other workers.
class AsideClock final : public Clock {
 public:
  AsideClock(Clock& clock, WorkQueue& queue) : clock_(clock), queue_(queue) {}
  Instant now() override { return clock_.now(); }
  Instant steady_now() override { return clock_.steady_now(); }
  bool sleep_for(Duration span, std::stop_token stop) override {
    return queue_.wait_aside([&] { return clock_.sleep_for(span, stop); });
  }

 private:
  Clock& clock_;
  WorkQueue& queue_;
};

/// So many clients are lent for requests side by side, to all workers together: half of the 25 at
/// a time that sentry.io allows, and connections that a small server of one's own can hold. Each
/// worker may have one in any case.
constexpr std::size_t kMostLent = 12;

/// Clients, each with its open connection, used again latest first. Outlives what it lends.
class ClientPool {
 public:
  explicit ClientPool(std::function<std::unique_ptr<HttpClient>()> make) : make_(std::move(make)) {}

  std::unique_ptr<HttpClient> take() {
    const std::scoped_lock lock(mutex_);
    return take_out();
  }

  void give_back(std::unique_ptr<HttpClient> client) {
    const std::scoped_lock lock(mutex_);
    free_.push_back(std::move(client));
  }

  /// As Fetcher::Lender says. What is lent comes back by itself.
  std::shared_ptr<HttpClient> lend(bool needed) {
    const std::scoped_lock lock(mutex_);
    if (lent_ >= kMostLent && !needed) return nullptr;
    ++lent_;
    return {take_out().release(), [this](HttpClient* client) {
              const std::scoped_lock relock(mutex_);
              free_.push_back(std::unique_ptr<HttpClient>(client));
              --lent_;
            }};
  }

 private:
  std::unique_ptr<HttpClient> take_out() {
    if (free_.empty()) return make_();
    auto client = std::move(free_.back());
    free_.pop_back();
    return client;
  }

  const std::function<std::unique_ptr<HttpClient>()> make_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<HttpClient>> free_;
  std::size_t lent_ = 0;
};

class Sync {
 public:
  Sync(const std::vector<StreamJob>& jobs, const SyncContext& context)
      : context_(context),
        queue_(context.pacer, context.emitter.clock(), context.workers),
        clock_(context.emitter.clock(), queue_),
        clients_(context.make_client) {
    for (std::size_t i = 0; i < jobs.size(); ++i) {
      streams_.push_back(std::make_unique<StreamRun>(jobs[i], context.emitter));
      queue_.add({i, kPlanning, {}, 0});
    }
    begun_.resize(jobs.size());
  }

  std::vector<std::pair<std::string, std::string>> run() {
    {
      std::vector<std::jthread> workers;
      workers_left_ = context_.workers * kThreadsPerWorker;
      for (std::size_t i = workers_left_; i > 0; --i) workers.emplace_back([this] { work(); });
      keep_heart_beating();
    }
    std::vector<std::pair<std::string, std::string>> failures;
    for (std::size_t i = 0; i < streams_.size(); ++i) {
      if (begun_[i]) streams_[i]->abandon();
      const auto failure = streams_[i]->failure();
      if (failure) failures.emplace_back(streams_[i]->output().stream(), *failure);
    }
    return failures;
  }

 private:
  void work() {
    while (const auto work = queue_.take(context_.stop)) {
      auto client = clients_.take();
      StreamRun& stream = *streams_[work->stream];
      Fetcher fetcher(*client, context_.judge, context_.pacer, clock_, context_.stop);
      fetcher.listen(&stream);
      fetcher.lend([this](bool needed) { return clients_.lend(needed); });
      if (work->partition == kPlanning) {
        stream.start();
        set_begun(work->stream);  // from here on its heart may beat
        add(work->stream, stream.begin(fetcher));
        queue_.done(*work, false);
      } else {
        auto next = stream.step(work->partition, fetcher);
        const bool more = std::erase(next, work->partition) > 0;
        add(work->stream, next);
        queue_.done(*work, more);
      }
      clients_.give_back(std::move(client));
    }
    const std::scoped_lock lock(mutex_);
    --workers_left_;
    worker_done_.notify_all();
  }

  void add(std::size_t stream, const std::vector<std::size_t>& parts) {
    for (const std::size_t part : parts) {
      queue_.add({stream, part, streams_[stream]->rate_group(part), 0});
    }
  }

  void keep_heart_beating() {
    std::unique_lock lock(mutex_);
    while (!worker_done_.wait_for(lock, kHeartbeatCheck, [this] { return workers_left_ == 0; })) {
      // One beating stream is enough, but a stream that is silent now may be the only one soon.
      for (std::size_t i = 0; i < streams_.size(); ++i) {
        if (begun_[i]) streams_[i]->output().beat_if_silent(kLongestSilence);
      }
    }
  }

  void set_begun(std::size_t stream) {
    const std::scoped_lock lock(mutex_);
    begun_[stream] = true;
  }

  const SyncContext& context_;
  WorkQueue queue_;
  AsideClock clock_;
  ClientPool clients_;
  std::vector<std::unique_ptr<StreamRun>> streams_;
  std::mutex mutex_;
  std::condition_variable worker_done_;
  std::size_t workers_left_ = 0;
  std::vector<bool> begun_;  // guarded by mutex_
};

}  // namespace

std::vector<std::pair<std::string, std::string>> run_sync(const std::vector<StreamJob>& jobs,
                                                          const SyncContext& context) {
  return Sync(jobs, context).run();
}

}  // namespace source_sentry
