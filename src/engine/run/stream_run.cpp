#include "engine/run/stream_run.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <new>
#include <utility>

#include "base/text.h"
#include "engine/run/known_cause.h"
#include "engine/state/unused_state.h"

namespace source_sentry {
namespace {

/// A limited route waits up to a minute for each of its windows.
constexpr std::chrono::minutes kWaitsToldEvery(15);

}  // namespace

ConnectorError failure_of(const std::string& name, const std::exception& error) {
  if (dynamic_cast<const std::bad_alloc*>(&error) != nullptr) {
    return {FailureKind::kSystem, no_memory_for(name)};
  }
  if (const auto* known = dynamic_cast<const ConnectorError*>(&error)) return *known;
  return {FailureKind::kSystem, "Reading " + name + " failed: " + error.what()};
}

StreamRun::StreamRun(const StreamJob& job, const OpenSink& open, Causes& causes)
    : job_(job),
      causes_of_run_(causes),
      sink_(open(job.name, state_before_reading(job.saved_state, job.cursor_key))),
      state_(*sink_, job.cursor_key, job.saved_state),
      begun_(sink_->clock().steady_now()) {}

void StreamRun::start() {
  sink_->started();
  begun_ = sink_->clock().steady_now();
}

std::vector<std::size_t> StreamRun::begin(Fetcher& fetcher) {
  std::vector<std::size_t> parts;
  try {
    plan_ = job_.plan(fetcher);
    state_.begin(plan_.partitions);
    if (make_sure_of_time(fetcher)) plan_ = job_.plan(fetcher);
    if (plan_.gap) fail(*plan_.gap);
    warn_of_state();
    parts = divide();
  } catch (const Stopped&) {
    whole_ = false;
  } catch (const ConnectorError& error) {
    fail(error);
  } catch (const std::exception& error) {
    fail(failure_of(job_.name, error));
  }
  const std::scoped_lock lock(mutex_);
  left_ = parts.size();
  if (left_ == 0) end();
  return parts;
}

/// A saved state may seem to lie in the future only because a cache has kept the answers so far:
/// what a list shows now is asked for before that is believed. Whether a newer time was shown.
bool StreamRun::make_sure_of_time(Fetcher& fetcher) const {
  for (std::size_t i = 0; i < plan_.plans.size(); ++i) {
    const PartitionPlan& plan = plan_.plans[i];
    const auto saved = job_.full_refresh ? std::nullopt : state_.checkpoint(i).high_water;
    if (!saved || *saved <= plan.now) continue;
    const Route& route = plan.routes.front();
    Response response;
    fetcher.fetch(route.target(route.probe_query, nullptr, ""), route, response,
                  Fetcher::Patience::of_mere_check());
    return fetcher.server_time() > plan.now;
  }
  return false;
}

/// Reports what the saved state holds that nothing resumes from.
void StreamRun::warn_of_state() const {
  if (const auto why = state_.unused(); why && !job_.full_refresh) {
    spdlog::warn("{} is read from the beginning, since its saved state cannot be used: {}.",
                 job_.name, *why);
  }
  if (const auto foreign = state_.foreign(); !foreign.empty() && !job_.full_refresh) {
    const std::string more =
        foreign.size() > 1 ? " and " + std::to_string(foreign.size() - 1) + " more" : "";
    spdlog::warn(
        "{}: the saved state is of {}{}, which is not what the configuration names. It is not "
        "used, and what is configured is read from the beginning.",
        job_.name, foreign.front(), more);
  }
  if (const std::size_t damaged = state_.damaged_ids(); damaged > 0 && !job_.full_refresh) {
    spdlog::warn(
        "{}: the saved state's list of written records cannot be read, so those within the "
        "lookback_window come again.",
        job_.name);
  }
  if (!plan_.wants) return;
  auto vanished = state_.others();
  std::erase_if(vanished, [&](const nlohmann::json& entry) { return !plan_.wants(entry); });
  if (vanished.empty()) return;
  spdlog::warn(
      "{}: Sentry no longer lists what earlier runs have read of {}. It was deleted, or the token "
      "may no longer see it; its part of the state is kept.",
      job_.name, names_of(vanished));
}

/// The parts that the stream begins with.
std::vector<std::size_t> StreamRun::divide() {
  const std::size_t partitions = plan_.plans.size();
  std::vector<bool> in_batch(partitions);
  // A full refresh is long, and done sooner the more workers share it.
  if (plan_.batching && !job_.full_refresh) {
    std::vector<Checkpoint> checkpoints;
    for (std::size_t i = 0; i < partitions; ++i) checkpoints.push_back(state_.checkpoint(i));
    batches_ = make_batches(plan_.partitions, checkpoints, plan_.batching->most);
  }
  groups_.resize(partitions + batches_.size());
  readers_.resize(groups_.size());
  written_before_.resize(partitions);
  std::vector<std::size_t> parts;
  for (std::size_t i = 0; i < batches_.size(); ++i) {
    for (const std::size_t partition : batches_[i]) in_batch[partition] = true;
    groups_[partitions + i] = plan_.batching->rate_group;
    parts.push_back(partitions + i);
  }
  for (std::size_t i = 0; i < partitions; ++i) {
    groups_[i] = plan_.plans[i].routes.front().rate_group;
    if (!in_batch[i]) parts.push_back(i);
    ranges_.push_back({plan_.plans[i].from, plan_.plans[i].until});
  }
  for (const std::size_t part : parts) expect(part);
  return parts;
}

/// Takes the part into the estimate of how far the stream has got.
void StreamRun::expect(std::size_t part) {
  const Batch* batch = batch_of(part);
  const std::size_t first = batch == nullptr ? part : batch->front();
  const auto saved = job_.full_refresh ? std::nullopt : state_.checkpoint(first).high_water;
  const auto& [from, until] = ranges_.at(first);
  reach_.add(part, batch == nullptr ? 1 : batch->size(), saved ? saved : std::optional(from),
             until);
}

void StreamRun::reached(std::size_t part, const Checkpoint& checkpoint) {
  if (const auto reach = reach_.moved(part, checkpoint)) sink_->reached(*reach);
}

/// The part's reader, which is opened when its turn comes: hundreds of partitions may wait for
/// theirs.
PartitionReader& StreamRun::reader_of(std::size_t part) {
  auto& reader = readers_.at(part);
  if (reader) return *reader;
  if (const Batch* batch = batch_of(part)) {
    std::vector<std::string> numbers;
    for (const std::size_t one : *batch) numbers.push_back(plan_.partitions[one].number);
    reader = std::make_unique<PartitionReader>(plan_.batching->plan(numbers), *sink_,
                                               state_.checkpoint(*batch), false,
                                               [this, part, batch](const Checkpoint& checkpoint) {
                                                 state_.save(*batch, checkpoint);
                                                 reached(part, checkpoint);
                                               });
  } else {
    reader = std::make_unique<PartitionReader>(
        std::move(plan_.plans[part]), *sink_, state_.checkpoint(part), job_.full_refresh,
        [this, part](const Checkpoint& checkpoint) {
          state_.save(part, checkpoint);
          reached(part, checkpoint);
        },
        std::exchange(written_before_.at(part), nullptr));
  }
  reader->share(causes_of_run_);
  return *reader;
}

const Batch* StreamRun::batch_of(std::size_t part) const {
  return part < plan_.plans.size() ? nullptr : &batches_.at(part - plan_.plans.size());
}

const std::string& StreamRun::rate_group(std::size_t part) const { return groups_.at(part); }

std::string StreamRun::list_of(std::size_t part) const {
  std::string list = job_.list;
  const auto add = [&](std::size_t partition) {
    list.append(" ").append(plan_.partitions.at(partition).number);
  };
  if (const Batch* batch = batch_of(part)) {
    for (const std::size_t partition : *batch) add(partition);
  } else {
    add(part);
  }
  return list;
}

bool StreamRun::has_ended() const {
  const std::scoped_lock lock(mutex_);
  return ended_;
}

std::vector<std::size_t> StreamRun::step(std::size_t part, Fetcher& fetcher) {
  PartitionReader& reader = reader_of(part);
  bool done = false;
  try {
    switch (reader.step(fetcher)) {
      case Progress::kMore:
        return {part};
      case Progress::kWaits:
        return wait_for_others(part);
      case Progress::kDone:
        finish(part);
        done = true;
        break;
    }
  } catch (const Stopped&) {
    log_summary(reader, " Stopped there.");
  } catch (const ConnectorError& error) {
    if (batch_of(part) != nullptr) return fall_apart(part, error);
    log_summary(reader, " Failed there.");
    fail(error, part < plan_.partitions.size() ? &plan_.partitions[part] : nullptr);
  } catch (const std::exception& error) {
    log_summary(reader, " Failed there.");
    fail(failure_of(reader.name(), error));
  }
  readers_.at(part).reset();
  const std::scoped_lock lock(mutex_);
  whole_ = whole_ && done;
  if (--left_ == 0) end();
  return those_that_waited();
}

std::vector<std::size_t> StreamRun::wait_for_others(std::size_t part) {
  const std::scoped_lock lock(mutex_);
  waiting_.push_back(part);
  return those_that_waited();
}

/// Those that wait resume once no other is left.
std::vector<std::size_t> StreamRun::those_that_waited() {
  if (waiting_.size() < left_) return {};
  return std::exchange(waiting_, {});
}

void StreamRun::finish(std::size_t part) {
  const PartitionReader& reader = *readers_[part];
  if (const Batch* batch = batch_of(part)) {
    state_.finish(*batch, reader.checkpoint(), reader.read_to());
  } else {
    state_.finish(part, reader.checkpoint(), reader.read_to());
  }
  sink_->reached(reach_.done(part));
  log_summary(reader, "");
}

/// What the batch has already written is not written again.
std::vector<std::size_t> StreamRun::fall_apart(std::size_t part, const ConnectorError& why) {
  const Batch& batch = *batch_of(part);
  const auto reader = std::exchange(readers_[part], nullptr);
  spdlog::info("{}: cannot be read in one list, so each is read by itself. {}", reader->name(),
               why.message());
  state_.save(batch, reader->place());
  const auto written = std::make_shared<const RecentRecords>(reader->recent());
  for (const std::size_t partition : batch) {
    if (reader->has_looked_back()) plan_.plans[partition].lookback = Duration::zero();
    written_before_[partition] = written;
  }
  reach_.drop(part);
  for (const std::size_t partition : batch) expect(partition);
  const std::scoped_lock lock(mutex_);
  left_ += batch.size() - 1;
  return batch;
}

void StreamRun::log_summary(const PartitionReader& reader, std::string_view ending) const {
  spdlog::info("{}: {}, {:.1f} s.{}", reader.name(), reader.summary(),
               as_seconds(sink_->clock().steady_now() - begun_), ending);
}

void StreamRun::abandon() {
  const std::scoped_lock lock(mutex_);
  whole_ = false;
  end();
}

void StreamRun::end() {
  if (std::exchange(ended_, true)) return;
  if (plan_.shaping) {
    if (const auto error = plan_.shaping->end()) report(*error, nullptr);
  }
  tell_of_others();
  tell_of_rows_left();
  if (plan_.batching) state_.level();
  if (whole_) {
    sink_->complete(state_.final_state());
  } else {
    sink_->incomplete(state_.present_state());
  }
}

void StreamRun::fail(const ConnectorError& error, const Partition* of) {
  const std::scoped_lock lock(mutex_);
  report(error, of);
}

void StreamRun::report(const ConnectorError& error, const Partition* of) {
  whole_ = false;
  // Partitions often fail for the same reason, which is reported once.
  const std::string cause = without_names(error.cause(), of);
  const std::string message = cause + without_names(error.particulars(), of);
  const auto is_known = [](const std::vector<std::string>& all, const std::string& one) {
    return std::find(all.begin(), all.end(), one) != all.end();
  };
  if (is_known(told_, message)) {
    if (of != nullptr && !of->names.empty()) also_failing_.push_back(of->names.front());
    failures_.push_back(error.message());
    return;
  }
  // It counts as told only once it is: where there is no memory to tell it, the sync tells of that.
  if (is_known(causes_, cause)) {
    sink_->error(of_known_cause(error, ""));
  } else {
    causes_of_run_.tell(cause, job_.name, [&](const std::string& told_by) {
      sink_->error(told_by.empty() ? error : of_known_cause(error, told_by));
    });
    causes_.push_back(cause);
  }
  told_.push_back(message);
  failures_.push_back(error.message());
}

void StreamRun::tell_of_others() const {
  constexpr std::size_t kMostNamed = 20;
  if (also_failing_.empty()) return;
  std::string names;
  for (std::size_t i = 0; i < std::min(also_failing_.size(), kMostNamed); ++i) {
    names.append(i == 0 ? "" : ", ").append(also_failing_[i]);
  }
  const std::size_t more = also_failing_.size() - std::min(also_failing_.size(), kMostNamed);
  if (more > 0) names += " and " + std::to_string(more) + " more";
  spdlog::warn("{}: the same happened with {}.", job_.name, names);
}

void StreamRun::tell_of_rows_left() const {
  if (!plan_.budget || plan_.budget->rows_left() == 0) return;
  spdlog::warn(
      "{}: this run's child_budget of {} is used up, and {} left to the next runs. Raise "
      "child_budget to have more of them read in one.",
      job_.name, number_of(plan_.budget->requests(), "request"),
      number_of(plan_.budget->rows_left(), "parent") +
          (plan_.budget->rows_left() == 1 ? " is" : " are"));
}

std::optional<std::string> StreamRun::failure() const {
  const std::scoped_lock lock(mutex_);
  if (failures_.empty()) return std::nullopt;
  if (failures_.size() == 1) return failures_.front();
  return failures_.front() + " (and " + std::to_string(failures_.size() - 1) + " more)";
}

void StreamRun::rate_limited(const std::string& what, Instant until, bool again) {
  const std::scoped_lock lock(mutex_);
  if (!again && held_up_++ == 0 && sink_->clock().steady_now() >= told_again_) {
    told_again_ = sink_->clock().steady_now() + kWaitsToldEvery;
    // The status says each time how long it takes.
    spdlog::info(
        "Sentry's rate limit for {} is reached: continuing in {:.0f} s. Such waits are logged "
        "every {} minutes.",
        what, std::max(0.0, as_seconds(until - sink_->clock().now())), kWaitsToldEvery.count());
  }
  if (until < held_up_until_ + std::chrono::seconds(1)) return;
  held_up_until_ = until;
  sink_->rate_limited(until);
}

void StreamRun::running_again() {
  const std::scoped_lock lock(mutex_);
  if (--held_up_ > 0) return;
  held_up_until_ = Instant::min();
  sink_->running_again();
}

}  // namespace source_sentry
