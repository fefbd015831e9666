#include "engine/write/audit.h"

#include <algorithm>

#include "base/text.h"
#include "engine/plan/retention.h"

namespace source_sentry {
namespace {

/// What shipping connectors allow between an event's own time and its place in Sentry's lists.
constexpr std::chrono::minutes kTimeToArrive(10);

std::string said(const Window& window) {
  return format_seconds(window.from) + " to " + format_seconds(window.to);
}

}  // namespace

Audit::Audit(Instant now)
    : end_(whole_seconds(now - kTimeToArrive)), usual_oldest_(end_ - kUsualRetention) {}

void Audit::add(Window window, std::uint64_t rows, std::optional<Instant> oldest) {
  window.to = std::min(window.to, end_);
  if (parts_.empty()) {
    const Instant needed = std::min(oldest ? whole_seconds(*oldest) : usual_oldest_, usual_oldest_);
    window.from = std::max(window.from, needed);
  }
  if (window.from < window.to) parts_.push_back({window, rows});
}

std::optional<Audit::Line> Audit::compare(const Count& count) const {
  if (parts_.empty() || given_up_) return std::nullopt;
  std::size_t from = 0;
  std::size_t to = parts_.size();
  const Part whole = sum(from, to);
  const auto counted = count(whole.window);
  if (!counted) return std::nullopt;
  const std::string rows = number_of(whole.rows, "row") + " from " + said(whole.window) + ", ";
  if (*counted == whole.rows) return Line{false, rows + "as many as Sentry counts."};
  // Finds the first window that differs by halving: if the first half agrees, the second differs.
  std::uint64_t there = *counted;
  while (to - from > 1) {
    const std::size_t middle = from + (to - from) / 2;
    const Part half = sum(from, middle);
    const auto in_half = count(half.window);
    if (!in_half) break;
    if (*in_half == half.rows) {
      from = middle;
      there -= *in_half;
    } else {
      to = middle;
      there = *in_half;
    }
  }
  const Part part = sum(from, to);
  return Line{true, rows + "but Sentry counts " + std::to_string(*counted) +
                        ". They first differ in the window from " + said(part.window) + ": " +
                        number_of(part.rows, "row") + " came, and Sentry counts " +
                        std::to_string(there) + "."};
}

Audit::Part Audit::sum(std::size_t from, std::size_t to) const {
  Part part{{parts_[from].window.from, parts_[to - 1].window.to}, 0};
  for (std::size_t i = from; i < to; ++i) part.rows += parts_[i].rows;
  return part;
}

}  // namespace source_sentry
