#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/state/checkpoint.h"
#include "json/record_splitter.h"

namespace source_sentry {

/// A pass through the rows of a partition that are visited for their children, from the saved mark
/// to the present or, now and then, through all rows. A budget or a kill may end a run in its
/// middle; the next one continues it. Keeps the checkpoint's account of it. Not thread-safe.
///
/// A list in windows is resumed where the first row was left. Rows visited from there on are
/// remembered, so that each run gets further, however small its budget is. Where all rows are
/// remembered anyway, the one that was left just is not.
///
/// Children may come late, without moving their row. A visit is final from one look back after the
/// row's own time on. One before that is repeated: by the next pass, and in a pass that takes
/// longer, once it can be final. So no row of a quiet partition is visited in each run for ever.
class VisitPass {
 public:
  struct Terms {
    Instant now;           ///< the server's clock when the run began
    Duration all_every{};  ///< all rows are visited so often; zero: never
    Duration lookback{};   ///< a resumed run begins so long before its place
    bool full_refresh = false;
  };

  /// The checkpoint must outlive it.
  explicit VisitPass(Checkpoint& checkpoint) : checkpoint_(checkpoint) {}

  /// Begins a pass, or resumes the one under way. Without this, there are no visits.
  void begin(const Terms& terms);

  /// Whether every row is to be visited, and for all of its children.
  bool of_all() const { return checkpoint_.visits && checkpoint_.visits->of_all; }

  /// Whether an earlier run has visited the row, which has not moved since, and another visit would
  /// come too early. `when`: the time that its cursor says.
  bool has_visited(const RecordView& row, std::optional<Instant> when);

  /// The row was visited, and all of its children are written.
  void note(const RecordView& row, std::optional<Instant> when);

  /// The row wanted a visit, and the budget is used up. `place`: where a run must resume to come to
  /// it again. Null: it comes again anyway.
  void leave(const std::optional<Position>* place);

  /// No run will resume before that place.
  void come_to(Instant place);

  /// How many rows were left.
  std::uint64_t left() const { return left_; }
  /// The state from before the first of them, where it must stay there.
  const std::optional<Checkpoint>& before() const { return before_; }

  /// The partition was read to its end, with holes if not `whole`. `mark`: the next pass begins
  /// there, less the look back; not set: at the first row.
  void finish(bool whole, std::optional<Instant> mark);

  /// Everything is read again: forgets what this run has visited and left.
  void forget();

 private:
  struct Visit {
    std::string id;
    std::uint64_t sign;  // a hash of its cursor, and whether the visit was final
    bool final;
    std::optional<Instant> when;
  };
  bool all_are_due() const;
  bool is_final(std::optional<Instant> when) const;
  void keep(const RecordView& row, bool final, std::optional<Instant> when);
  KnownRows with_visited(KnownRows rows, std::optional<Instant> from) const;

  Checkpoint& checkpoint_;
  Terms terms_{};
  std::vector<Visit> visited_;  // in this run, or met again
  std::uint64_t left_ = 0;
  std::optional<Checkpoint> before_;
};

}  // namespace source_sentry
