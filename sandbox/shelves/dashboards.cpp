#include <array>

#include "sandbox/render/time_text.h"
#include "sandbox/shelves/facts.h"

namespace sandbox {
namespace {

namespace chrono = std::chrono;

Rows dashboards(const Scene& scene, const ShelfOwner& owner) {
  const Organization& organization = scene.world.organization(owner.organization);
  Rows rows;
  rows.push_back({{"id", "default-overview"},
                  {"title", "General"},
                  {"dateCreated", ""},
                  {"createdBy", ""},
                  {"environment", Row::array()},
                  {"filters", Row::object()},
                  {"lastVisited", nullptr},
                  {"widgetDisplay", {"area", "table"}},
                  {"widgetPreview", Row::array()},
                  {"permissions", nullptr},
                  {"isFavorited", false},
                  {"projects", Row::array()},
                  {"prebuiltId", nullptr},
                  {"_number", 0}});
  for (std::uint64_t i = 0; i < 5; ++i) {
    const std::uint64_t id = 9000 + owner.organization * 100 + i * 7;
    Row preview = Row::array();
    preview.push_back({{"displayType", "line"}, {"layout", {{"x", 0}, {"y", 0}, {"w", 2}}}});
    rows.push_back(
        {{"id", std::to_string(id)},
         {"title", "Checkout " + std::to_string(i) + " \"EU\""},
         {"dateCreated", sentry_time(organization.created + chrono::hours(300 + i * 50))},
         {"createdBy", user_row(scene, user_at(scene, owner.organization, i))},
         {"environment", i == 1 ? Row::array({"production"}) : Row::array()},
         {"filters", i == 2 ? Row{{"release", {"web@1.2.3"}}} : Row::object()},
         {"lastVisited", sentry_time(scene.now - chrono::minutes(3 + i))},
         {"widgetDisplay", {"line"}},
         {"widgetPreview", std::move(preview)},
         {"permissions", {{"isEditableByEveryone", true}, {"teamsWithEditAccess", Row::array()}}},
         {"isFavorited", i == 0},
         {"projects", Row::array()},
         {"prebuiltId", nullptr},
         {"_number", i + 1}});
  }
  return rows;
}

/// One of a widget's queries. What newer servers know of it says nothing.
Row query_row(std::uint64_t widget, std::uint64_t number, bool table) {
  const std::string id = std::to_string(widget * 10 + number);
  Row extraction = {{"enabled", false},
                    {"extractionState", "disabled:not-applicable"},
                    {"dashboardWidgetQueryId", widget * 10 + number}};
  Row columns = table ? Row::array({"transaction", "user.display"}) : Row::array();
  Row fields = columns;
  fields.push_back("count()");
  return {{"id", id},
          {"name", number == 0 ? "" : "Übrige \"" + id + "\""},
          {"fields", fields},
          {"aggregates", Row::array({"count()"})},
          {"columns", std::move(columns)},
          {"fieldAliases", Row::array()},
          {"conditions", number == 0 ? "!event.type:transaction" : "transaction:\"/übung\""},
          {"orderby", table ? "-count()" : ""},
          {"widgetId", std::to_string(widget)},
          {"onDemand", Row::array({std::move(extraction)})},
          {"isHidden", false},
          {"selectedAggregate", nullptr},
          {"linkedDashboards", Row::array()}};
}

Row widget_row(const ShelfOwner& owner, std::uint64_t id, std::uint64_t place, Instant created) {
  constexpr std::array<std::string_view, 3> kTypes = {"line", "table", "big_number"};
  const bool table = place == 1;
  Row queries = Row::array({query_row(id, 0, table)});
  if (place == 0) queries.push_back(query_row(id, 1, table));
  Row layout = {{"x", place * 2}, {"y", 0}, {"w", 2}, {"h", 1 + place}, {"minH", 1}};
  return {{"id", std::to_string(id)},
          {"title", "Fehler je \"Route\" " + std::to_string(place)},
          {"description", place == 1 ? Row("By route and user,\nnewest first") : Row()},
          {"displayType", kTypes[place]},
          {"thresholds", nullptr},
          {"interval", place == 0 ? "5m" : "1h"},
          {"dateCreated", sentry_time(created)},
          {"dashboardId", owner.key},
          {"queries", std::move(queries)},
          {"limit", table ? Row(5) : Row()},
          {"widgetType", place == 2 ? "issue" : "error-events"},
          // None where the dashboard was never arranged.
          {"layout", place == 2 ? Row() : std::move(layout)},
          {"axisRange", nullptr},
          {"legendType", nullptr},
          {"datasetSource", "user"},
          {"exploreUrls", nullptr},
          {"changedReason", nullptr}};
}

Rows widgets(const Scene& scene, const ShelfOwner& owner) {
  Rows rows;
  if (!owner.row.contains("_number")) return rows;  // one that a test added
  const auto number = owner.row["_number"].get<std::uint64_t>();
  const Organization& organization = scene.world.organization(owner.organization);
  const std::uint64_t first = 31'000 + owner.organization * 1000 + number * 10;
  // Three, none, one and two.
  for (std::uint64_t place = 0; place < (number + 3) % 4; ++place) {
    const Instant created = organization.created + chrono::hours(310 + number * 50 + place);
    rows.push_back(widget_row(owner, first + place, place, created));
  }
  return rows;
}

/// Those that Sentry has made, and others; of personal ones only the token's user's are shown.
Rows searches(const Scene& scene, const ShelfOwner& owner) {
  const Organization& organization = scene.world.organization(owner.organization);
  constexpr std::array<std::string_view, 6> kQueries = {
      "is:unresolved is:for_review assigned_or_suggested:[me, my_teams, none]",
      "is:unresolved",
      "is:unresolved timesSeen:>100",
      "is:unresolved \"Zürich\"",
      "release:latest level:error",
      "assigned:me"};
  Rows rows;
  for (std::size_t i = 0; i < kQueries.size(); ++i) {
    const bool global = i < 3;
    const std::uint64_t id = global ? i + 1 : 4000 + owner.organization * 100 + i;
    rows.push_back({{"id", std::to_string(id)},
                    {"type", 0},
                    {"name", (global ? "Sentry's search " : "Our search ") + std::to_string(i)},
                    {"query", kQueries[i]},
                    {"sort", i % 2 == 0 ? Row("date") : Row()},
                    {"visibility", i == 5 ? "owner" : "organization"},
                    {"dateCreated", sentry_time(organization.created + chrono::hours(700 + i))},
                    {"isGlobal", global},
                    {"isPinned", false}});
  }
  return rows;
}

constexpr ShelfSpec kDashboardShelves[] = {
    {"dashboards", OwnerKind::kOrganization, dashboards},
    {"dashboard_widgets", OwnerKind::kDashboard, widgets, "id"},
    {"searches", OwnerKind::kOrganization, searches, "name"},
};

}  // namespace

std::span<const ShelfSpec> dashboard_shelves() { return kDashboardShelves; }

}  // namespace sandbox
