#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "engine/fetch/route.h"

namespace source_sentry {

/// Holds the rows that were read against the server's own count of them, window by window. Only
/// reports: a difference may have its reasons (something deleted meanwhile), but somebody should
/// know.
class Audit {
 public:
  /// How many rows the server has in a window; nothing where it does not say.
  using Count = std::function<std::optional<std::uint64_t>(const Window&)>;

  /// `now`: the server's clock. What is younger than the usual time to arrive is left out, and so
  /// is what is older than anybody keeps it, unless rows show that somebody does.
  explicit Audit(Instant now);

  /// Whether a row of that time takes part.
  bool counts(Instant when) const { return when < end_; }

  /// Whether all rows before `end` take part.
  bool settled(Instant end) const { return end <= end_; }

  /// A window was read to its end and gave `rows` that take part, the oldest of them at `oldest`.
  /// Windows come one after the other, without gaps.
  void add(Window window, std::uint64_t rows, std::optional<Instant> oldest);

  /// Part of it was read twice, so that the rows of a window are not known any more.
  void give_up() { given_up_ = true; }

  /// One line for the log about all windows: how many rows they gave and how many the server
  /// counts, and where the first difference lies. Asks `count` once when all is well, and some ten
  /// times otherwise. Nothing when there is nothing to compare.
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
