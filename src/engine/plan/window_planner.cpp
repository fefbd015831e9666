#include "engine/plan/window_planner.h"

#include <algorithm>

#include "engine/plan/retention.h"

namespace source_sentry {
namespace {

using std::chrono::seconds;

/// Servers compare whole seconds: no window can be narrower.
constexpr Duration kNarrowest = seconds(1);
/// How much an empty window widens the next one; a full one changes it by at most the other factor.
constexpr double kWidenWhenEmpty = 8.0;
constexpr double kMostChange = 4.0;
/// After so many windows of the greatest width that a server answers, one twice as wide is tried.
constexpr int kTryWiderAfter = 8;
/// A window narrower than this that fails is not too wide: bad records lie close to each other.
constexpr Duration kLeastWidest = std::chrono::hours(1);
/// No Sentry has kept anything from before its first version. Where wide windows fail, reading
/// would otherwise go through narrow ones from the very beginning.
constexpr Instant kFirstSentry = std::chrono::sys_days(std::chrono::year{2008} / 1 / 1);
/// A window may be this much larger than the target before it is worth a new request.
constexpr double kTolerance = 2.0;

Duration seconds_of(Duration span) {
  return std::max<Duration>(std::chrono::floor<seconds>(span), kNarrowest);
}

Duration scaled(Duration span, double factor) {
  constexpr double kLongest = 1e16;  // some three centuries of microseconds: no overflow below
  const double count = std::min(static_cast<double>(span.count()) * factor, kLongest);
  return seconds_of(Duration(static_cast<Duration::rep>(count)));
}

}  // namespace

FirstPage look_at(const RecordPage& page, bool last, const Window& window) {
  FirstPage first;
  first.last = last;
  for (const RecordView& record : page.records) {
    const auto when = parse_instant(record.cursor);
    if (!when) continue;
    ++first.rows;
    // Some servers include the end in the window.
    const bool older = *when < window.from;
    const bool newer = *when >= window.to + seconds(1);
    if (older || newer) ++first.outside;
    first.older = first.older || older;
    first.newer = first.newer || newer;
    first.oldest = first.rows == 1 ? *when : std::min(first.oldest, *when);
  }
  return first;
}

WindowPlanner::WindowPlanner(Window whole, std::size_t target_rows)
    : whole_(whole), target_rows_(static_cast<double>(target_rows)), position_(whole.from) {
  if (whole_.from >= whole_.to) phase_ = Phase::kDone;
}

void WindowPlanner::ignore_windows() {
  ignored_ = true;
  if (phase_ == Phase::kWhole) phase_ = Phase::kSinglePass;
}

std::optional<WindowPlanner::Step> WindowPlanner::next() const {
  switch (phase_) {
    case Phase::kWhole:
      return Step{whole_, false};
    case Phase::kFindOldest:
      return Step{{whole_.from, whole_.to - age_}, true};
    case Phase::kWalk:
      return Step{{position_, std::min(position_ + width_, walk_end())}, false};
    case Phase::kSinglePass:
      return Step{{position_, whole_.to}, false};
    case Phase::kDone:
      break;
  }
  return std::nullopt;
}

bool WindowPlanner::first_page(const FirstPage& page) {
  const Window window = next()->window;
  // A row or two may have moved since the server chose them (an issue that was just seen again), so
  // only a page that is mostly foreign means that the window was ignored.
  ignored_ = ignored_ || page.outside * 2 > page.rows;
  switch (phase_) {
    case Phase::kWhole:
      if (ignored_ || page.last || fits(page, window)) return true;
      width_ = width_for_target(page, window);
      age_ = kUsualRetention;
      if (whole_.to - age_ > whole_.from) {
        phase_ = Phase::kFindOldest;
      } else {
        start_walk(whole_.from);
      }
      return false;
    case Phase::kFindOldest:
      if (ignored_) {
        phase_ = Phase::kSinglePass;
      } else if (page.rows == 0 && page.last) {
        start_walk(whole_.to - age_);
      } else {
        age_ *= 2;
        if (whole_.to - age_ <= whole_.from) start_walk(whole_.from);
      }
      return false;
    case Phase::kWalk:
      if (ignored_) {
        phase_ = Phase::kSinglePass;
        return false;
      }
      if (page.last || fits(page, window)) return true;
      width_ = std::min(width_for_target(page, window), seconds_of((window.to - window.from) / 2));
      return false;
    default:
      return true;
  }
}

void WindowPlanner::window_done(std::size_t rows) {
  const Window window = next()->window;
  learn_widest(window);
  position_ = window.to;
  if (position_ >= whole_.to) {
    phase_ = Phase::kDone;
    return;
  }
  // The rest of a window that failed is in one of its parts.
  if (position_ < slow_until_) return;
  const double factor = rows == 0 ? kWidenWhenEmpty
                                  : std::clamp(target_rows_ / static_cast<double>(rows),
                                               1 / kMostChange, kMostChange);
  width_ = std::min(scaled(window.to - window.from, factor), widest_);
}

/// A window that was too much, but was answered in full in parts, was too wide.
void WindowPlanner::learn_widest(const Window& done) {
  const Duration span = done.to - done.from;
  if (done.to <= failing_until_) {
    passed_ = std::max(passed_, span);
    if (done.to < failing_until_) return;
    if (!holed_ && passed_ >= kLeastWidest) widest_ = passed_;
    at_widest_ = 0;
  } else if (span >= widest_ && ++at_widest_ >= kTryWiderAfter) {
    widest_ = scaled(widest_, 2);
    at_widest_ = 0;
  }
}

bool WindowPlanner::narrow(int parts) {
  const auto step = next();
  if (!step || phase_ == Phase::kSinglePass) return false;
  if (phase_ == Phase::kFindOldest) {
    // Where the data begins stays unknown, so windows start from the very beginning; while empty,
    // each is much wider than the one before.
    start_walk(first_start());
    return true;
  }
  const Instant from = phase_ == Phase::kWhole ? first_start() : step->window.from;
  const Duration span = step->window.to - from;
  if (span <= kNarrowest) return false;
  if (phase_ == Phase::kWhole) start_walk(from);
  failing_until_ = step->window.to;
  if (parts > 2) slow_until_ = failing_until_;
  passed_ = Duration::zero();
  holed_ = false;
  width_ = seconds_of(span / parts);
  phase_ = Phase::kWalk;
  return true;
}

bool WindowPlanner::skip(Instant until) {
  if (phase_ != Phase::kWalk) return false;
  holed_ = true;
  position_ = until;
  if (position_ >= whole_.to) phase_ = Phase::kDone;
  return true;
}

Instant WindowPlanner::walk_end() const {
  return position_ < failing_until_ ? std::min(failing_until_, whole_.to) : whole_.to;
}

bool WindowPlanner::fits(const FirstPage& page, const Window& window) const {
  return window.to - window.from <= kNarrowest ||
         width_for_target(page, window) >= scaled(window.to - window.from, 1 / kTolerance);
}

Duration WindowPlanner::width_for_target(const FirstPage& page, const Window& window) const {
  // The page holds the newest rows of the window; take their density for all of it.
  const double rows = static_cast<double>(std::max<std::size_t>(page.rows, 1));
  const Duration span = page.rows == 0
                            ? window.to - window.from
                            : std::clamp<Duration>(window.to - page.oldest, kNarrowest,
                                                   std::max(window.to - window.from, kNarrowest));
  return scaled(span, target_rows_ / rows);
}

Instant WindowPlanner::first_start() const {
  return whole_.to > kFirstSentry ? std::max(whole_.from, kFirstSentry) : whole_.from;
}

void WindowPlanner::start_walk(Instant from) {
  phase_ = Phase::kWalk;
  position_ = from;
}

}  // namespace source_sentry
