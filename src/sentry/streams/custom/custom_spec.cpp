#include "sentry/streams/custom/custom_spec.h"

#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/percent.h"
#include "sentry/stream_groups.h"
#include "sentry/streams/custom/address.h"
#include "sentry/streams/custom/custom_plan.h"

namespace source_sentry {
namespace {

using Schema = nlohmann::ordered_json;

/// Streams whose rows can be parents.
constexpr std::array<const char*, 3> kParents = {"projects", "issues", "releases"};

std::optional<std::string> own_value(const Config& config, std::string_view name) {
  if (name == "organization") return config.organization;
  if (name == "project") return config.project;
  return std::nullopt;
}

Schema open_schema(const CustomStream& stream) {
  Schema properties = Schema::object();
  for (const std::string& key : stream.primary_key) {
    properties[key] = {{"type", key == kExternalId ? Schema::array({"string"})
                                                   : Schema::array({"string", "integer"})}};
  }
  const Schema any = {{"type", {"null", "boolean", "number", "string", "array", "object"}}};
  for (const ParentMember& member : stream.inject) {
    if (!properties.contains(member.key)) properties[member.key] = any;
  }
  if (!stream.cursor_field.empty()) {
    properties[stream.cursor_field] = {{"type", {"null", "string"}}, {"format", "date-time"}};
  }
  return {{"$schema", "http://json-schema.org/draft-07/schema#"},
          {"type", "object"},
          {"additionalProperties", true},
          {"properties", std::move(properties)}};
}

/// The first thing that a read asks for, as far as that is known: what the stream is recognised by.
std::vector<Route> first_routes(const CustomChain& chain, Route plain, const StreamScope& scope) {
  if (chain.parents && !chain.parents->per_project()) return routes_of(*chain.parents, scope);
  plain.path = scope.config.organization_path();
  plain.query.clear();
  plain.probe_query.clear();
  if (chain.parents) return {plain};
  const std::string address = chain.streams.front()->address.render(
      [&](std::string_view name) { return own_value(scope.config, name); });
  const std::string target = below_api(address, scope.config.host, false);
  const std::size_t mark = target.find('?');
  plain.path = target.substr(0, mark);
  if (mark != target.npos) plain.query = target.substr(mark + 1);
  return {plain};
}

/// Checks where the stream's address leads, whatever its parent is. A note where that is another
/// server than it says; empty where not.
std::string check_address(const CustomStream& stream, const Config& config) {
  const std::string address = stream.address.render([&](std::string_view name) {
    const auto own = own_value(config, name);
    return own || name == "cursor" ? own : std::optional<std::string>("x");
  });
  try {
    below_api(address, config.host, false);
  } catch (const ConnectorError& error) {
    throw ConnectorError(FailureKind::kConfig, stream.address.place() + ": " + error.message());
  }
  if (!means_other_server(address, config.host)) return {};
  return stream.place + " names sentry.io, and is read from " + config.host.text() +
         ", the configured server.";
}

StreamSpec custom_spec(const std::shared_ptr<const CustomStream>& stream,
                       const std::vector<StreamSpec>& table) {
  auto chain = std::make_shared<CustomChain>();
  chain->streams = chain_of(stream);
  for (const StreamSpec& row : table) {
    if (row.name == chain->streams.front()->listed_parent) {
      chain->parents = std::make_shared<const StreamSpec>(row);
    }
  }
  StreamSpec spec;
  spec.name = stream->name;
  spec.docs = "Records of the route that the configuration's " + stream->place + " names.";
  spec.group = kConfiguredGroup;
  spec.things = "records of the custom stream " + stream->name;
  spec.scopes = kScopesOfCustom;
  spec.primary_key = stream->primary_key;
  spec.cursor_key = stream->cursor_field;
  spec.schema = stream->schema.empty() ? open_schema(*stream).dump() : stream->schema;
  spec.routes = [chain](Route plain, const StreamScope& scope) {
    return first_routes(*chain, std::move(plain), scope);
  };
  spec.custom = std::move(chain);
  return spec;
}

}  // namespace

CustomSpecs custom_specs(const nlohmann::ordered_json& entries,
                         const std::vector<std::string>& places, const Config& config,
                         const std::vector<StreamSpec>& table) {
  const CustomSources sources{.parents = {kParents.begin(), kParents.end()},
                              .secrets = secrets_for_headers(config),
                              .own_token = config.auth_token,
                              .has_project = !config.project.empty()};
  CustomSpecs all;
  EveryMistake each;
  for (const auto& stream : read_custom_streams(entries, sources, places)) {
    each([&] {
      std::string note = check_address(*stream, config);
      if (!note.empty()) all.notes.push_back(std::move(note));
    });
    all.places.push_back(stream->place);
    all.specs.push_back(custom_spec(stream, table));
  }
  each.finish();
  return all;
}

StreamSpec pushing_spec(const StreamSpec& spec) {
  StreamSpec pushes = spec;
  auto chain = std::make_shared<CustomChain>(*spec.custom);
  chain->push_kind = chain->streams.back()->kind;
  const Schema any = {{"type", "object"}, {"additionalProperties", true}};
  const Schema schema = {
      {"$schema", "http://json-schema.org/draft-07/schema#"},
      {"type", "object"},
      {"additionalProperties", true},
      {"properties",
       {{"external_kind", {{"type", "string"}}}, {"data", {{"type", "array"}, {"items", any}}}}}};
  pushes.schema = schema.dump();
  pushes.primary_key.clear();
  pushes.custom = std::move(chain);
  return pushes;
}

}  // namespace source_sentry
