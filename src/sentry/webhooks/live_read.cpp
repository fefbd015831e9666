#include "sentry/webhooks/live_read.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <deque>
#include <optional>

#include "base/error.h"
#include "base/json_member.h"
#include "base/text.h"
#include "engine/write/record_block.h"
#include "sentry/webhooks/webhook_record.h"
#include "spool/spool_reader.h"

namespace source_sentry {
namespace {

/// So many deliveries, or bytes of them, are read before their records and states are written.
constexpr std::size_t kBatch = 1000;
constexpr std::size_t kBatchBytes = std::size_t{4} << 20;
/// How often a spool is looked at for more; and the silence after which a state is repeated.
constexpr std::chrono::milliseconds kLook(50);
constexpr std::chrono::seconds kLongestSilence(30);
/// How long those that follow may take to catch up after a stop.
constexpr std::chrono::seconds kLastWay(10);

std::optional<SpoolPosition> saved_position(const LiveJob& job) {
  if (job.full_refresh || job.saved_state.is_null()) return std::nullopt;
  const std::string text = text_member(job.saved_state, kSpoolCursor);
  if (text.empty()) return std::nullopt;
  if (const auto position = parse_position(text)) return position;
  throw ConnectorError(FailureKind::kConfig, "The state of " + job.name + " has \"" +
                                                 excerpt(text, 40) + "\" as " + kSpoolCursor +
                                                 ", which is no place in a spool. Clear the "
                                                 "stream, or give the state as it was written.");
}

/// The record of a delivery, before anything is made of it; nothing where it is left out.
std::optional<std::string> made_of(const LiveJob& job, const SpoolReader::Entry& entry,
                                   const Envelope& envelope) {
  std::string record = record_of(entry.delivery, entry.at, envelope, *job.webhooks);
  if (!job.transform) return record;
  Transformed changed = job.transform(record);
  if (changed.is_left_out()) return std::nullopt;
  return changed.is_changed() ? changed.take() : std::move(record);
}

/// One stream on its way from STARTED to COMPLETE.
class LiveStream {
 public:
  LiveStream(const LiveJob& job, const OpenSink& open)
      : job_(job),
        sink_(open(job.name, first_state(job.saved_state))),
        block_(*sink_, job.shaping) {
    sink_->started();
    attempt([&] {
      from_ = saved_position(job);
      reached_ = from_.value_or(SpoolPosition{});
    });
  }

  const std::optional<SpoolPosition>& from() const { return from_; }
  const std::optional<ConnectorError>& failure() const { return failure_; }
  const std::string& name() const { return job_.name; }
  bool is_open() const { return !failure_; }

  void take(const SpoolReader::Entry& entry, const Envelope& envelope, const WebhookStream& of) {
    const bool is_ours = job_.webhooks == &of || job_.webhooks->as_sent;
    if (failure_ || !is_ours || entry.at < reached_) return;
    attempt([&] {
      auto record = made_of(job_, entry, envelope);
      if (!record) return;
      block_.add_own(std::move(*record), entry.delivery.id);
      is_new_ = true;
    });
  }

  /// All before `position` was taken, and is written with a state that says so.
  void checkpoint(SpoolPosition position) {
    if (failure_) return;
    attempt([&] {
      block_.write();
      reached_ = std::max(reached_, position);
      if (std::exchange(is_new_, false)) sink_->state(state());
    });
  }

  void beat() { sink_->beat_if_silent(kLongestSilence); }

  void fail(const ConnectorError& error) {
    if (failure_) return;
    failure_ = error;
    sink_->error(error);
  }

  /// `whole`: all that was there was read.
  void finish(bool whole) {
    if (job_.shaping) {
      if (const auto error = job_.shaping->end()) fail(*error);
    }
    failure_ || !whole ? sink_->incomplete(state()) : sink_->complete(state());
  }

 private:
  nlohmann::ordered_json state() const {
    if (reached_ == SpoolPosition{}) return nlohmann::ordered_json::object();
    return {{kSpoolCursor, to_text(reached_)}};
  }

  template <typename Step>
  void attempt(const Step& step) {
    try {
      step();
    } catch (const ConnectorError& error) {
      fail(error);
    }
  }

  const LiveJob& job_;
  const std::unique_ptr<StreamSink> sink_;
  RecordBlock block_;
  std::optional<SpoolPosition> from_;
  SpoolPosition reached_{};
  bool is_new_ = false;  // records are written that no state covers
  std::optional<ConnectorError> failure_;
};

/// One pass through the spool for all streams.
class LivePass {
 public:
  LivePass(const std::vector<LiveJob>& jobs, const LiveContext& context) : context_(context) {
    for (const LiveJob& job : jobs) streams_.emplace_back(job, context.open_sink);
  }

