#include "engine/read/sweep.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <unordered_set>
#include <utility>

#include "base/percent.h"
#include "base/text.h"
#include "engine/read/emptiness.h"

namespace source_sentry {
namespace {

using std::chrono::seconds;

/// A step ends after this many pages, and a STATE is written.
constexpr std::size_t kPagesPerStep = 10;
/// How many ids one request names. They have ten to nineteen digits, so its address stays short.
constexpr std::size_t kIdsPerRequest = 50;

/// The plan with this route only: no other route gives the same answer, so a failure is retried as
/// often as any other.
PartitionPlan only(PartitionPlan plan, Route route) {
  route.others.clear();
  plan.routes = {std::move(route)};
  return plan;
}

}  // namespace

Sweep::Sweep(Partition partition) : of_(partition), block_(of_.output, of_.plan.shaping) {
  of_.state.memory().begin_sweep();
}

bool Sweep::step(Fetcher& fetcher) {
  const bool all_listed = of_.state.memory().sweep_down_to() == kBeginningOfTime;
  const bool more = all_listed ? ask(fetcher) : list(fetcher);
  if (!more && not_rows_ > 0) {
    of_.state.save();
    throw ConnectorError(FailureKind::kSystem,
                         "Sentry's list for " + of_.state.name() + " by their creation holds " +
                             entries_not(not_rows_, "record") +
                             ", so changes may be missing until the "
                             "next sweep. Tell whoever runs the server if this keeps happening.");
  }
  return more;
}

bool Sweep::list(Fetcher& fetcher) {
  const PartitionPlan plan = only(of_.plan, of_.plan.sweep->lists.at(of_.route));
  const Route& route = plan.routes.front();
  // Within a run the server's cursor continues at the right place. The next run continues by the
  // time of creation.
  if (cursor_.empty()) created_before_ = *of_.state.memory().sweep_down_to();
  const std::string fixed =
      route.query + "&" + route.window_query({kBeginningOfTime, created_before_});
  PageWalk walk(fetcher, plan.listing(route), fixed, nullptr, cursor_);
  for (std::size_t pages = 0; pages < kPagesPerStep && requests_ < kRequests; ++pages) {
    const bool goes_on = pages + 1 < kPagesPerStep && requests_ + 1 < kRequests;
    switch (walk.next(goes_on)) {
      case PageWalk::Turn::kRefused:
      case PageWalk::Turn::kTooMuch:
        throw *walk.refusal().error;
      case PageWalk::Turn::kEnd:
        break;
      case PageWalk::Turn::kPage:
        ++requests_;
        do {
          take(walk.records());
        } while (walk.next_slice());
        break;
    }
    cursor_ = walk.next_cursor();
    if (walk.last()) {
      of_.state.memory().swept_down_to(kBeginningOfTime);
      break;
    }
  }
  of_.state.save();
  return requests_ < kRequests;
}

void Sweep::take(const RecordPage& page) {
  KnownRows& rows = of_.state.memory().rows();
  const Window bounds{of_.plan.from, of_.plan.until};
  std::optional<Instant> newest;
  not_rows_ += page.not_objects + page.empty;
  for (const RecordView& row : page.records) {
    if (row.id.empty()) {
      ++not_rows_;
      continue;
    }
    newest = std::max(newest, of_.plan.sweep->created(row.json));
    const std::uint64_t fingerprint = of_.plan.fingerprint(row.json, of_.plan.now);
    const auto when = parse_instant(row.cursor);
    // A row that is newer than the end of reading comes with the next run.
    const bool wanted = when && bounds.contains(*when);
    if (!wanted || rows.knows(row.id, fingerprint)) {
      rows.mark_listed(row.id);
      continue;
    }
    add(row);
    rows.remember(row.id, fingerprint);
    ++changed_;
  }
  // The newest row decides: one that is listed below its place must not hide rows above it.
  if (newest) {
    of_.state.memory().swept_down_to(whole_seconds(*newest) + seconds(1));
  }
  if (block_.empty()) return;
  block_.write();
  of_.state.save();
}

void Sweep::add(const RecordView& row) {
  const auto& transform = of_.plan.transform;
  Transformed made = transform ? transform(row.json) : Transformed::as_it_is();
  if (made.is_changed()) {
    block_.add_own(made.take(), row.id);
  } else if (!made.is_left_out()) {
    block_.add(row.json, row.id);
  }
}

bool Sweep::ask(Fetcher& fetcher) {
  KnownRows& rows = of_.state.memory().rows();
  std::vector<std::string> missing = rows.unlisted();
  if (missing.empty()) return end();
  const auto control = rows.any_listed();
  if (!control) {
    // No row was listed: they may all be deleted, or the token may no longer see them.
    const Instant held_until = of_.state.high_water().value_or(of_.plan.now);
    const Route& route = of_.plan.routes.at(of_.route);
    question_emptiness(fetcher, of_.plan, route, of_.state.name(), held_until);
    return end();
  }
  const auto& route = of_.plan.sweep->by_id.at(of_.route);
  if (!route) {
    // Without such a route deleted rows cannot be told from old ones.
    rows.forget_unlisted();
    return end();
  }
  missing.resize(std::min(missing.size(), kIdsPerRequest - 1));
  return ask_for(*route, std::move(missing), *control, fetcher);
}

bool Sweep::ask_for(const Route& route, std::vector<std::string> ids, const std::string& control,
                    Fetcher& fetcher) {
  const PartitionPlan plan = only(of_.plan, route);
  std::string fixed = route.query;
  for (const std::string& id : ids) {
    fixed.append("&").append(of_.plan.sweep->id_parameter).append("=").append(percent_encode(id));
  }
  fixed.append("&").append(of_.plan.sweep->id_parameter).append("=").append(control);
  PageWalk walk(fetcher, plan.listing(plan.routes.front()), fixed, nullptr, "");
  ++requests_;
  if (walk.next(false) != PageWalk::Turn::kPage) throw *walk.refusal().error;
  std::unordered_set<std::string> there;
  std::unordered_set<std::string> going;
  const std::size_t not_records = walk.records().not_objects;
  // An answer with more rows than were asked for is not used, so the rest need not be read.
  do {
    for (const RecordView& row : walk.records().records) {
      there.emplace(row.id);
      if (of_.plan.sweep->is_going(row.json)) going.emplace(row.id);
    }
  } while (there.size() <= ids.size() + 1 && walk.next_slice());
  const bool only_asked = std::all_of(there.begin(), there.end(), [&](const std::string& id) {
    return id == control || std::find(ids.begin(), ids.end(), id) != ids.end();
  });
  // The answer tells which rows are gone only if it is complete, has no other rows, and has the
  // row that is known to exist.
  if (!only_asked || there.count(control) == 0 || !walk.last() || not_records > 0) {
    spdlog::warn(
        "{}: this Sentry does not say which of {} rows that it no longer lists are deleted; they "
        "are asked for again by the next sweep.",
        of_.state.name(), ids.size());
    return end();
  }
  KnownRows& rows = of_.state.memory().rows();
  const Instant found_at = std::max(of_.plan.now, of_.state.high_water().value_or(of_.plan.now));
  for (const std::string& id : ids) {
    if (going.count(id) > 0) {
      rows.mark_listed(id);  // about to be deleted: the next sweep will find it gone
      continue;
    }
    if (there.count(id) == 0) {
      block_.add_gone(of_.plan.sweep->marker(id, found_at));
      ++gone_;
    }
    rows.forget(id);
  }
  block_.write();
  of_.state.save();
  return requests_ < kRequests;
}

bool Sweep::end() {
  of_.state.memory().end_sweep();
  return false;
}

std::string Sweep::summary() const {
  std::string text = "swept with " + number_of(requests_, "request") + ": " +
                     std::to_string(changed_) + " changed, " + std::to_string(gone_) + " deleted";
  if (of_.state.memory().sweep_down_to()) text += "; the next run continues it";
  return text;
}

}  // namespace source_sentry
