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

/// Goes through the windows of a partition, oldest first, from where its state is, and moves the
/// state. A window that cannot be read becomes a hole, and one that is too much for the
/// server is narrowed.
class WindowWalk {
 public:
  /// About so many rows make a window. Small enough that a window is soon done and the server's
  /// offset paging stays cheap, large enough that half-full last pages cost about 1 %.
  static constexpr std::size_t kWindowRows = 2000;
  static constexpr std::size_t kWindowPages = 50;

  enum class Turn {
    kMore,        ///< a window was read, and others follow
    kEnd,         ///< all were
    kOtherRoute,  ///< no window can be had by this route, and there is another one
    kNoWindows,   ///< the server gives no proof that it heeds them
  };

  /// All must outlive the walk.
  WindowWalk(const PartitionPlan& plan, PartitionState& state, RecordWriter& writer,
             RouteChoice& routes)
      : plan_(plan),
        state_(state),
        writer_(writer),
        routes_(routes),
        reader_(plan, state, writer) {}

  /// Reads on by `route`, to the end of a window; nothing from `until` on. Throws a ConnectorError
  /// when the partition cannot go on.
  Turn next(const Route& route, Instant until, Fetcher& fetcher);

  /// Whether the partition was found to have windows, and its reading by them has begun.
  bool has_begun() const { return left_.has_value(); }

  /// Goes on with `window`, where all that lies before it is read.
  void go_on_in(const Route& route, const Window& window) {
    left_.emplace(window, kWindowRows);
    if (!route.window_query) left_->ignore_windows();
  }

  /// Begins anew where the state is, by whichever route comes next.
  void start_over();

  std::uint64_t windows() const { return windows_; }  ///< read to their ends
  /// Whether the server was seen not to heed windows.
  bool ignored() const { return ignored_; }
  /// The server's time as of the latest window's last answer.
  std::optional<Instant> server_now() const { return server_now_; }

 private:
  using Tally = RecordWriter::Tally;
  using End = WindowReader::End;

  /// Finishes a window that is under way, and sets out. What to say where that is all.
  std::optional<Turn> begin(const Route& route);
  Instant start_of_reading() const;
  /// Gets a walk's first page, without asking ahead: it decides whether more is read at all. How it
  /// ends when there is none.
  std::optional<End> take_first_page(const Route& route, PageWalk& walk, const Window* window);
  FirstPage first_page(const Route& route, PageWalk& walk, const Window& window);
  /// The rest of the window that the state is in.
  void finish_window_or_leave_it(const Route& route);
  /// kRefused and kTooMuch: it is to be read anew.
  End finish_window(const Route& route);
  /// `read`: whether the window was read, and not only looked at.
  End read_window_or_leave_it(const Route& route, const WindowPlanner::Step& step, bool& read);
  End read_window(const Route& route, const WindowPlanner::Step& step, bool& read);
  End read_rest(const WindowReader::Task& task, const Window& whole, PageWalk& walk, Tally total);
  /// Before a part of a window that failed is asked for: makes sure that it is not the server.
  /// Throws when it is; otherwise nothing, or how the window ends instead.
  std::optional<WindowReader::End> settle_failure(const Route& route, const Window& failed,
                                                  const Verdict& refusal);
  /// Whether the server answers for another window than one whose first page it refuses: it is
  /// something in that one.
  bool refused_in_part(const Route& route, const Verdict& refusal);
  End leave_out(const Route& route, const Window& second, const ConnectorError& why);
  /// What a look at one row of a second comes to.
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
  Fetcher* fetcher_ = nullptr;  // of the turn under way
  Instant until_;
  std::optional<WindowPlanner> left_;      // set once the reading by windows has begun
  Instant recent_until_ = Instant::min();  // end of the windows that may repeat what was written
  std::optional<Instant> server_now_;
  std::uint64_t windows_ = 0;
  bool ignored_ = false;
  bool looked_ = false;          // whether it does, where it had refused all so far
  bool answers_ = false;         // the route was seen to answer
  std::optional<Instant> good_;  // a second that it answers for
};

}  // namespace source_sentry