  std::vector<std::pair<std::string, std::string>> run() {
    try {
      read();
    } catch (const ConnectorError& error) {
      for (LiveStream& stream : streams_) stream.fail(error);
    }
    std::vector<std::pair<std::string, std::string>> failures;
    for (LiveStream& stream : streams_) {
      stream.finish(!cut_);
      if (const auto& error = stream.failure()) {
        failures.emplace_back(stream.name(), error->message());
      }
    }
    return failures;
  }

 private:
  /// The first place that a stream has not read; nothing: one begins anew.
  std::optional<SpoolPosition> first_place() const {
    std::optional<SpoolPosition> first;
    for (const LiveStream& stream : streams_) {
      if (!stream.is_open()) continue;
      if (!stream.from()) return std::nullopt;
      first = first ? std::min(*first, *stream.from()) : *stream.from();
    }
    return first;
  }

  bool any_open() const {
    return std::any_of(streams_.begin(), streams_.end(),
                       [](const LiveStream& stream) { return stream.is_open(); });
  }

  void read() {
    if (!any_open()) return;
    SpoolReader reader(context_.spool, first_place());
    if (reader.has_gap()) {
      spdlog::warn(
          "Webhooks that came after the last read are gone from the spool for their age. Read it "
          "more often, or have the listener keep them longer.");
    }
    while (any_open()) {
      // Seen before the spool is: what came before the stop is there then.
      const bool stopped = context_.stop.stop_requested();
      const bool more = read_batch(reader);
      for (LiveStream& stream : streams_) stream.checkpoint(reader.position());
      tell_of_damage(reader);
      if (context_.written) context_.written(reader.position());
      if (more && (!stopped || may_catch_up())) continue;
      cut_ = more;
      if (!context_.follow || stopped) return;
      for (LiveStream& stream : streams_) stream.beat();
      context_.clock.sleep_for(kLook, context_.stop);
    }
  }

  /// Whether it stopped before the end.
  bool read_batch(SpoolReader& reader) {
    std::size_t bytes = 0;
    for (std::size_t count = 0; count < kBatch && bytes < kBatchBytes; ++count) {
      const auto entry = reader.next();
      if (!entry) return false;
      bytes += entry->delivery.body.size();
      const auto envelope = read_envelope(entry->delivery.body);
      if (!envelope) continue;  // the listener takes in nothing like it
      const WebhookStream& of = stream_of(entry->delivery, *envelope);
      for (LiveStream& stream : streams_) stream.take(*entry, *envelope, of);
      if (context_.seen) context_.seen(entry->delivery, *envelope);
    }
    return true;
  }

  /// What is there already shall leave before the process ends, if that does not take long.
  bool may_catch_up() {
    if (!context_.follow) return false;
    const Instant now = context_.clock.steady_now();
    if (!stopped_at_) stopped_at_ = now;
    return now - *stopped_at_ < kLastWay;
  }

  void tell_of_damage(const SpoolReader& reader) {
    if (reader.damaged() == damaged_) return;
    spdlog::warn("The spool is damaged in {}: what was written there is lost.",
                 number_of(reader.damaged() - damaged_, "place"));
    damaged_ = reader.damaged();
  }

  const LiveContext& context_;
  std::deque<LiveStream> streams_;
  std::size_t damaged_ = 0;
  std::optional<Instant> stopped_at_;  // by the steady clock
  bool cut_ = false;                   // a stop has come before the end
};

}  // namespace

std::vector<std::pair<std::string, std::string>> read_live(const std::vector<LiveJob>& jobs,
                                                           const LiveContext& context) {
  return jobs.empty() ? std::vector<std::pair<std::string, std::string>>()
                      : LivePass(jobs, context).run();
}

std::vector<std::string> live_sample(const LiveJob& job, const std::string& spool,
                                     std::size_t most) {
  std::deque<std::string> newest;
  SpoolReader reader(spool, std::nullopt);
  while (const auto entry = reader.next()) {
    const auto envelope = read_envelope(entry->delivery.body);
    if (!envelope) continue;
    const bool is_ours = &stream_of(entry->delivery, *envelope) == job.webhooks;
    if (!is_ours && !job.webhooks->as_sent) continue;
    auto record = made_of(job, *entry, *envelope);
    if (!record) continue;
    newest.push_front(std::move(*record));
    if (newest.size() > most) newest.pop_back();
  }
  return {newest.begin(), newest.end()};
}

nlohmann::ordered_json first_state(const nlohmann::json& saved) {
  return saved.is_object() ? nlohmann::ordered_json(saved) : nlohmann::ordered_json::object();
}

void check_spool(const std::string& folder) { SpoolReader(folder, std::nullopt); }

}  // namespace source_sentry
