#include "engine/stream_run.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

namespace source_sentry {
namespace {

double as_seconds(Duration span) { return std::chrono::duration<double>(span).count(); }

}  // namespace

StreamRun::StreamRun(const StreamJob& job, Emitter& emitter)
    : job_(job),
      emitter_(emitter),
      output_(emitter, job.name, state_before_reading(job.saved_state, job.cursor_key)),
      state_(output_, job.cursor_key, job.saved_state),
      begun_(emitter.clock().steady_now()) {}

void StreamRun::start() {
  output_.started();
  begun_ = output_.steady_now();
}

std::size_t StreamRun::begin(Fetcher& fetcher) {
  try {
    auto plan = job_.plan(fetcher);
    if (plan) {
      state_.begin(plan->partitions);
      if (plan->gap) fail(*plan->gap);
      for (std::size_t i = 0; i < plan->plans.size(); ++i) {
        groups_.push_back(plan->plans[i].routes.front().rate_group);
        readers_.push_back(std::make_unique<StreamReader>(
            std::move(plan->plans[i]), output_, state_.checkpoint(i), job_.full_refresh,
            [this, i](const Checkpoint& checkpoint) { state_.save(i, checkpoint); }));
      }
    } else {
      whole_ = false;
    }
  } catch (const ConnectorError& error) {
    fail(error);
  } catch (const std::exception& error) {
    fail(ConnectorError(FailureKind::kSystem, "Reading " + job_.name + " failed: " + error.what()));
  }
  const std::scoped_lock lock(mutex_);
  left_ = readers_.size();
  if (left_ == 0) end();
  return left_;
}

const std::string& StreamRun::rate_group(std::size_t partition) const {
  return groups_.at(partition);
}

bool StreamRun::step(std::size_t partition, Fetcher& fetcher) {
  StreamReader& reader = *readers_.at(partition);
  auto progress = StreamReader::Progress::kStopped;
  try {
    progress = reader.step(fetcher);
    if (progress == StreamReader::Progress::kMore) return true;
    if (progress == StreamReader::Progress::kDone) {
      state_.finish(partition, reader.checkpoint());
      log_summary(reader, "");
    } else {
      log_summary(reader, " Stopped there.");
    }
  } catch (const ConnectorError& error) {
    log_summary(reader, " Failed there.");
    fail(error);
  } catch (const std::exception& error) {
    log_summary(reader, " Failed there.");
    fail(ConnectorError(FailureKind::kSystem,
                        "Reading " + reader.name() + " failed: " + error.what()));
  }
  readers_.at(partition).reset();
  const std::scoped_lock lock(mutex_);
  whole_ = whole_ && progress == StreamReader::Progress::kDone;
  if (--left_ == 0) end();
  return false;
}

void StreamRun::log_summary(const StreamReader& reader, std::string_view ending) const {
  spdlog::info("{}: {}, {:.1f} s.{}", reader.name(), reader.summary(),
               as_seconds(output_.steady_now() - begun_), ending);
}

void StreamRun::abandon() {
  const std::scoped_lock lock(mutex_);
  whole_ = false;
  end();
}

void StreamRun::end() {
  if (std::exchange(ended_, true)) return;
  if (whole_) {
    output_.complete(state_.final_state());
  } else {
    output_.incomplete(state_.present_state());
  }
}

void StreamRun::fail(const ConnectorError& error) {
  const std::scoped_lock lock(mutex_);
  whole_ = false;
  // Partitions often fail for one and the same reason.
  const bool known =
      std::find(failures_.begin(), failures_.end(), error.message()) != failures_.end();
  failures_.push_back(error.message());
  if (!known) emitter_.error(error, job_.name);
}

std::optional<std::string> StreamRun::failure() const {
  const std::scoped_lock lock(mutex_);
  if (failures_.empty()) return std::nullopt;
  if (failures_.size() == 1) return failures_.front();
  return failures_.front() + " (and " + std::to_string(failures_.size() - 1) + " more)";
}

void StreamRun::rate_limited(const std::string& what, Instant until, bool again) {
  const std::scoped_lock lock(mutex_);
  if (!again && held_up_++ == 0) {
    // One line for a whole row of waits; the status says each time how long it takes.
    spdlog::info("Sentry's rate limit for {} is reached: going on in {:.0f} s.", what,
                 std::max(0.0, as_seconds(until - output_.now())));
  }
  if (until < held_up_until_ + std::chrono::seconds(1)) return;
  held_up_until_ = until;
  output_.rate_limited(until);
}

void StreamRun::running_again() {
  const std::scoped_lock lock(mutex_);
  if (--held_up_ > 0) return;
  held_up_until_ = Instant::min();
  output_.running_again();
}

}  // namespace source_sentry
