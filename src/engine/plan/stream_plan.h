#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/expand/expansion.h"
#include "engine/expand/visit_budget.h"
#include "engine/fetch/fetcher.h"
#include "engine/fetch/route.h"
#include "engine/plan/record_shaper.h"
#include "engine/plan/record_transform.h"
#include "engine/plan/search_trust.h"
#include "engine/state/partition.h"

namespace source_sentry {

struct CustomPlan;
class JqWatchdog;

/// How many rows of a partition the server counts in a window; nothing where it does not say.
using RowCount = std::function<std::optional<std::uint64_t>(const Window&, Fetcher&)>;

/// How to find changes that move no row's cursor value, see Sweep. Plain data.
struct SweepPlan {
  Duration every{};  ///< the time from one sweep's beginning to the next one's
  /// For each route of the plan, the list of all rows, newest created first. Its window's end
  /// bounds their creation.
  std::vector<Route> lists;
  /// When a listed row was created; such a time never changes.
  std::function<std::optional<Instant>(std::string_view)> created;
  /// For each route of the plan, the one that gives the rows with certain ids, whatever their age;
  /// not set where there is none.
  std::vector<std::optional<Route>> by_id;
  std::string id_parameter;  ///< the parameter that names one of them
  /// Whether a row is about to be deleted.
  std::function<bool(std::string_view)> is_going;
  /// The record that says that a row is gone: its id, and the time for its cursor.
  std::function<std::string(std::string_view, Instant)> marker;
};

/// A top-level member that says which partition a record belongs to, and what it says of this one.
/// No value: unknown.
struct FilledMember {
  std::string key;
  std::string value;
};

/// A time series as the records of a table: one for each interval of a day and each group. Read by
/// SeriesWalk. Plain data.
struct SeriesPlan {
  int days = 1;  ///< of one request, at most
  /// The records that an answer, one object, holds of these days. Throws a ConnectorError where it
  /// is not an answer for them.
  std::function<std::vector<std::string>(std::string_view answer, const Window& days)> records{};
};

/// Everything that the engine needs to know to read one partition of a stream (a project's part of
/// it, or all of it), or a batch of them. Plain data, made for one run.
struct PartitionPlan {
  std::string name;  ///< for people and the log; empty when the stream has only this one

