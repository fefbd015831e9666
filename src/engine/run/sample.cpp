#include "engine/run/sample.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "engine/custom/custom_walk.h"
#include "engine/run/first_page.h"
#include "engine/series/days.h"
#include "engine/write/partition_state.h"
#include "engine/write/record_writer.h"

namespace source_sentry {
namespace {

/// Of a list that holds what is wanted far behind its beginning, since it cannot be asked for by
/// time.
constexpr std::size_t kMostPages = 10;
/// The token may lack some projects and not others.
constexpr std::size_t kMostRefusals = 3;

/// Keeps the first few records and then asks for a stop.
class FewRecords final : public StreamSink {
 public:
  FewRecords(std::string stream, Clock& clock, std::size_t most)
      : stream_(std::move(stream)), clock_(clock), most_(most) {}

  const std::string& stream() const override { return stream_; }
  Clock& clock() const override { return clock_; }
  std::string head() const override { return {}; }
  std::string tail() const override { return "\n"; }
  void started() override {}
  void records(std::span<const std::string_view> pieces, std::uint64_t /*count*/) override {
    std::string text;
    for (const std::string_view piece : pieces) text += piece;
    for (std::size_t at = 0; at < text.size() && left() > 0;) {
      const std::size_t end = text.find('\n', at);  // there is none inside a record
      list_.push_back(text.substr(at, end - at));
      at = end + 1;
    }
    if (left() == 0) enough_.request_stop();
  }
  void state(nlohmann::ordered_json /*state*/) override {}
  void rate_limited(Instant /*until*/) override {}
  void running_again() override {}
  void beat_if_silent(Duration /*span*/) override {}
  void error(const ConnectorError& /*error*/) override {}
  void complete(nlohmann::ordered_json /*state*/) override {}
  void incomplete(nlohmann::ordered_json /*state*/) override {}
  Written written() const override { return {}; }

  std::size_t left() const { return most_ - list_.size(); }
  std::vector<std::string>& list() { return list_; }
  /// Requested once there are enough records.
  std::stop_source& enough() { return enough_; }

 private:
  const std::string stream_;
  Clock& clock_;
  const std::size_t most_;
  std::stop_source enough_;
  std::vector<std::string> list_;
};

/// The first records of one partition.
class PartitionSample {
 public:
  PartitionSample(PartitionPlan plan, FewRecords& sink, Fetcher& fetcher)
      : plan_(std::move(plan)),
        sink_(sink),
        fetcher_(fetcher),
        state_(plan_, plan_.name.empty() ? sink.stream() : sink.stream() + " of " + plan_.name, {},
               true, [](const Checkpoint&) {}),
        writer_(plan_, state_, sink_, nullptr),
        wanted_{plan_.from, plan_.until < plan_.now ? plan_.until : Instant::max()} {}

  void read() {
    if (plan_.custom) {
      CustomWalk walk(plan_, state_, writer_);
      while (sink_.left() > 0 && walk.next(fetcher_) == CustomWalk::Turn::kMore) {
      }
      if (sink_.list().empty() && !state_.holes().empty()) throw state_.holes().error();
      return;
    }
    const auto refusal =
        with_first_page(plan_, sink_.left(), fetcher_,
                        [&](PageWalk& walk, const Route& route) { read_pages(walk, route); });
    if (refusal) throw ConnectorError(refusal->error);
    if (sink_.list().empty() && !state_.holes().empty()) throw state_.holes().error();
  }

 private:
  void read_pages(PageWalk& walk, const Route& route) {
    for (std::size_t pages = 1;; ++pages) {
      RecordPage few = walk.records();
      if (plan_.series) {
        writer_.write_made(few, plan_.series->records(few.records.front().json, newest_day(plan_)));
        return;
      }
      // A server may give more rows than were asked for, and each may take a request of its own.
      if (few.records.size() > sink_.left()) few.records.resize(sink_.left());
      writer_.write(few, route, {.bounds = plan_.in_windows ? &wanted_ : nullptr}, fetcher_);
      if (sink_.left() == 0 || walk.last() || pages == kMostPages) return;
      if (walk.next(false) != PageWalk::Turn::kPage) return;
    }
  }

  PartitionPlan plan_;
  FewRecords& sink_;
  Fetcher& fetcher_;
  PartitionState state_;
  RecordWriter writer_;
  const Window wanted_;
};

/// Reads partition after partition until there are enough records. Throws Stopped when there are.
void read_few(const StreamJob& job, FewRecords& sink, Fetcher& fetcher) {
  StreamPlan plan = job.plan(fetcher);
  if (plan.plans.empty() && plan.gap) throw *plan.gap;
  std::vector<ConnectorError> refusals;
  for (PartitionPlan& partition : plan.plans) {
    try {
      PartitionSample(std::move(partition), sink, fetcher).read();
    } catch (const ConnectorError& error) {
      const bool others_may_be_read = error.kind() == FailureKind::kConfig;
      refusals.push_back(error);
      if (!others_may_be_read || refusals.size() == kMostRefusals) break;
    }
    if (sink.left() == 0) return;
  }
  if (refusals.empty()) return;
  if (sink.list().empty()) throw refusals.front();
  spdlog::warn("{}", refusals.front().message());
}

}  // namespace

std::vector<std::string> sample_of(const StreamJob& job, std::size_t most,
                                   const SyncContext& context) {
  FewRecords sink(job.name, context.clock, most);
  const std::stop_callback stop(context.stop, [&] { sink.enough().request_stop(); });
  const auto client = context.make_client();
  Fetcher fetcher(*client, context.judge, context.pacer, context.clock, sink.enough().get_token());
  try {
    read_few(job, sink, fetcher);
  } catch (const Stopped&) {
    if (context.stop.stop_requested()) throw;
  }
  return std::move(sink.list());
}

}  // namespace source_sentry
