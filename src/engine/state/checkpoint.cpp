#include "engine/state/checkpoint.h"

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>
#include <string_view>

#include "base/error.h"
#include "base/json_member.h"

namespace source_sentry {
namespace {

using Json = nlohmann::json;

/// A time in a state. Null, "" and "None" are how versions of the official connector up to 0.4
/// wrote "no time yet".
std::optional<Instant> time_in(const Json& object, std::string_view key) {
  const Json* value = member(object, key);
  if (value == nullptr) return std::nullopt;
  const std::string text = value->is_string() ? value->get<std::string>() : value->dump();
  if (text.empty() || text == "None") return std::nullopt;
  const auto when = parse_instant(text);
  if (!when) {
    throw ConnectorError(FailureKind::kConfig,
                         "The saved state cannot be used: " + std::string(key) + " is \"" + text +
                             "\", which is not a time such as 2024-01-16T12:30:00Z. Repair the "
                             "state, or reset the stream to read it from the beginning.");
  }
  return when;
}

/// Form G, the concurrent CDK's raw form: slices that are read. Only what follows the first slice
/// without a gap counts as done.
std::optional<Instant> from_slices(const Json& slices) {
  struct Slice {
    std::optional<Instant> start, end, newest;
  };
  std::vector<Slice> list;
  for (const Json& slice : slices) {
    list.push_back({time_in(slice, "start"), time_in(slice, "end"),
                    time_in(slice, "most_recent_cursor_value")});
  }
  std::sort(list.begin(), list.end(),
            [](const Slice& a, const Slice& b) { return a.start < b.start; });
  std::optional<Instant> done;
  std::optional<Instant> reached;
  for (const Slice& slice : list) {
    if (reached && slice.start > reached) break;
    reached = std::max(reached, slice.end);
    done = std::max(done, slice.newest ? slice.newest : slice.end);
  }
  return done;
}

/// Form H, a list of partitions each with its cursor: the entry that is about `partition`. For an
/// only partition that no entry names, the oldest of those that may be about it, which reads some
/// again but loses nothing. A global cursor counts for all partitions.
Json from_partitions(const Json& saved, const std::string& cursor_key, const Partition& partition) {
  const Json* global = member(saved, "use_global_cursor");
  const Json* states = member(saved, "states");
  if (global != nullptr && *global == true) states = nullptr;
  if (states == nullptr || !states->is_array() || states->empty()) {
    const Json* state = member(saved, "state");
    return state == nullptr ? Json() : *state;
  }
  Json oldest;
  std::optional<Instant> oldest_time;
  bool all_known = true;
  for (const Json& entry : *states) {
    const Json* cursor = member(entry, "cursor");
    if (partition.is_named_by(entry)) return cursor == nullptr ? Json() : *cursor;
    if (partition.is_not_meant_by(entry)) continue;
    const auto when = cursor != nullptr ? time_in(*cursor, cursor_key) : std::nullopt;
    all_known = all_known && when.has_value();
    if (when && (!oldest_time || *when < *oldest_time)) {
      oldest_time = when;
      oldest = {{cursor_key, (*cursor)[cursor_key]}};
    }
  }
  return partition.key.empty() && all_known ? oldest : Json();
}

/// How far back the official connector's global cursor must be moved. Never ahead, and a century at
/// most.
Duration lookback_in(const Json& saved) {
  constexpr double kMostSeconds = 100.0 * 365 * 86'400;
  const Json* value = member(saved, "lookback_window");
  if (value == nullptr || !value->is_number()) return Duration::zero();
  return std::chrono::seconds(
      static_cast<long>(std::clamp(value->get<double>(), 0.0, kMostSeconds)));
}

constexpr std::string_view kPosition = "position";
constexpr const char* kFullRefresh = "full_refresh";  // the run of a position
constexpr std::string_view kLateUntil = "late_events_until";
constexpr std::string_view kRefresh = "refresh";
constexpr std::string_view kChildrenUntil = "children_until";
constexpr std::string_view kPartialSince = "partial_since";
constexpr std::string_view kAllVisited = "all_visited";
constexpr std::string_view kVisits = "visits";
constexpr std::string_view kShared = "shared";

constexpr const char* kRows = "rows";          // with half of their fingerprints
constexpr const char* kContents = "contents";  // with all of them
constexpr const char* kRoute = "route";

KnownRows::Width width_of(const Json* whole) {
  return whole == nullptr ? KnownRows::Width::kHalf : KnownRows::Width::kWhole;
}

std::optional<Refresh> read_refresh(const Json& saved) {
  const Json* json = member(saved, kRefresh);
  if (json == nullptr) return std::nullopt;
  const Json* whole = member(*json, kContents);
  const Json* text = whole == nullptr ? member(*json, kRows) : whole;
  auto rows = text != nullptr && text->is_string()
                  ? KnownRows::parse(text->get_ref<const std::string&>(), width_of(whole))
                  : std::nullopt;
  // Resuming without it would lose what was deleted since.
  if (!rows) {
    throw ConnectorError(
        FailureKind::kConfig,
        "The saved state cannot be used: its \"refresh\" does not hold the written rows in the "
        "form in which the connector saved them. Repair the state, "
        "take \"refresh\" out of it to have every row written again, or "
        "reset the stream to read it from the beginning.");
  }
  return Refresh{std::move(*rows), time_in(*json, "sweep_began"), time_in(*json, "sweep_down_to"),
                 text_member(*json, kRoute)};
}

std::optional<PagePosition::Counted> read_counted(const Json& page) {
  const Json* counted = member(page, "counted");
  if (counted == nullptr) return std::nullopt;
  const auto until = time_in(*counted, "until");
  const Json* left = member(*counted, "left");
  if (!until) return std::nullopt;
  // A number that cannot be read is one that is never reached.
  const bool known = left != nullptr && left->is_number_unsigned();
  return PagePosition::Counted{
      *until, known ? left->get<std::uint64_t>() : std::numeric_limits<std::uint64_t>::max()};
}

bool is_shared(const Json& saved) {
  const Json* value = member(saved, kShared);
  return value != nullptr && *value == true;
}

/// Our own addition. It belongs to the high-water mark next to it: the official connector keeps
/// unknown keys while it moves the mark, and then it must no longer count.
std::optional<Position> read_position(const Json& saved, std::optional<Instant> high_water) {
  const Json* json = member(saved, kPosition);
  if (json == nullptr) return std::nullopt;
  const auto read_until = time_in(*json, "read_until");
  if (!read_until || time_in(*json, "after") != high_water) return std::nullopt;
  Position position;
  position.read_until = *read_until;
  const Json* run = member(*json, "run");
  position.full_refresh = run != nullptr && *run == kFullRefresh;
  if (const Json* page = member(*json, "page"); page != nullptr) {
    const auto window_end = time_in(*page, "window_end");
    const Json* cursor = member(*page, "cursor");
    const Json* route = member(*page, "route");
    const bool whole = window_end && cursor != nullptr && cursor->is_string() && route != nullptr &&
                       route->is_string();
    if (whole) {
      position.page = PagePosition{*window_end,
                                   cursor->get<std::string>(),
                                   time_in(*page, "newest"),
                                   route->get<std::string>(),
                                   time_in(*page, "unread_until"),
                                   read_counted(*page)};
    }
  }
  return position;
}

/// It belongs to the mark as the position does. Rows that cannot be read are visited once more.
std::optional<Visits> read_visits(const Json& saved, std::optional<Instant> high_water) {
  const Json* json = member(saved, kVisits);
  if (json == nullptr || time_in(*json, "after") != high_water) return std::nullopt;
  Visits visits{.began = time_in(*json, "began")};
  const Json* of_all = member(*json, "of_all");
  visits.of_all = of_all != nullptr && *of_all == true;
  const Json* left = member(*json, "left");
  if (left != nullptr && left->is_number_unsigned()) visits.left = left->get<std::uint64_t>();
  visits.rows = KnownRows::parse(text_member(*json, kRows)).value_or(KnownRows());
  return visits;
}

nlohmann::ordered_json written_visits(const Visits& visits, const std::string& mark) {
  nlohmann::ordered_json json = {{"after", mark}};
  if (visits.began) json["began"] = format_instant(*visits.began);
  if (visits.of_all) json["of_all"] = true;
  if (visits.left > 0) json["left"] = visits.left;
  if (!visits.rows.empty()) json[kRows] = visits.rows.text();
  return json;
}

void read_children(const Json& saved, Checkpoint& checkpoint) {
  checkpoint.children_until = time_in(saved, kChildrenUntil);
  checkpoint.all_visited = time_in(saved, kAllVisited);
  checkpoint.visits = read_visits(saved, checkpoint.high_water);
}

/// If it cannot be read, nothing is left out: records then come again, and none is lost.
void read_written(const Json& saved, Checkpoint& checkpoint) {
  const Json* json = member(saved, kWrittenKey);
  if (json == nullptr) return;
  const Instant cursor = checkpoint.high_water.value_or(kBeginningOfTime);
  auto ids = json->is_string() ? WrittenIds::parse(json->get_ref<const std::string&>(), cursor)
                               : std::nullopt;
  checkpoint.written_damaged = !ids;
  if (ids) checkpoint.written = std::move(*ids);
}

}  // namespace

bool Partition::is_named_by(const Json& entry) const {
  const Json* partition = member(entry, "partition");
  if (partition == nullptr || !partition->is_object()) return false;
  const auto text = [](const Json& value) {
    return value.is_string() ? value.get<std::string>() : value.dump();
  };
  // A name may have passed to another project since; a number never does.
  const Json* id = member(*partition, "id");
  if (id != nullptr && !number.empty()) return text(*id) == number;
  return std::any_of(partition->begin(), partition->end(), [&](const Json& value) {
    return std::find(names.begin(), names.end(), text(value)) != names.end();
  });
}

bool Partition::is_not_meant_by(const Json& entry) const {
  const Json* partition = member(entry, "partition");
  // Ours say whose they are; how others name their partitions is unknown.
  const Json* project = partition == nullptr ? nullptr : member(*partition, "project");
  return !names.empty() && project != nullptr && project->is_string() && !is_named_by(entry);
}

Checkpoint Checkpoint::read(const Json& saved, const std::string& cursor_key,
                            const Partition& partition) {
  Checkpoint checkpoint;
  if (!saved.is_object() || cursor_key.empty()) return checkpoint;
  const bool in_partitions =
      member(saved, "states") != nullptr || member(saved, "use_global_cursor") != nullptr;
  // Next to a cursor they are what the official connector keeps without using it.
  const bool plain = partition.owns_plain_state && member(saved, cursor_key) != nullptr;
  if (in_partitions && !plain) {
    const Json cursor = from_partitions(saved, cursor_key, partition);
    checkpoint.foreign = foreign_to(partition.origin, partition.names, cursor);
    if (checkpoint.foreign) return checkpoint;
    checkpoint.high_water = time_in(cursor, cursor_key);
    checkpoint.position = read_position(cursor, checkpoint.high_water);
    checkpoint.late_until = time_in(cursor, kLateUntil);
    checkpoint.partial_since = time_in(cursor, kPartialSince);
    read_children(cursor, checkpoint);
    checkpoint.refresh = read_refresh(cursor);
    checkpoint.shared = is_shared(cursor);
    read_written(cursor, checkpoint);
    if (checkpoint.high_water) *checkpoint.high_water -= lookback_in(saved);
  } else if (partition.owns_plain_state) {
    checkpoint.foreign = foreign_to(partition.origin, partition.names, saved);
    if (checkpoint.foreign) return checkpoint;
    const Json* slices = member(saved, "slices");
    const bool is_raw = slices != nullptr && slices->is_array();
    checkpoint.high_water = is_raw ? from_slices(*slices) : time_in(saved, cursor_key);
    checkpoint.position = read_position(saved, checkpoint.high_water);
    checkpoint.late_until = time_in(saved, kLateUntil);
    checkpoint.partial_since = time_in(saved, kPartialSince);
    read_children(saved, checkpoint);
    checkpoint.refresh = read_refresh(saved);
    checkpoint.shared = is_shared(saved);
    read_written(saved, checkpoint);
  }
  // What the official connector writes when a first sync found nothing; no record is older.
  if (checkpoint.high_water <= kBeginningOfTime) checkpoint.high_water = std::nullopt;
  return checkpoint;
}

nlohmann::ordered_json Checkpoint::write(const std::string& cursor_key) const {
  const std::string mark = format_instant(high_water.value_or(kBeginningOfTime));
  nlohmann::ordered_json state = {{cursor_key, mark}};
  if (late_until) state[std::string(kLateUntil)] = format_instant(*late_until);
  if (refresh) {
    nlohmann::ordered_json& json = state[std::string(kRefresh)];
    const bool whole = refresh->rows.width() == KnownRows::Width::kWhole;
    json = {{whole ? kContents : kRows, refresh->rows.text()}};
    if (!refresh->route.empty()) json[kRoute] = refresh->route;
    if (refresh->sweep_began) json["sweep_began"] = format_instant(*refresh->sweep_began);
    if (refresh->sweep_down_to) json["sweep_down_to"] = format_instant(*refresh->sweep_down_to);
  }
  if (children_until) state[std::string(kChildrenUntil)] = format_instant(*children_until);
  if (partial_since) state[std::string(kPartialSince)] = format_instant(*partial_since);
  if (all_visited) state[std::string(kAllVisited)] = format_instant(*all_visited);
  if (visits) state[std::string(kVisits)] = written_visits(*visits, mark);
  if (shared) state[std::string(kShared)] = true;
  if (!written.empty()) {
    state[kWrittenKey] = written.text(high_water.value_or(kBeginningOfTime));
  }
  if (!position) return state;
  nlohmann::ordered_json& json = state[std::string(kPosition)];
  json = {{"run", position->full_refresh ? kFullRefresh : "incremental"},
          {"after", mark},
          {"read_until", format_instant(position->read_until)}};
  if (const auto& page = position->page) {
    json["page"] = {{"window_end", format_instant(page->window_end)},
                    {"cursor", page->cursor},
                    {"route", page->route}};
    if (page->newest) json["page"]["newest"] = format_instant(*page->newest);
    if (page->unread_until) json["page"]["unread_until"] = format_instant(*page->unread_until);
    if (const auto& counted = page->counted) {
      json["page"]["counted"] = {{"until", format_instant(counted->until)},
                                 {"left", counted->left}};
    }
  }
  return state;
}

std::optional<Instant> Checkpoint::clamp(Instant now) {
  std::optional<Instant> latest;
  const auto untrue = [&](const std::optional<Instant>& when, Duration allowed = {}) {
    const bool found = when && *when > now + allowed;
    if (found) latest = std::max(latest, when);
    return found;
  };
  if (untrue(high_water)) {
    high_water = now;
    position.reset();
    written = WrittenIds();
  }
  if (position && untrue(position->read_until)) position.reset();
  if (position && position->page) {
    const PagePosition& page = *position->page;
    bool any = false;
    for (const auto& when : {std::optional(page.window_end), page.newest, page.unread_until}) {
      any = untrue(when) || any;
    }
    if (page.counted) any = untrue(page.counted->until) || any;
    if (any) position->page.reset();
  }
  if (untrue(late_until)) late_until.reset();
  if (untrue(children_until)) children_until.reset();
  if (untrue(partial_since)) partial_since = now;
  if (untrue(all_visited)) all_visited.reset();
  if (visits && untrue(visits->began)) visits.reset();
  if (!refresh) return latest;
  // A sweep runs down from the end of the second that it begins in.
  const bool began = untrue(refresh->sweep_began);
  if (untrue(refresh->sweep_down_to, std::chrono::seconds(1)) || began) {
    refresh->sweep_began.reset();
    refresh->sweep_down_to.reset();
  }
  return latest;
}

void Checkpoint::advance(std::optional<Instant> newest, const std::string& of) {
  if (!newest || (high_water && *high_water >= *newest)) return;
  high_water = newest;
  shared = false;
  mark_of = of;
}

bool Checkpoint::is_at(const Checkpoint& other) const {
  return high_water == other.high_water && position == other.position;
}

void Checkpoint::follow(const Checkpoint& batch, const std::string& number) {
  if (high_water != batch.high_water) shared = batch.mark_of != number;
  high_water = batch.high_water;
  position = batch.position;
}

bool is_within_full_refresh(const Json& saved) {
  if (const Json* position = member(saved, kPosition)) {
    return text_member(*position, "run") == kFullRefresh;
  }
  // One partition's is enough.
  return saved.is_structured() && std::any_of(saved.begin(), saved.end(), is_within_full_refresh);
}

nlohmann::ordered_json state_without_cursor() { return {{"__ab_no_cursor_state_message", true}}; }

}  // namespace source_sentry
