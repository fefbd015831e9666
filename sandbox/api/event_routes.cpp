#include <algorithm>
#include <limits>
#include <unordered_map>

#include "sandbox/api/glitchtip.h"
#include "sandbox/api/handlers.h"
#include "sandbox/api/parameters.h"
#include "sandbox/api/text.h"
#include "sandbox/render/event_json.h"
#include "sandbox/world/traits.h"

namespace sandbox {
namespace {

using std::string_view;

/// Pages of full events have held ten since 2026-08/09 (sentry-api.md 0.4).
constexpr std::size_t kMostFullEvents = 10;

bool is_true(const Call& call, string_view name) {
  return call.query.is(name, "1") || call.query.is(name, "true");
}

/// The events of the project that are in the range asked for and still kept, oldest first.
std::span<const Index> events_in_range(const Call& call) {
  Second from = call.world.kept_from(call.now);
  Second to = std::numeric_limits<Second>::max();
  if (!call.quirk(Quirk::kIgnoreWindow)) {
    const auto range = parse_range(call.query, call.now, std::nullopt);
    // Whatever is wrong with it, this route says the same.
    if (std::holds_alternative<BadRange>(range)) {
      throw Refusal(detail_answer(400, "Invalid date range parameters provided"));
    }
    if (const auto& given = std::get<std::optional<TimeRange>>(range)) {
      from = std::max(from, to_second(given->start));
      to = to_second(given->end);
    }
  }
  return call.world.events_between(call.world.project(call.project), from, to);
}

/// The page of an old server's list: by time, a cursor being the milliseconds of the next row and
/// how many of its ties were shown.
Page page_by_time(const Call& call, std::span<const Index> events, std::size_t size) {
  const auto cursor = request_cursor(call);
  if (cursor && cursor->offset < 0) {
    throw bad_parameter(call, "Pagination offset cannot be negative");
  }
  const Keyset keys{events.size(), 1000, [&](std::size_t row) {
                      const Second at = call.world.event(events[events.size() - 1 - row]).at;
                      return to_instant(at).time_since_epoch().count();
                    }};
  return keyset_page(keys, size, cursor);
}

/// Moves the rows of one second about where nothing settles their order: a page that begins within
/// a second finds the rows of that second one place further for each page that it has filled. So
/// each such edge repeats a row and skips another, as measured (sentry-api.md 11).
class Ties {
 public:
  Ties(const Call& call, std::span<const Index> events, std::size_t size) {
    const auto cursor = request_cursor(call);
    if (!call.quirk(Quirk::kUnstableTies) || !cursor || cursor->offset <= 0 || size == 0) return;
    const auto second = static_cast<Second>(cursor->value / 1000);
    const auto earlier = [&](Index serial, Second when) {
      return call.world.event(serial).at < when;
    };
    const auto begin = std::lower_bound(events.begin(), events.end(), second, earlier);
    const auto end = std::lower_bound(begin, events.end(), second + 1, earlier);
    first_ = static_cast<std::size_t>(events.end() - end);
    count_ = static_cast<std::size_t>(end - begin);
    shift_ = (static_cast<std::size_t>(cursor->offset) + size - 1) / size;
  }

  /// The row that this page shows as `row`.
  std::size_t at(std::size_t row) const {
    if (row < first_ || row - first_ >= count_) return row;
    return first_ + (row - first_ + shift_) % count_;
  }

 private:
  std::size_t first_ = 0;
  std::size_t count_ = 0;
  std::size_t shift_ = 0;
};

std::vector<Index> with_message(const World& world, std::span<const Index> events,
                                string_view part) {
  std::unordered_map<Index, bool> known;  // the events of an issue all say the same
  std::vector<Index> found;
  for (const Index serial : events) {
    const Index issue = world.event(serial).issue;
    const auto [entry, fresh] = known.try_emplace(issue, false);
    if (fresh) {
      entry->second =
          contains_ignoring_case(event_message(issue_text(world, world.issue(issue))), part);
    }
    if (entry->second) found.push_back(serial);
  }
  return found;
}

/// GlitchTip's list: in full, and by the time of receipt.
Answer glitchtip_events(const Call& call) {
  const World& world = call.world;
  const std::span<const Index> kept = events_in_range(call);
  std::vector<Index> events(kept.rbegin(), kept.rend());
  const auto received = [&](std::size_t row) { return world.received_at(events[row]); };
  std::stable_sort(events.begin(), events.end(),
                   [&](Index a, Index b) { return world.received_at(a) > world.received_at(b); });
  return glitchtip_list(call, events.size(), received, [&](JsonWriter& json, std::size_t row) {
    append_full_event(json, world, events[row], call.settings.event_size);
  });
}

}  // namespace

Answer list_events(const Call& call) {
  const World& world = call.world;
  if (call.quirk(Quirk::kGlitchtip)) return glitchtip_events(call);
  const bool full = is_true(call, "full");
  std::size_t size = request_page_size(call);
  if (full && !call.quirk(Quirk::kUncappedFull)) size = std::min(size, kMostFullEvents);

  std::span<const Index> events = events_in_range(call);
  std::vector<Index> selected;
  if (const auto part = call.query.get("query").value_or(""); !part.empty()) {
    selected = with_message(world, events, part);
    events = selected;
  }
  if (is_true(call, "sample") && !call.quirk(Quirk::kIgnoreWindow)) {
    // In the order of their ids, which are as good as random.
    std::vector<Index> shuffled(events.begin(), events.end());
    std::sort(shuffled.begin(), shuffled.end(),
              [&](Index a, Index b) { return world.id_of(b) < world.id_of(a); });
    selected = std::move(shuffled);
    events = selected;
  }

  const bool by_time = call.quirk(Quirk::kIgnoreWindow);
  const Page page =
      by_time ? page_by_time(call, events, size) : request_page(call, events.size(), size);
  const Ties ties(call, events, size);
  return list_answer(page, [&](JsonWriter& json, std::size_t row) {
    const Index serial = events[events.size() - 1 - ties.at(row)];  // newest first
    if (full) {
      append_full_event(json, world, serial, call.settings.event_size);
    } else {
      append_simple_event(json, world, serial, call.settings.event_size);
    }
  });
}

Answer show_event(const Call& call) {
  const World& world = call.world;
  const auto serial = world.find_event(call.item);
  const bool here = serial && world.issue(world.event(*serial).issue).project == call.project &&
                    world.event(*serial).at >= world.kept_from(call.now);
  if (!here) return detail_answer(404, "Event not found");
  Answer answer;
  JsonWriter json(answer.body);
  append_event_detail(json, world, *serial, call.settings.event_size);
  return answer;
}

}  // namespace sandbox
