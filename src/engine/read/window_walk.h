#pragma once

#include <cstdint>
#include <optional>

#include "engine/fetch/fetcher.h"
#include "engine/fetch/page_walk.h"
#include "engine/plan/route_choice.h"
#include "engine/plan/stream_plan.h"
#include "engine/plan/window_planner.h"
#include "engine/read/window_reader.h"
#include "engine/write/partition_state.h"
#include "engine/write/record_writer.h"

namespace source_sentry {

/// Reads the windows of a partition, oldest first, from the place in its state, and moves that
/// place. A window that is too much for the server is narrowed. A window that cannot be read
/// becomes a hole. Not thread-safe.
class WindowWalk {
 public:
  /// About how many rows a window should have. Small enough that a window is read soon and that the
  /// server's offset paging stays cheap. Large enough that half-full last pages cost about 1 %.
  static constexpr std::size_t kWindowRows = 2000;
  static constexpr std::size_t kWindowPages = 50;

  enum class Turn {
    kMore,        ///< a window was read, and others follow
    kEnd,         ///< all windows were read
    kOtherRoute,  ///< this route is refused, and another one was chosen
    kNoWindows,   ///< the server may ignore windows: read the list without
  };

  /// All must outlive the walk.
  WindowWalk(const PartitionPlan& plan, PartitionState& state, RecordWriter& writer,
             RouteChoice& routes)
      : plan_(plan),
        state_(state),
        writer_(writer),
        routes_(routes),
        reader_(plan, state, writer) {}

  /// Reads the next window to its end by `route`. Nothing from `until` on is read. Throws a
  /// ConnectorError when the partition cannot be read any further, and Stopped.
  Turn next(const Route& route, Instant until, Fetcher& fetcher);

  /// Whether reading by windows has begun.
  bool has_begun() const { return left_.has_value(); }

  /// Continues with `window`; everything older is read.
  void go_on_in(const Route& route, const Window& window) {
    left_.emplace(window, kWindowRows);
    if (!route.window_query) left_->ignore_windows();
  }

  /// Starts over at the place in the state, by whichever route comes next.
  void start_over();

  /// How many windows were read to their ends.
  std::uint64_t windows() const { return windows_; }
  /// Whether the server was found to ignore windows.
  bool ignored() const { return ignored_; }
  /// The server's time as of the latest window's last answer.
  std::optional<Instant> server_now() const { return server_now_; }

 private:
  using Tally = RecordWriter::Tally;
  using End = WindowReader::End;

  /// Finishes the window that an earlier run has begun, and plans the rest. Set if `next` is to
  /// return it at once.
  std::optional<Turn> begin(const Route& route);
  Instant start_of_reading() const;
  /// Gets a walk's first page, without asking ahead, since it decides whether more is read at all.
  /// If it cannot be had: how the window ends.
  std::optional<End> take_first_page(const Route& route, PageWalk& walk, const Window* window);
  FirstPage first_page(const Route& route, PageWalk& walk, const Window& window);
  /// Reads the rest of the window that the state names. If that fails, the window becomes a hole,
  /// or is read from its beginning.
  void finish_window_or_leave_it(const Route& route);
  /// kRefused and kTooMuch: the window must be read from its beginning.
  End finish_window(const Route& route);
  /// `read` is set to whether the window was read, and not only looked at.
  End read_window_or_leave_it(const Route& route, const WindowPlanner::Step& step, bool& read);
  End read_window(const Route& route, const WindowPlanner::Step& step, bool& read);
  End read_rest(const WindowReader::Task& task, const Window& whole, PageWalk& walk, Tally total);
  /// Call this before asking for a part of a window that failed. Makes sure that the server answers
  /// for something else, and throws if it has gone down. If set: how the window ends instead.
  std::optional<WindowReader::End> settle_failure(const Route& route, const Window& failed,
                                                  const Verdict& refusal);
  /// Whether the server answers for another window than the one whose first page it refuses. Then
  /// it refuses something in that window, and not the token or the request.
  bool refused_in_part(const Route& route, const Verdict& refusal);
  End leave_out(const Route& route, const Window& second, const ConnectorError& reason);
  /// Whether the server answers for one row of a second.
  struct Look {
    bool answered = false;
    bool timed_out = false;
  };
  Look look_at_second(const Route& route, Instant second);
  Look look_elsewhere(const Route& route, const Window& failed);
  void prepare(PageWalk& walk);
  Window wanted_of(const Window& window) const;

  const PartitionPlan& plan_;
  PartitionState& state_;
  RecordWriter& writer_;
  RouteChoice& routes_;
  WindowReader reader_;
  Fetcher* fetcher_ = nullptr;  // of the present call of `next`
  Instant until_;
  std::optional<WindowPlanner> left_;      // set once reading by windows has begun
  Instant recent_until_ = Instant::min();  // windows before it may repeat what was written
  std::optional<Instant> server_now_;
  std::uint64_t windows_ = 0;
  bool ignored_ = false;
  bool looked_ = false;          // another window was tried though the route had answered nothing
  bool answers_ = false;         // the route has answered
  std::optional<Instant> good_;  // a second that it has answered for
};

}  // namespace source_sentry
