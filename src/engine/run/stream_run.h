#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/plan/stream_job.h"
#include "engine/read/partition_reader.h"
#include "engine/run/parts_reach.h"
#include "engine/state/batches.h"
#include "engine/state/stream_state.h"
#include "http/causes.h"
#include "sink/stream_sink.h"

namespace source_sentry {

/// One stream of a run from STARTED to COMPLETE or INCOMPLETE: its plan, the readers of its
/// partitions, its state and its failures. A partition that fails does not stop the others; a batch
/// that fails is read partition by partition.
/// Thread-safe, as long as no part is worked on by two threads at a time.
class StreamRun final : public WaitListener {
 public:
  /// `causes`: those of the whole run. They and the job must outlive it.
  StreamRun(const StreamJob& job, const OpenSink& open, Causes& causes);

  /// Says STARTED. Nothing else may be said of the stream before.
  void start();

  /// Makes the plan. Returns the parts to read, each a partition or a batch of them: none when the
  /// stream cannot be read, or a stop was requested; it has then ended.
  std::vector<std::size_t> begin(Fetcher& fetcher);

  /// The rate limit that reading the part uses up.
  const std::string& rate_group(std::size_t part) const;

  /// The list that reading the part goes through, for streams that share it.
  std::string list_of(std::size_t part) const;

  /// Whether it has said how it ended.
  bool has_ended() const;

  /// Continues reading a part. Returns what to read next in its place: the part itself, or the
  /// partitions of a batch that cannot be read as one, or parts that have waited for it, or nothing
  /// when there is no more to do; when that was the last one, the stream has ended.
  std::vector<std::size_t> step(std::size_t part, Fetcher& fetcher);

  /// Ends a stream that a stop left in the middle; does nothing if it has ended.
  void abandon();

  /// The stream has failed, by what happens outside its steps or in those of one partition. What
  /// another stream has reported is not reported in full again.
  void fail(const ConnectorError& error, const Partition* of = nullptr);

  StreamSink& output() { return *sink_; }

  /// What went wrong, for the run's final message; nothing if nothing did.
  std::optional<std::string> failure() const;

  void rate_limited(const std::string& what, Instant until, bool again) override;
  void asks_again(Instant when) override { sink_->asks_again(when); }
  void running_again() override;

 private:
  void report(const ConnectorError& error, const Partition* of);
  bool make_sure_of_time(Fetcher& fetcher) const;
  void warn_of_state() const;
  std::vector<std::size_t> divide();
  void expect(std::size_t part);
  void reached(std::size_t part, const Checkpoint& checkpoint);
  PartitionReader& reader_of(std::size_t part);
  const Batch* batch_of(std::size_t part) const;
  void finish(std::size_t part);
  std::vector<std::size_t> fall_apart(std::size_t part, const ConnectorError& why);
  std::vector<std::size_t> wait_for_others(std::size_t part);
  std::vector<std::size_t> those_that_waited();
  void tell_of_others() const;
  void tell_of_rows_left() const;
  void end();
  /// For people: how much of a partition was read, and how that ended.
  void log_summary(const PartitionReader& reader, std::string_view ending) const;

  const StreamJob& job_;
  Causes& causes_of_run_;
  const std::unique_ptr<StreamSink> sink_;
  StreamState state_;
  StreamPlan plan_;
  std::vector<Window> ranges_;  // of time, by partition
  PartsReach reach_;
  std::vector<Batch> batches_;
  // For each part: those of the partitions, followed by those of the batches.
  std::vector<std::string> groups_;
  std::vector<std::unique_ptr<PartitionReader>> readers_;
  // For partitions whose batch was split up: what it has written.
  std::vector<std::shared_ptr<const RecentRecords>> written_before_;
  Instant begun_;
  mutable std::mutex mutex_;
  std::size_t left_ = 0;              // parts still to be read to their end
  std::vector<std::size_t> waiting_;  // those of them that wait until all others are read
  bool whole_ = true;                 // nothing failed and nothing was cut short
  bool ended_ = false;
  std::vector<std::string> failures_;
  std::vector<std::string> told_;           // messages without the partitions' names
  std::vector<std::string> causes_;         // those of these messages
  std::vector<std::string> also_failing_;   // partitions that met one of those after another did
  std::size_t held_up_ = 0;                 // workers that a rate limit makes wait
  Instant held_up_until_ = Instant::min();  // as the status says
  Instant told_again_ = Instant::min();     // by the steady clock: none is logged before
};

/// What to report for an unexpected exception. `name`: what was being read.
ConnectorError failure_of(const std::string& name, const std::exception& error);

}  // namespace source_sentry
