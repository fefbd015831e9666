#include "engine/expand/visit_pass.h"

#include <utility>

#include "base/text.h"

namespace source_sentry {
namespace {

/// What is remembered of a visit: the row's cursor, and whether it was final.
std::uint64_t sign_of(const RecordView& row, bool final) {
  return final ? fnv1a(row.cursor) : ~fnv1a(row.cursor);
}

}  // namespace

void VisitPass::begin(const Terms& terms) {
  terms_ = terms;
  auto& visits = checkpoint_.visits;
  if (visits && visits->began) return;
  const bool of_all = all_are_due();
  if (!visits || of_all) visits.emplace();
  visits->began = terms.now;
  visits->of_all = of_all;
}

/// Whether the pass that begins is to visit all rows.
bool VisitPass::all_are_due() const {
  if (terms_.all_every <= Duration::zero()) return false;
  if (terms_.full_refresh || !checkpoint_.high_water) return true;
  // The state is from before such passes, or a person's: nothing says that it is time for one.
  const auto& last = checkpoint_.all_visited ? checkpoint_.all_visited : checkpoint_.children_until;
  // A weekly run is not punctual to the second.
  return !checkpoint_.position && last && terms_.now - *last >= terms_.all_every / 10 * 9;
}

/// Whether no child that a look back is to find can come after a visit of this run.
bool VisitPass::is_final(std::optional<Instant> when) const {
  return !when || *when + terms_.lookback <= terms_.now;
}

bool VisitPass::has_visited(const RecordView& row, std::optional<Instant> when) {
  if (!checkpoint_.visits || checkpoint_.visits->rows.empty()) return false;
  const KnownRows& rows = checkpoint_.visits->rows;
  const bool final = rows.knows(row.id, sign_of(row, true));
  // One that was not is repeated as soon as the new one is.
  if (!final && (is_final(when) || !rows.knows(row.id, sign_of(row, false)))) return false;
  keep(row, final, when);
  return true;
}

void VisitPass::note(const RecordView& row, std::optional<Instant> when) {
  keep(row, is_final(when), when);
}

void VisitPass::keep(const RecordView& row, bool final, std::optional<Instant> when) {
  if (terms_.full_refresh || row.cursor.empty()) return;
  visited_.push_back({std::string(row.id), sign_of(row, final), final, when});
}

void VisitPass::leave(const std::optional<Position>* place) {
  ++left_;
  if (place != nullptr && !before_) {
    before_ = checkpoint_;
    before_->position = *place;
    const auto from = *place ? std::optional((*place)->read_until - terms_.lookback) : std::nullopt;
    before_->visits->rows = with_visited(checkpoint_.visits->rows, from);
  }
  if (before_) before_->visits->left = left_;
}

/// Those rows, and what this run has visited and the next one will meet that begins at `from`; not
/// set: at the first row.
KnownRows VisitPass::with_visited(KnownRows rows, std::optional<Instant> from) const {
  for (const Visit& visit : visited_) {
    if (!from || !visit.when || *visit.when >= *from) {
      rows.remember(visit.id, visit.sign);
    } else {
      rows.forget(visit.id);
    }
  }
  return rows;
}

void VisitPass::come_to(Instant place) {
  std::erase_if(visited_, [from = place - terms_.lookback](const Visit& visit) {
    return visit.when && *visit.when < from;
  });
}

void VisitPass::finish(bool whole, std::optional<Instant> mark) {
  auto& visits = checkpoint_.visits;
  if (!visits) return;
  visits->left = left_;
  if (left_ > 0 || !whole) return;
  // Children that came while it was under way may belong to rows that were visited before.
  checkpoint_.children_until = visits->began;
  const bool counts_from_now = terms_.all_every > Duration::zero() && !checkpoint_.all_visited;
  if (visits->of_all || counts_from_now) checkpoint_.all_visited = visits->began;
  // Of those that were visited before, it has met all that are still there.
  std::erase_if(visited_, [](const Visit& visit) { return !visit.final; });
  KnownRows rows = mark ? with_visited({}, *mark - terms_.lookback) : KnownRows();
  if (rows.empty()) {
    visits.reset();
  } else {
    visits = Visits{.rows = std::move(rows)};
  }
}

void VisitPass::forget() {
  visited_.clear();
  left_ = 0;
  before_.reset();
}

}  // namespace source_sentry
