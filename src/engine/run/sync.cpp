#include "engine/run/sync.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <condition_variable>
#include <exception>
#include <future>
#include <mutex>
#include <thread>

#include "engine/fetch/page_share.h"
#include "engine/run/stream_run.h"
#include "engine/run/work_queue.h"
#include "http/causes.h"

namespace source_sentry {
namespace {

using std::chrono::seconds;

/// The platform's own bound on silence is hours, but operators set it down to a minute.
constexpr seconds kLongestSilence(30);
constexpr seconds kHeartbeatCheck(1);
/// Workers that wait for a rate limit are replaced while they do; there are few limits.
constexpr std::size_t kThreadsPerWorker = 3;
/// How many threads are left for others if there are fewer than wanted: the name look-ups of the
/// HTTP library take one each.
constexpr std::size_t kThreadsLeftOver = 2;
/// Making a stream's plan comes first, and uses no limit worth waiting for.
constexpr std::size_t kPlanning = static_cast<std::size_t>(-1);

/// A clock whose sleepers make room for other workers.
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

/// How many clients are lent for parallel requests, to all workers together: half of the 25 at a
/// time that sentry.io allows, and connections that a small self-hosted server can hold. Each
/// worker may always have one.
constexpr std::size_t kMostLent = 12;

/// Clients, each with its open connection, reused latest first. Outlives what it lends.
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

  /// As Fetcher::Lender says. What is lent returns by itself.
  std::shared_ptr<HttpClient> lend(bool needed) {
    const std::scoped_lock lock(mutex_);
    if (lent_ >= kMostLent && !needed) return nullptr;
    free_.reserve(free_.size() + lent_ + 1);  // so that nothing can fail when it comes back
    auto loan = std::make_shared<Loan>(*this);
    loan->client = take_out();
    HttpClient* const client = loan->client.get();
    ++lent_;
    return {std::move(loan), client};
  }

 private:
  /// Brings what it holds back.
  struct Loan {
    explicit Loan(ClientPool& to) : pool(to) {}
    Loan(const Loan&) = delete;
    Loan& operator=(const Loan&) = delete;
    ~Loan() {
      if (!client) return;
      const std::scoped_lock lock(pool.mutex_);
      pool.free_.push_back(std::move(client));
      --pool.lent_;
    }
    ClientPool& pool;
    std::unique_ptr<HttpClient> client;
  };

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

/// What each stream lists, see PageShare.
std::vector<PageShare::Lists> lists_of(const std::vector<StreamJob>& jobs) {
  std::vector<PageShare::Lists> lists;
  for (const StreamJob& job : jobs) {
    // One that names no list has it for itself.
    lists.push_back({job.list.empty() ? job.name : job.list, job.children});
  }
  return lists;
}

class Sync {
 public:
  Sync(const std::vector<StreamJob>& jobs, const SyncContext& context)
      : context_(context),
        queue_(context.pacer, context.clock, context.workers),
        clock_(context.clock, queue_),
        clients_(context.make_client),
        pages_(lists_of(jobs)) {
    for (std::size_t i = 0; i < jobs.size(); ++i) {
      streams_.push_back(std::make_unique<StreamRun>(jobs[i], context.open_sink, causes_));
      queue_.add({.stream = i, .partition = kPlanning, .rate_group = {}});
    }
    begun_.resize(jobs.size());
    broken_off_.resize(jobs.size());
  }

  std::vector<std::pair<std::string, std::string>> run() {
    {
      std::vector<std::jthread> workers;
      start(workers);
      if (workers.empty()) work();  // without a heartbeat, since no thread is left to give it
      keep_heart_beating();
    }
    std::vector<std::pair<std::string, std::string>> failures;
    for (std::size_t i = 0; i < streams_.size(); ++i) {
      StreamRun& stream = *streams_[i];
      const std::string& name = stream.output().stream();
      // There was no memory to say so; now that the others have ended there is.
      if (broken_off_[i] && !stream.failure()) {
        stream.fail({FailureKind::kSystem, no_memory_for(name)});
      }
      if (begun_[i]) stream.abandon();
      if (const auto failure = stream.failure()) failures.emplace_back(name, *failure);
    }
    return failures;
  }

