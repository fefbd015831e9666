#include <algorithm>
#include <limits>
#include <unordered_map>

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

}  // namespace

Answer list_events(const Call& call) {
  const World& world = call.world;
  const bool full = is_true(call, "full");
  std::size_t size = request_page_size(call);
  if (full && !call.quirk(Quirk::kUncappedFull)) size = std::min(size, kMostFullEvents);

  std::span<const Index> events = events_in_range(call);
  std::vector<Index> selected;
  if (const auto part = call.query.get("query").value_or(""); !part.empty()) {
    selected = with_message(world, events, part);
    events = selected;
  }
  if (is_true(call, "sample")) {
    // In the order of their ids, which are as good as random.
    std::vector<Index> shuffled(events.begin(), events.end());
    std::sort(shuffled.begin(), shuffled.end(),
              [&](Index a, Index b) { return world.id_of(b) < world.id_of(a); });
    selected = std::move(shuffled);
    events = selected;
  }

  const Page page = request_page(call, events.size(), size);
  return list_answer(page, [&](JsonWriter& json, std::size_t row) {
    const Index serial = events[events.size() - 1 - row];  // newest first
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
