#include <algorithm>
#include <limits>
#include <optional>

#include "sandbox/api/handlers.h"
#include "sandbox/api/parameters.h"
#include "sandbox/api/shelf_list.h"
#include "sandbox/render/event_json.h"

namespace sandbox {

/// An issue's own events, of whatever kind it is: newest first, slim unless `full` asks for more.
Answer list_issue_events(const Call& call) {
  constexpr std::size_t kMostFull = 10;
  constexpr int kDays = 90;
  const World& world = call.world;
  const ShelfOwner owner = owner_in(call, OwnerKind::kIssue);
  const auto range = request_range(call, kDays);
  const Second from = std::max(world.kept_from(call.now), to_second(range->start));
  const auto events = world.events_between(world.issue(owner.index), from, to_second(range->end));
  const bool early = call.quirk(Quirk::kEarlyOrgRoutes) || call.quirk(Quirk::kGlitchtip);
  const bool full = early || call.query.is("full", "1") || call.query.is("full", "true");
  std::size_t size = request_page_size(call);
  if (full && !call.quirk(Quirk::kUncappedFull)) size = std::min(size, kMostFull);
  const Page page = request_page(call, events.size(), size);
  return list_answer(page, [&](JsonWriter& json, std::size_t row) {
    const Index serial = events[events.size() - 1 - row];
    if (full) {
      append_full_event(json, world, serial, call.settings.event_size);
    } else {
      append_simple_event(json, world, serial, call.settings.event_size);
    }
  });
}

/// One of them: `latest`, `oldest`, or by its id.
Answer show_issue_event(const Call& call) {
  const World& world = call.world;
  const ShelfOwner owner = owner_in(call, OwnerKind::kIssue);
  const auto events = world.events_between(world.issue(owner.index), world.kept_from(call.now),
                                           std::numeric_limits<Second>::max());
  std::optional<Index> serial;
  if (call.key == "latest" || call.key == "recommended" || call.key == "oldest") {
    if (!events.empty()) serial = call.key == "oldest" ? events.front() : events.back();
  } else {
    serial = world.find_event(call.key);
    if (serial && world.event(*serial).issue != owner.index) serial.reset();
  }
  if (!serial) return detail_answer(404, "No matching event");
  Answer answer;
  JsonWriter json(answer.body);
  append_event_detail(json, world, *serial, call.settings.event_size);
  return answer;
}

}  // namespace sandbox