 private:
  /// Starts the workers, or as many as there are threads available: a limit of processes or of
  /// memory may leave few or none.
  void start(std::vector<std::jthread>& workers) {
    const std::size_t wanted = context_.workers * kThreadsPerWorker;
    std::promise<std::size_t> told;
    const auto allowed = told.get_future().share();
    workers.reserve(wanted);
    try {
      while (workers.size() < wanted) {
        workers.emplace_back([this, allowed, number = workers.size()] {
          if (number < allowed.get()) work();
        });
      }
    } catch (const std::exception& error) {  // std::system_error, or no memory to ask with
      spdlog::warn(
          "The system gives {} of the {} threads that are wanted ({}); continuing with these.",
          workers.size(), wanted, error.what());
    }
    const std::size_t had = workers.size();
    workers_left_ = had == wanted ? had : had > kThreadsLeftOver ? had - kThreadsLeftOver : 1;
    told.set_value(workers_left_);
  }

  /// An exception that leaves a thread's function ends the program: none does.
  void work() noexcept {
    while (const auto work = take()) {
      bool more = false;
      try {
        more = take_turn(*work);
      } catch (const std::exception& error) {
        break_off(work->stream, error);
      }
      queue_.done(*work, more);
    }
    const std::scoped_lock lock(mutex_);
    --workers_left_;
    worker_done_.notify_all();
  }

  std::optional<Work> take() {
    try {
      return queue_.take(context_.stop);
    } catch (const std::exception&) {
      // No memory even for this: workers that have some continue, else the streams are broken off.
      queue_.wake();
      const std::scoped_lock lock(mutex_);
      broken_off_.assign(broken_off_.size(), true);
      return std::nullopt;
    }
  }

  /// Whether the same work waits for another turn.
  bool take_turn(const Work& work) {
    StreamRun& stream = *streams_[work.stream];
    if (work.partition == kPlanning) {
      stream.start();
      set_begun(work.stream);  // from here on it may have a heartbeat
    }
    auto client = clients_.take();
    std::vector<std::size_t> next;
    {
      Fetcher fetcher(*client, context_.judge, context_.pacer, clock_, context_.stop);
      fetcher.listen(&stream);
      fetcher.share(causes_);
      if (pages_.has_others(work.stream)) fetcher.read_along(pages_, work.stream);
      fetcher.lend([this](bool needed) { return clients_.lend(needed); });
      next = work.partition == kPlanning ? stream.begin(fetcher)
                                         : stream.step(work.partition, fetcher);
    }
    const bool more = std::erase(next, work.partition) > 0;
    add(work.stream, next);
    clients_.give_back(std::move(client));
    if (stream.has_ended()) pages_.leave(work.stream);
    return more;
  }

  /// What the stream could not settle itself, usually for lack of memory. The others continue.
  void break_off(std::size_t stream, const std::exception& error) {
    {
      const std::scoped_lock lock(mutex_);
      broken_off_[stream] = true;
    }
    try {
      streams_[stream]->fail(failure_of(streams_[stream]->output().stream(), error));
    } catch (const std::exception&) {
      // There is no memory for a message either; the stream ends INCOMPLETE, and the run fails.
    }
  }

  void add(std::size_t stream, const std::vector<std::size_t>& parts) {
    const StreamRun& run = *streams_[stream];
    for (const std::size_t part : parts) {
      Work work{stream, part, run.rate_group(part), 0};
      if (pages_.has_others(stream)) {
        work.sharing = pages_.first_of(stream);
        work.list = run.list_of(part);
      }
      queue_.add(std::move(work));
    }
  }

  void keep_heart_beating() {
    std::unique_lock lock(mutex_);
    while (!worker_done_.wait_for(lock, kHeartbeatCheck, [this] { return workers_left_ == 0; })) {
      // One stream with a heartbeat is enough, but one that is silent now may soon be the only one.
      for (std::size_t i = 0; i < streams_.size(); ++i) {
        if (begun_[i]) beat(streams_[i]->output());
      }
    }
  }

  static void beat(StreamSink& output) {
    try {
      output.beat_if_silent(kLongestSilence);
    } catch (const std::exception&) {
      // There is no memory for it, and another heartbeat follows.
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
  PageShare pages_;
  Causes causes_;
  std::vector<std::unique_ptr<StreamRun>> streams_;
  std::mutex mutex_;
  std::condition_variable worker_done_;
  std::size_t workers_left_ = 0;
  std::vector<bool> begun_;       // guarded by mutex_
  std::vector<bool> broken_off_;  // the same
};

}  // namespace

std::vector<std::pair<std::string, std::string>> run_sync(const std::vector<StreamJob>& jobs,
                                                          const SyncContext& context) {
  return Sync(jobs, context).run();
}

std::string names_of(const std::vector<std::pair<std::string, std::string>>& failures) {
  std::string names;
  for (const auto& [stream, why] : failures) names.append(names.empty() ? "" : ", ").append(stream);
  return names;
}

}  // namespace source_sentry
