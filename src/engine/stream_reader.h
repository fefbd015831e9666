#pragma once

#include <cstdint>
#include <string>

#include "engine/checkpoint.h"
#include "engine/fetcher.h"
#include "engine/page_walk.h"
#include "engine/recent_records.h"
#include "engine/stream_plan.h"
#include "engine/window_planner.h"
#include "protocol/stream_output.h"

namespace source_sentry {

/// Reads one stream from its checkpoint to the present and writes its records and states. One
/// reader serves one run of one stream, on one thread.
class StreamReader {
 public:
  /// About so many rows make a window. Small enough that a window is soon done and the server's
  /// offset paging stays cheap, large enough that half-full last pages cost about 1 %.
  static constexpr std::size_t kWindowRows = 2000;
  static constexpr std::size_t kWindowPages = 50;
  /// Inside a longer window a STATE is written after so many pages.
  static constexpr std::size_t kPagesPerState = 10;

  /// All arguments must outlive the reader. `checkpoint` is moved forward as records are written.
  StreamReader(const StreamPlan& plan, Fetcher& fetcher, StreamOutput& output,
               Checkpoint& checkpoint, bool full_refresh);

  /// Reads to the end. False when a stop was requested on the way. Throws a ConnectorError when the
  /// stream cannot go on; what was written until then is covered by states as far as it is safe.
  bool read();

  /// How much it asked for and got, for the log.
  std::string summary() const;

 private:
  /// What a page or a window gave.
  struct Tally {
    std::size_t written = 0;
    std::size_t inside = 0;  // rows with a cursor inside the bounds, whether written or repeats
    std::size_t older = 0;   // rows below the bounds
    std::optional<Instant> newest;
  };
  enum class Outcome { kDone, kStopped, kOtherRoute, kBadPosition };

  Outcome read_by(const Route& route);
  Outcome read_list(const Route& route);
  Outcome read_windows(const Route& route);
  Outcome prove_windows(const Route& route, bool& proven);
  Outcome finish_window(const Route& route);
  Outcome read_window(const Route& route, const WindowPlanner::Step& step, WindowPlanner& planner);
  Outcome read_rest(const Route& route, const Window& window, PageWalk& walk, Tally total,
                    bool page_at_hand);
  Outcome refused(const Route& route, const PageWalk& walk);
  std::size_t first_route() const;

  Tally write(const RecordPage& page, const Window* bounds);
  void append(const RecordView& record, Tally& tally);
  void flush();
  FirstPage look_at(const PageWalk& walk, const Window& window) const;
  void save();
  Instant start_of_reading() const;

  const StreamPlan& plan_;
  Fetcher& fetcher_;
  StreamOutput& output_;
  Checkpoint& checkpoint_;
  const bool full_refresh_;
  RecordSplitter splitter_;
  RecentRecords recent_;
  std::optional<ConnectorError> first_refusal_;
  std::optional<Instant> oldest_wanted_;  // exact, where windows are cut to seconds
  bool windows_ignored_ = false;
  std::string block_;  // lines of the page at hand
  std::size_t block_records_ = 0;
  std::string tail_;
  std::uint64_t pages_ = 0;
  std::uint64_t windows_ = 0;
  std::uint64_t repeats_ = 0;
  std::uint64_t repeated_ties_ = 0;  // of them, those between records of the same time
  std::uint64_t without_id_ = 0;
  std::uint64_t without_cursor_ = 0;
  std::uint64_t empty_records_ = 0;
};

}  // namespace source_sentry
