#pragma once

#include <cstddef>
#include <optional>

#include "engine/fetch/route.h"
#include "json/record_splitter.h"

namespace source_sentry {

/// What the first page of a window showed.
struct FirstPage {
  std::size_t rows = 0;
  std::size_t outside = 0;  ///< rows that do not belong to the window asked for
  bool older = false;       ///< some of those lie before it
  bool newer = false;       ///< and some after it
  bool last = false;        ///< no page follows
  Instant oldest;           ///< of its rows; meaningless without rows
};

/// What the planner needs to know about a window's first page. `last`: the server says so. Rows
/// outside the window are reported as they appear; WindowProof decides whether the server respects
/// windows.
FirstPage look_at(const RecordPage& page, bool last, const Window& window);

/// Cuts a long stretch of time into windows, oldest first, of about `target_rows` each, by what the
/// server's first pages show: servers list newest first, so only finished windows can move a cursor
/// forward, and only small ones let it move often. Pure: it asks through `next` and is told the
/// result.
///
/// What fits about one window is read as one. Otherwise the oldest data is looked for (doubling
/// steps back from the end, starting at 90 days, which is what sentry.io keeps), and windows walk
/// forward from there: wider after few rows, narrower when the first page shows that too many
/// follow. A server that ignores windows is read in one pass.
class WindowPlanner {
 public:
  WindowPlanner(Window whole, std::size_t target_rows);

  struct Step {
    Window window;
    bool probe = false;  ///< only checks whether there is anything; no records are wanted
  };

  /// What to ask for next; nothing when everything is read.
  std::optional<Step> next() const;

  /// Takes in the first page of the step's window. True: read this window to its end, then call
  /// `window_done`. False: drop the page and call `next`.
  bool first_page(const FirstPage& page);

  /// The window was read to its end and gave `rows` rows.
  void window_done(std::size_t rows);

  /// The step's window is too much for the server: the first of `parts` equal parts of it comes
  /// next, and the rest after that, so that little is repeated. False when there is no smaller
  /// window.
  bool narrow(int parts = 2);

  /// The step's window cannot be read, nor anything before `until`: what lies after it comes next.
  /// False when nothing is known to be there.
  bool skip(Instant until);

  /// Whether what comes next is a part of a window that was narrowed.
  bool in_failed_window() const { return phase_ == Phase::kWalk && position_ < failing_until_; }

  /// The server is not asked for windows at all: everything is read in one pass.
  void ignore_windows();

  /// Whether the server was found not to restrict its answers to the window.
  bool windows_ignored() const { return phase_ == Phase::kSinglePass || ignored_; }

 private:
  enum class Phase { kWhole, kFindOldest, kWalk, kSinglePass, kDone };

  bool fits(const FirstPage& page, const Window& window) const;
  Duration width_for_target(const FirstPage& page, const Window& window) const;
  void start_walk(Instant from);
  Instant first_start() const;
  void learn_widest(const Window& done);
  Instant walk_end() const;

  Window whole_;
  double target_rows_;
  Phase phase_ = Phase::kWhole;
  Duration age_{};      // how far back the search for the oldest data has got
  Instant position_{};  // everything before it is read
  Duration width_{};
  Instant failing_until_ = Instant::min();  // end of what was too much, while it is read in parts
  Instant slow_until_ = Instant::min();     // the same, where each failure takes minutes
  /// The widest window that this server answers, as far as known.
  Duration widest_ = Duration::max();
  Duration passed_{};   // the widest answered part of what was too much
  bool holed_ = false;  // a part of it could not be read
  int at_widest_ = 0;   // windows of that width in a row
  bool ignored_ = false;
};

}  // namespace source_sentry
