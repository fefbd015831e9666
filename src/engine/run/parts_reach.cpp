#include "engine/run/parts_reach.h"

#include <algorithm>

#include "base/time.h"

namespace source_sentry {
namespace {

/// What is earlier is not a time that anything happened at, but the lack of one: there was no
/// Sentry.
constexpr Instant kFirstRecords = std::chrono::sys_days(std::chrono::year{2008} / 1 / 1);

}  // namespace

void PartsReach::add(std::size_t part, std::size_t partitions, std::optional<Instant> from,
                     Instant until) {
  const std::scoped_lock lock(mutex_);
  if (from && *from < kFirstRecords) from.reset();
  parts_.resize(std::max(parts_.size(), part + 1));
  parts_[part] = {static_cast<double>(partitions), 0, from, until};
}

void PartsReach::drop(std::size_t part) {
  const std::scoped_lock lock(mutex_);
  parts_.at(part).weight = 0;
}

std::optional<Reach> PartsReach::moved(std::size_t part, const Checkpoint& to) {
  if (!to.position || to.position->read_until < kFirstRecords) return std::nullopt;
  const Instant at = to.position->read_until;
  const std::scoped_lock lock(mutex_);
  Part& moving = parts_.at(part);
  if (!moving.from) moving.from = at;
  const double whole = as_seconds(moving.until - *moving.from);
  if (whole > 0) moving.done = std::clamp(as_seconds(at - *moving.from) / whole, moving.done, 1.0);
  return Reach{share(), at};
}

Reach PartsReach::done(std::size_t part) {
  const std::scoped_lock lock(mutex_);
  parts_.at(part).done = 1;
  return {share(), std::nullopt};
}

double PartsReach::share() const {
  double whole = 0;
  double done = 0;
  for (const Part& part : parts_) {
    whole += part.weight;
    done += part.weight * part.done;
  }
  return whole > 0 ? done / whole : 0;
}

}  // namespace source_sentry
