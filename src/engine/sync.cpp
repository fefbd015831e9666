#include "engine/sync.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <exception>
#include <list>
#include <mutex>
#include <thread>
#include <utility>

#include "engine/checkpoint.h"
#include "engine/stream_reader.h"
#include "protocol/stream_output.h"

namespace source_sentry {
namespace {

using std::chrono::seconds;

/// The platform's own bound on silence is hours, but operators set it down to a minute.
constexpr seconds kLongestSilence(30);
constexpr seconds kHeartbeatCheck(1);

/// Passes what a fetcher meets on to the stream's statuses.
class StatusReporter final : public RateLimitListener {
 public:
  explicit StatusReporter(StreamOutput& output) : output_(output) {}
  void rate_limited(Instant until) override { output_.rate_limited(until); }
  void running_again() override { output_.running_again(); }

 private:
  StreamOutput& output_;
};

class Sync {
 public:
  Sync(const std::vector<StreamJob>& jobs, const SyncContext& context)
      : jobs_(jobs), context_(context) {}

  std::vector<std::pair<std::string, std::string>> run() {
    const std::size_t count = std::clamp<std::size_t>(jobs_.size(), 1, context_.workers);
    {
      std::vector<std::jthread> workers;
      workers_left_ = count;
      for (std::size_t i = 0; i < count; ++i) workers.emplace_back([this] { work(); });
      keep_heart_beating();
    }
    return std::move(failures_);
  }

 private:
  void work() {
    for (std::size_t i = next_job_++; i < jobs_.size() && !context_.stop.stop_requested();
         i = next_job_++) {
      read(jobs_[i]);
    }
    const std::scoped_lock lock(mutex_);
    --workers_left_;
    worker_done_.notify_all();
  }

  void keep_heart_beating() {
    std::unique_lock lock(mutex_);
    while (!worker_done_.wait_for(lock, kHeartbeatCheck, [this] { return workers_left_ == 0; })) {
      // One beating stream is enough, but a stream that is silent now may be the only one soon.
      for (StreamOutput* output : active_) output->beat_if_silent(kLongestSilence);
    }
  }

  void read(const StreamJob& job) {
    nlohmann::ordered_json initial = nlohmann::ordered_json::object();
    Checkpoint checkpoint;
    std::optional<ConnectorError> error;
    try {
      checkpoint = Checkpoint::read(job.saved_state, job.cursor_key, job.partition_names);
      if (!job.cursor_key.empty()) initial = checkpoint.write(job.cursor_key);
    } catch (const ConnectorError& problem) {
      error = problem;
      initial = job.saved_state;  // nothing was read: what came in still holds
    }
    StreamOutput output(context_.emitter, job.name, std::move(initial));
    output.started();
    set_active(&output, true);
    bool finished = false;
    if (!error) {
      try {
        finished = read(job, checkpoint, output);
      } catch (const ConnectorError& problem) {
        error = problem;
      } catch (const std::exception& problem) {
        error = ConnectorError(FailureKind::kSystem,
                               "Reading " + job.name + " failed: " + problem.what());
      }
    }
    set_active(&output, false);
    if (error) fail(job, *error);
    if (finished) {
      output.complete(job.cursor_key.empty() ? state_without_cursor()
                                             : checkpoint.write(job.cursor_key));
    } else {
      output.incomplete();
    }
  }

  bool read(const StreamJob& job, Checkpoint& checkpoint, StreamOutput& output) {
    const auto client = context_.make_client();
    StatusReporter reporter(output);
    Fetcher fetcher(*client, context_.judge, pacer_, context_.emitter.clock(), context_.stop);
    fetcher.listen(&reporter);
    const auto plan = job.plan(fetcher);
    if (!plan) return false;
    const Instant begin = context_.emitter.clock().now();
    StreamReader reader(*plan, fetcher, output, checkpoint, job.full_refresh);
    if (!reader.read()) return false;
    const std::chrono::duration<double> took = context_.emitter.clock().now() - begin;
    spdlog::info("{}: {}, {:.1f} s.", job.name, reader.summary(), took.count());
    return true;
  }

  void fail(const StreamJob& job, const ConnectorError& error) {
    context_.emitter.error(error, job.name);
    const std::scoped_lock lock(mutex_);
    failures_.emplace_back(job.name, error.message());
  }

  void set_active(StreamOutput* output, bool active) {
    const std::scoped_lock lock(mutex_);
    if (active) {
      active_.push_back(output);
    } else {
      active_.remove(output);
    }
  }

  const std::vector<StreamJob>& jobs_;
  const SyncContext& context_;
  Pacer pacer_;
  std::atomic<std::size_t> next_job_ = 0;
  std::mutex mutex_;
  std::condition_variable worker_done_;
  std::size_t workers_left_ = 0;
  std::list<StreamOutput*> active_;
  std::vector<std::pair<std::string, std::string>> failures_;
};

}  // namespace

std::vector<std::pair<std::string, std::string>> run_sync(const std::vector<StreamJob>& jobs,
                                                          const SyncContext& context) {
  return Sync(jobs, context).run();
}

}  // namespace source_sentry
