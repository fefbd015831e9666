#include "sandbox/api/shelf_quirks.h"

#include "sandbox/api/parameters.h"
#include "sandbox/api/text.h"
#include "sandbox/render/event_json.h"

namespace sandbox {
namespace {

using std::string_view;

std::string text_of(const Row& row, const char* member) {
  const auto found = row.find(member);
  return found != row.end() && found->is_string() ? found->get<std::string>() : std::string();
}

}  // namespace

void select_environments(const Call& call, Rows& rows) {
  const string_view visibility = call.query.get("visibility").value_or("visible");
  if (visibility == "all") return;
  if (visibility != "visible" && visibility != "hidden") {
    throw Refusal(detail_answer(400,
                                "Invalid value for 'visibility', valid values are: "
                                "['all', 'hidden', 'visible']"));
  }
  std::erase_if(rows, [&](const Row& row) {
    const bool hidden = row.value("_hidden", false) || row.value("isHidden", false);
    return hidden != (visibility == "hidden");
  });
}

void select_repositories(const Call& call, Rows& rows) {
  const string_view status = call.query.get("status").value_or("active");
  if (status.empty() && call.quirk(Quirk::kOldErrors)) return;
  std::erase_if(rows, [&](const Row& row) {
    const bool active = text_of(row, "status") == "active";
    if (status == "active") return !active;
    return status != "deleted" || active;
  });
}

void select_monitors(const Call& call, Rows& rows) {
  const auto wanted = call.query.all("environment");
  if (wanted.empty() || call.query.is("includeNew", "1")) return;
  std::erase_if(rows, [&](const Row& row) {
    const auto environments = row.find("environments");
    if (environments == row.end()) return true;
    for (const Row& one : *environments) {
      if (holds(wanted, text_of(one, "name"))) return false;
    }
    return true;
  });
}

void select_incidents(const Call& call, Rows& rows) {
  const string_view status = call.query.get("status").value_or("");
  const auto range = request_range(call, std::nullopt);
  std::erase_if(rows, [&](const Row& row) {
    const auto closed = source_sentry::parse_instant(text_of(row, "dateClosed"));
    const auto started = source_sentry::parse_instant(text_of(row, "dateStarted"));
    const int code = row.value("status", 0);
    if (status == "open" && closed) return true;
    if (status == "closed" && !closed) return true;
    if (status == "warning" && code != 10) return true;
    if (status == "critical" && code != 20) return true;
    return range && ((closed && *closed < range->start) || !started || *started > range->end);
  });
}

void select_actions(const Call& call, Rows& rows) {
  if (!call.query.has("project")) return;
  std::erase_if(rows, [](const Row& row) { return row["projects"].empty(); });
}

void select_searches(const Call& call, Rows& rows) {
  if (!call.quirk(Quirk::kOldErrors) || call.query.is("use_org_level", "1")) return;
  std::erase_if(rows, [](const Row& row) { return !row.value("isGlobal", false); });
}

void select_dashboards(const Call& call, Rows& rows) {
  if (!call.query.is("filter", "excludePrebuilt")) return;
  std::erase_if(rows, [](const Row& row) { return text_of(row, "id").starts_with("default-"); });
}

void select_dashboard(const Call& call, Rows& rows) {
  std::erase_if(rows, [&](const Row& row) { return text_of(row, "id") != call.item; });
}

void select_feedback(const Call& call, Rows&) {
  const string_view status = call.query.get("status").value_or("");
  if (status.empty() || status == "unresolved") return;
  throw Refusal({400, R"({"status":"Invalid status choice"})", "application/json", {}, {}});
}

bool show_feedback(const Call& call, const Row& row) {
  if (call.query.is("status", "")) return true;
  const auto issue = row.find("issue");
  if (issue == row.end() || !issue->is_object()) return true;
  return text_of(*issue, "status") == "unresolved";
}

void select_audit_logs(const Call& call, Rows& rows) {
  const string_view event = call.query.get("event").value_or("");
  if (event.empty()) return;
  std::erase_if(rows, [&](const Row& row) { return text_of(row, "event") != event; });
}

void select_check_ins(const Call& call, Rows& rows) {
  const auto wanted = call.query.all("environment");
  if (wanted.empty()) return;
  std::erase_if(rows, [&](const Row& row) { return !holds(wanted, text_of(row, "environment")); });
}

void select_tags(const Call& call, Rows& rows) {
  const auto wanted = call.query.all("key");
  if (wanted.empty()) return;
  std::erase_if(rows, [&](const Row& row) { return !holds(wanted, text_of(row, "key")); });
}

void select_tag_values(const Call& call, Rows& rows) {
  std::erase_if(rows, [&](const Row& row) { return text_of(row, "key") != call.key; });
  if (rows.empty()) throw Refusal(no_such_resource());
}

void dress_issue_rule(const Call& call, Row& row) {
  if (!holds(call.query.all("expand"), "lastTriggered")) return;
  row["lastTriggered"] = row.contains("_lastTriggered") ? row["_lastTriggered"] : Row();
}

void dress_integration(const Call& call, Row& row) {
  if (!call.query.is("includeConfig", "0")) return;
  row.erase("configOrganization");
  row.erase("configData");
}

void dress_tag(const Call& call, Row& row) {
  if (call.query.is("includeValuesSeen", "0")) row.erase("uniqueValues");
}

void dress_dashboard(const Call& call, Row& row) {
  const Scene scene = scene_of(call);
  Row widgets = Row::array();
  if (const auto owner = find_owner(scene, OwnerKind::kDashboard, call.organization, call.item)) {
    for (Row& widget : rows_of(scene, *find_shelf("dashboard_widgets"), *owner)) {
      if (!widget.contains("dashboardId"))
        widget["dashboardId"] = owner->key;  // one that a test added
      strip_hidden(widget);
      widgets.push_back(std::move(widget));
    }
  }
  row.erase("widgetDisplay");
  row.erase("widgetPreview");
  row["widgets"] = std::move(widgets);
}

void dress_fire(const Call& /*call*/, Row& row) { row.erase("issueId"); }

void dress_hash(const Call& call, Row& row) {
  if (call.query.is("full", "false") || call.query.is("full", "0")) return;
  const auto event = row.find("latestEvent");
  if (event == row.end() || !event->is_object()) return;
  const auto serial = call.world.find_event(text_of(*event, "id"));
  if (!serial) return;
  std::string text;
  JsonWriter json(text);
  append_full_event(json, call.world, *serial, call.settings.event_size);
  *event = Row::parse(text);
}

}  // namespace sandbox
