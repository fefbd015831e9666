#include "live/drain/cycles.h"

#include <spdlog/spdlog.h>

#include <optional>
#include <utility>

#include "base/text.h"
#include "sentry/webhooks/live_read.h"

namespace source_sentry {
namespace {

/// The sinks of streams that get the rows of issues, and their ends.
class IssueSinks {
 public:
  IssueSinks(Source& source, const OpenSink& open, const std::vector<WantedStream>& streams) {
    for (const WantedStream& stream : streams) {
      states_.push_back(first_state(stream.saved_state));
      sinks_.push_back(open(stream.name, states_.back()));
      sinks_.back()->started();
      targets_.push_back({sinks_.back().get(), source.shaping(stream.name)});
    }
  }

  const std::vector<Refetch::Target>& targets() const { return targets_; }

  void beat() {
    for (const auto& sink : sinks_) sink->beat_if_silent(std::chrono::seconds(30));
  }

  /// Their states stay where they are: only a sync moves them.
  void finish() {
    for (std::size_t at = 0; at < sinks_.size(); ++at) {
      if (targets_[at].shaping) {
        if (const auto error = targets_[at].shaping->end()) sinks_[at]->error(*error);
      }
      sinks_[at]->complete(states_[at]);
    }
  }

 private:
  std::vector<std::unique_ptr<StreamSink>> sinks_;
  std::vector<nlohmann::ordered_json> states_;
  std::vector<Refetch::Target> targets_;
};

}  // namespace

Cycles::Cycles(const CyclePlan& plan, Source& source, Source* rows, Outlet& outlet,
               const SyncContext& sync)
    : plan_(plan),
      source_(source),
      outlet_(outlet),
      sync_(sync),
      next_resync_(sync.clock.steady_now()),
      last_resync_(sync.clock.steady_now()) {
  if (plan.refetches && rows != nullptr) refetch_ = std::make_unique<Refetch>(*rows, sync);
}

void Cycles::run(const std::stop_token& stop) {
  while (true) {
    // After a stop, too: what was taken in before it, or while a resync was under way, is written.
    follow(stop);
    if (stop.stop_requested()) return;
    if (resync_is_due()) resync(stop);
  }
}

bool Cycles::resync_is_due() const {
  return plan_.resync_every > Duration::zero() && sync_.clock.steady_now() >= next_resync_;
}

void Cycles::follow(const std::stop_token& stop) {
  std::stop_source enough;
  const std::stop_callback passed_on(stop, [&enough] { enough.request_stop(); });
  std::vector<WantedStream> wanted = plan_.live;
  if (refetch_) {
    for (const std::string& name : plan_.issue_streams) wanted.push_back({.name = name});
  }
  const OpenSink open = outlet_.begin(wanted);
  std::vector<LiveJob> jobs;
  for (std::size_t at = 0; at < plan_.live.size(); ++at) {
    jobs.push_back(source_.live_job(wanted[at]));
  }
  wanted.erase(wanted.begin(), wanted.begin() + static_cast<std::ptrdiff_t>(plan_.live.size()));
  IssueSinks issues(source_, open, wanted);
  if (refetch_) refetch_->begin(issues.targets());
  LiveContext context{plan_.spool, open, sync_.clock, enough.get_token(), true};
  std::optional<Instant> latest;
  context.seen = [&](const Delivery& delivery, const Envelope& envelope) {
    latest = delivery.received_at;
    if (refetch_) refetch_->note(delivery, envelope);
  };
  context.written = [&](SpoolPosition) {
    if (latest) lag_ = (sync_.clock.now() - *std::exchange(latest, std::nullopt)).count();
    outlet_.save();
    issues.beat();
    if (resync_is_due()) enough.request_stop();
  };
  const auto failures = read_live(jobs, context);
  if (refetch_) refetch_->end();
  issues.finish();
  outlet_.end(failures.empty());
  if (failures.empty()) return;
  // Whoever watches starts it again, and nothing is lost meanwhile.
  throw ConnectorError(FailureKind::kSystem, "The records of " + names_of(failures) +
                                                 " cannot leave: " + failures.front().second);
}

void Cycles::resync(const std::stop_token& stop) {
  const Instant begun = sync_.clock.steady_now();
  // Many listeners that start together do not ask together.
  next_resync_ = begun + plan_.resync_every * 9 / 10 + sync_.clock.jitter(plan_.resync_every / 5);
  std::vector<WantedStream> wanted = plan_.resynced;
  const OpenSink open = outlet_.begin(wanted);
  std::vector<StreamJob> jobs;
  for (WantedStream& stream : wanted) jobs.push_back(source_.job(std::move(stream)));
  spdlog::info("A resync of {} begins; webhooks wait in the spool meanwhile.",
               number_of(jobs.size(), "stream"));
  const SyncContext sync{open,        sync_.clock, sync_.make_client, sync_.judge,
                         sync_.pacer, stop,        sync_.workers};
  const auto failures = run_sync(jobs, sync);
  outlet_.end(failures.empty() && !stop.stop_requested());
  if (stop.stop_requested()) return;
  if (failures.empty()) {
    last_resync_ = sync_.clock.steady_now();
    spdlog::info("The resync is complete, after {:.0f} s.",
                 as_seconds(sync_.clock.steady_now() - begun));
  } else {
    spdlog::warn("The resync could not read {}. The next one tries again.", names_of(failures));
  }
}

Duration Cycles::since_resync() const { return sync_.clock.steady_now() - last_resync_.load(); }

}  // namespace source_sentry