  std::vector<Route> routes;  ///< ways to the same records, the preferred one first
  RowShape shape;
  bool in_windows = false;  ///< listed newest first by the cursor, so that windows and bounds work
  /// It is no list, but a series by whole days, from `from` to the day of `until`.
  std::optional<SeriesPlan> series{};
  /// It is a stream of the configuration's own, with parents, read by CustomWalk; null: it is not.
  std::shared_ptr<const CustomPlan> custom{};
  /// Looks after expressions that are evaluated for it; null: nobody does.
  std::shared_ptr<JqWatchdog> watchdog{};
  /// Servers whose records have no id are so old that they apply a window's bounds to another time
  /// than the cursor: their list is read whole.
  bool ids_prove_windows = false;
  Expansion expansion{};        ///< may be empty
  RecordTransform transform{};  ///< of each record in the end, whatever it came by
  /// What is written in place of each record then; null: the record itself.
  std::shared_ptr<RecordShaping> shaping{};
  /// What an incremental run may spend on the lists of children, for all partitions of the stream;
  /// null: as much as they take.
  std::shared_ptr<VisitBudget> budget{};
  /// So often an incremental run visits all rows for their children, for what moves no cursor
  /// value; zero: never.
  Duration visits_all_every{};
  /// Set by the expansion when it gave less than there is: the state stays where it is, so that the
  /// record comes again. Null: it never does that.
  std::shared_ptr<std::atomic<bool>> comes_again{};
  RowCount count;  ///< may be empty
  /// Set where the server lists only so many rows of a window (Explore 10,000) and then refuses its
  /// own cursor: how many rows a second has that cannot be listed whole, to tell of it.
  RowCount count_lost{};
  /// The route of the whole record with that id, for routes whose rows only name records.
  std::function<Route(std::string_view)> detail;
  Instant now;                      ///< the server's clock when the run began
  Instant until;                    ///< only what is older is read; `now` or earlier
  Instant from = kBeginningOfTime;  ///< nothing older is read
  /// How far before the saved cursor an incremental run begins, for records that arrived late.
  Duration lookback{};
  /// Records never change: what an earlier run has written need not be written again.
  bool records_stay = false;
  /// How far before the saved cursor late records are looked for; zero: no further than that.
  Duration late_window{};
  /// A fingerprint, at a time, of what may change in a record while its cursor value stays. Set
  /// where changed records must be found; the next two say how. A list without windows is read
  /// whole for it, and only new and changed rows are written, or visited for their children.
  std::function<std::uint64_t(std::string_view row, Instant now)> fingerprint{};
  /// The fingerprint stands for all that a row of a list without windows holds: whatever is not
  /// listed any more is gone. This is the record that says so of the row with that id.
  std::function<std::string(std::string_view)> gone{};
  /// How far before the saved cursor records are read again and written if they changed.
  Duration tail{};
  std::optional<SweepPlan> sweep{};
  /// What the records belong to, a document that the token can read where it can read them; asked
  /// for when a partition that held data is empty. Not set: nothing can be asked.
  std::optional<Route> owner{};
  /// It is unproven that the owner exists, so an empty list alone is not believed: some servers
  /// give one for what does not exist.
  bool owner_unseen = false;
  /// The run has seen the owner, or what belongs to it: it need not be asked for.
  bool owner_seen = false;
  /// Lists that usually show something of the owner if it exists; asked where the token may not see
  /// its document.
  std::vector<Route> lists_of_owner{};
  /// What the stream's partitions together know of the searches. Null: it is the only one.
  std::shared_ptr<SearchTrust> trust{};
  /// It is read by itself only because it could not be read together with others. If the token
  /// lacks it, that is found in every run, and a further request would be, too.
  bool read_apart = false;
  /// How long Sentry keeps records at most; not set: for ever.
  std::optional<Duration> kept_for{};
  /// Added to records that lack them.
  std::vector<FilledMember> filled{};
  /// For a batch: the number of the partition that a record belongs to.
  std::function<std::string(std::string_view)> partition_of{};

  /// Whether it reads several partitions as one. Nothing is left out or doubted then: if anything
  /// goes wrong, they are read by themselves instead.
  bool is_batch() const { return static_cast<bool>(partition_of); }

  /// For a walk through a list of the partition. Another route comes after it unless it is the last
  /// of `routes`. A list that is not among them proves nothing alone, and so counts as having one.
  Listing listing(const Route& route) const {
    return {shape, route, route.name() != routes.back().name(), is_batch()};
  }
};

/// How several partitions are read as one, where the server lists their records together.
struct Batching {
  std::size_t most = 1;    ///< partitions to a batch
  std::string rate_group;  ///< the limit that their lists use up
  /// The plan for the partitions with these numbers, see Partition.
  std::function<PartitionPlan(const std::vector<std::string>&)> plan;
};

/// A stream to be read: its partitions, each with its plan.
struct StreamPlan {
  std::vector<Partition> partitions;
  std::vector<PartitionPlan> plans;
  /// Why there may be more partitions than these; the stream is not complete then.
  std::optional<ConnectorError> gap{};
  std::optional<Batching> batching{};        ///< not set: each partition is read by itself
  std::shared_ptr<VisitBudget> budget{};     ///< that of the plans; null: they have none
  std::shared_ptr<RecordShaping> shaping{};  ///< the same
  /// Whether the configuration wants the partition that a saved entry is about, see Partition; not
  /// set: unknown. What is wanted but not among these has vanished.
  std::function<bool(const nlohmann::json&)> wants{};
};

}  // namespace source_sentry
