#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "engine/fetch/route.h"

namespace source_sentry {

/// Compares the rows that were read with the server's own count of them, window by window. It only
/// reports: a difference may be harmless (a row was deleted meanwhile), but somebody should know.
/// Not thread-safe.
class Audit {
 public:
  /// How many rows the server has in a window; nothing if it does not say.
  using Count = std::function<std::optional<std::uint64_t>(const Window&)>;

  /// `now`: the server's clock. Rows that are younger than the usual time to arrive do not take
  /// part. Neither does what is older than servers usually keep rows, unless older rows were read.
  explicit Audit(Instant now);

  /// Whether a row of this time takes part.
  bool counts(Instant when) const { return when < end_; }

  /// Whether all rows before `end` take part.
  bool settled(Instant end) const { return end <= end_; }

  /// A window was read to its end. `rows`: how many of its rows take part. `oldest`: the time of
  /// the oldest of them. Windows must be added in order, without gaps.
  void add(Window window, std::uint64_t rows, std::optional<Instant> oldest);

  /// Something was read twice, so it is no longer known how many rows a window has. From now on
  /// `compare` gives nothing.
  void give_up() { given_up_ = true; }

  /// One line for the log about all windows: how many rows they gave, how many the server counts,
  /// and the first window in which these differ. Calls `count` once if they agree, and otherwise
  /// about ten times, to find that window. Nothing if there is nothing to compare.
  struct Line {
    bool differs = false;
    std::string text;
  };
  std::optional<Line> compare(const Count& count) const;

 private:
  struct Part {
    Window window;
    std::uint64_t rows = 0;
  };
  Part sum(std::size_t from, std::size_t to) const;

  Instant end_;
  Instant usual_oldest_;
  std::vector<Part> parts_;
  bool given_up_ = false;
};

}  // namespace source_sentry
