#include "sentry/streams/spec/stream_spec.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/percent.h"
#include "engine/fetch/page_size.h"
#include "mapping/schema/derived.h"
#include "sentry/answers/scopes.h"
#include "sentry/embedded.h"
#include "sentry/streams/spec/by_contents.h"
#include "sentry/streams/spec/record_fields.h"

namespace source_sentry {
namespace {

constexpr std::string_view kProject = "{project";

/// The value of a name in a template; nothing where it is not a known name.
std::optional<std::string> value_of(std::string_view name, const StreamScope& scope) {
  const ProjectFacts& facts = scope.facts;
  if (name == "org") return scope.config.organization;
  if (name == "project") return facts.slug;
  if (name == "project_id") return facts.id.empty() ? facts.slug : facts.id;
  return std::nullopt;
}

ConnectorError unknown_name(const std::string& name, const std::string& text) {
  return {FailureKind::kConfig,
          "\"" + text + "\" names {" + name +
              "}, which has no meaning there. Use {org}, {project} or {project_id}."};
}

}  // namespace

std::string StreamSpec::state_key() const {
  if (by_contents || visits_changed) return kListedKey;
  return row_cursor();
}

bool StreamSpec::per_project() const {
  return path.find(kProject) != path.npos || query.find(kProject) != query.npos;
}

std::string StreamSpec::id_key() const {
  std::string own;
  for (const std::string& key : primary_key) {
    const bool same_for_all = std::any_of(injected.begin(), injected.end(),
                                          [&](const auto& member) { return member.key == key; });
    if (same_for_all) continue;
    if (!own.empty()) return {};
    own = key;
  }
  return own;
}

std::string start_end(const Window& window) {
  return "start=" + percent_encode(format_seconds(window.from) + "Z") +
         "&end=" + percent_encode(format_seconds(window.to) + "Z");
}

std::string start_end_of_days(const Window& window) {
  return start_end({window.from, window.to - std::chrono::seconds(1)});
}

std::string expand(const std::string& text, const StreamScope& scope, bool encoded) {
  std::string out;
  for (std::size_t at = 0;;) {
    const std::size_t open = text.find('{', at);
    out.append(text, at, open - at);
    if (open == text.npos) return out;
    const std::size_t close = text.find('}', open);
    const std::string name = text.substr(open + 1, close - open - 1);
    const auto value = close == text.npos ? std::nullopt : value_of(name, scope);
    if (!value) throw unknown_name(name, text);
    out += encoded ? percent_encode(*value) : *value;
    at = close + 1;
  }
}

Route plain_route(const StreamSpec& spec, const StreamScope& scope) {
  const std::string things = spec.things.empty() ? spec.name : spec.things;
  const std::string whose = spec.per_project() ? "project \"" + scope.facts.slug
                                               : "organization \"" + scope.config.organization;
  Route route{.path = expand(spec.path, scope, true),
              .query = expand(spec.query, scope, true),
              .probe_query = expand(spec.probe_query, scope, true),
              .list_key = spec.record_path,
              .control = spec.control,
              .rate_group = spec.rate_group,
              .what = "the " + things + " of the " + whose + "\"",
              .scopes = spec.scopes,
              .blamed = spec.blamed};
  if (spec.windows == WindowStyle::kStartEnd) route.window_query = start_end;
  if (spec.windows == WindowStyle::kDays) route.window_query = start_end_of_days;
  return route;
}

std::vector<Route> routes_of(const StreamSpec& spec, const StreamScope& scope) {
  Route plain = plain_route(spec, scope);
  return spec.routes ? spec.routes(std::move(plain), scope) : std::vector{std::move(plain)};
}

std::vector<std::string> primary_key(const StreamSpec& spec, const Config& config) {
  std::vector<std::string> key = spec.primary_key;
  if (!spec.project_key.empty() && !config.single_project()) {
    key.insert(key.begin(), spec.project_key);
  }
  return spec.mapped ? derive_stream(*spec.mapped, key, spec.cursor_key).primary_key : key;
}

std::string record_cursor(const StreamSpec& spec) {
  if (!spec.mapped) return spec.cursor_key;
  return derive_stream(*spec.mapped, {}, spec.cursor_key).cursor_field;
}

std::vector<std::string> scopes_of(const StreamSpec& spec) {
  std::vector<std::string> list = {spec.scopes};
  if (spec.by_detail) list.emplace_back(scopes::kProject);
  const bool more = spec.children && !spec.children->scopes.empty();
  if (more && spec.children->scopes != spec.scopes) list.push_back(spec.children->scopes);
  return list;
}

PageCost page_cost(const StreamSpec& spec) {
  PageCost cost{1, 1, spec.expansion || spec.children, spec.per_project()};
  if (spec.root == RecordSplitter::Root::kObject) return cost;
  cost.most = page_size(spec.query).value_or(spec.page_rows);
  cost.least = std::min(spec.page_rows, cost.most);
  return cost;
}

namespace {

/// That of the records as they are listed, with what is injected.
nlohmann::ordered_json listed_schema(const StreamSpec& spec) {
  using Json = nlohmann::ordered_json;
  Json schema = Json::parse(spec.schema.empty() ? embedded_schema(spec.name) : spec.schema);
  for (const InjectedMember& member : spec.injected) {
    Json& properties = schema["properties"];
    if (!properties.contains(member.key)) {
      properties[member.key] = {{"type", Json::array({"null", "string"})}};
    }
  }
  return schema;
}

}  // namespace

nlohmann::ordered_json schema_of(const StreamSpec& spec, const Config& config) {
  nlohmann::ordered_json schema = listed_schema(spec);
  if (!spec.mapped) return schema;
  return derive_schema(*spec.mapped, primary_key(spec, config), schema);
}

nlohmann::ordered_json catalog_entry(const StreamSpec& spec, const Config& config) {
  using Json = nlohmann::ordered_json;
  Json schema = schema_of(spec, config);
  for (const std::string& field : excluded_from(spec, config)) schema["properties"].erase(field);
  Json entry = {{"name", spec.name},
                {"json_schema", std::move(schema)},
                {"supported_sync_modes", Json::array({"full_refresh"})}};
  if (spec.incremental()) {
    entry["supported_sync_modes"].push_back("incremental");
    entry["source_defined_cursor"] = true;
    const std::string cursor = record_cursor(spec);
    if (!cursor.empty()) entry["default_cursor_field"] = Json::array({cursor});
  }
  Json key = Json::array();
  for (const std::string& part : primary_key(spec, config)) key.push_back(Json::array({part}));
  if (!key.empty()) entry["source_defined_primary_key"] = std::move(key);
  entry["is_resumable"] = spec.incremental();
  entry["is_file_based"] = false;
  return entry;
}

}  // namespace source_sentry
