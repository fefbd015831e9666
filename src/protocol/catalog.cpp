#include "protocol/catalog.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <string_view>

#include "base/error.h"
#include "base/json_member.h"

namespace source_sentry {
namespace {

using Json = nlohmann::json;

[[noreturn]] void refuse(const std::string& place, const std::string& wrong) {
  throw ConnectorError(FailureKind::kConfig, "The catalog cannot be used: " + place + " " + wrong +
                                                 ". Start from the output of discover.");
}

std::string text_of(const Json& object, const char* key, const std::string& place) {
  const Json* value = member(object, key);
  if (value == nullptr) refuse(place + "." + key, "is missing");
  if (!value->is_string()) refuse(place + "." + key, "is not a string");
  return value->get<std::string>();
}

template <std::size_t N>
void require_one_of(const std::string& value, const std::array<std::string_view, N>& allowed,
                    const std::string& place) {
  if (std::find(allowed.begin(), allowed.end(), value) != allowed.end()) return;
  std::string list;
  for (const std::string_view one : allowed) list.append(list.empty() ? "" : ", ").append(one);
  refuse(place, "is \"" + value + "\", which is none of " + list);
}

/// The keys of `[["projectID"], ["id"]]`; none where some are not top-level.
std::vector<std::string> top_level_keys(const Json* paths) {
  std::vector<std::string> keys;
  if (paths == nullptr || !paths->is_array()) return keys;
  for (const Json& path : *paths) {
    if (!path.is_array() || path.size() != 1 || !path.front().is_string()) return {};
    keys.push_back(path.front().get<std::string>());
  }
  return keys;
}

SyncMode mode_of(const Json& entry, const std::string& place) {
  constexpr std::array<std::string_view, 2> kSyncModes = {"full_refresh", "incremental"};
  const std::string mode = text_of(entry, "sync_mode", place);
  require_one_of(mode, kSyncModes, place + ".sync_mode");
  return mode == "incremental" ? SyncMode::kIncremental : SyncMode::kFullRefresh;
}

/// Of a stream as discover prints it. One that supports nothing else is read whole in any mode.
SyncMode best_mode_of(const Json& stream) {
  const Json* modes = member(stream, "supported_sync_modes");
  if (modes == nullptr || !modes->is_array()) return SyncMode::kIncremental;
  const bool incremental = std::find(modes->begin(), modes->end(), "incremental") != modes->end();
  return incremental ? SyncMode::kIncremental : SyncMode::kFullRefresh;
}

ConfiguredStream read_stream(const Json& entry, const std::string& place) {
  if (!entry.is_object()) refuse(place, "is not an object");
  const Json* stream = member(entry, "stream");
  const bool bare = stream == nullptr && member(entry, "name") != nullptr;
  if (bare) stream = &entry;
  if (stream == nullptr || !stream->is_object()) refuse(place + ".stream", "is missing");
  ConfiguredStream configured;
  configured.name = text_of(*stream, "name", bare ? place : place + ".stream");
  configured.sync_mode = bare ? best_mode_of(entry) : mode_of(entry, place);
  const Json* schema = member(*stream, "json_schema");
  const Json* properties =
      schema != nullptr && schema->is_object() ? member(*schema, "properties") : nullptr;
  if (properties != nullptr && properties->is_object()) {
    for (const auto& [key, ignored] : properties->items()) configured.fields.push_back(key);
  }
  const Json* destination = member(entry, "destination_sync_mode");
  if (destination != nullptr && destination->is_string() &&
      destination->get_ref<const std::string&>().ends_with("_dedup")) {
    configured.deduplicated_by = top_level_keys(member(entry, "primary_key"));
  }
  return configured;
}

}  // namespace

std::vector<ConfiguredStream> read_catalog(const Json& document) {
  if (!document.is_object()) refuse("the document", "is not an object");
  if (text_member(document, "type") == "CATALOG" && document.contains("catalog")) {
    return read_catalog(document["catalog"]);
  }
  const Json* streams = member(document, "streams");
  if (streams == nullptr || !streams->is_array()) refuse("streams", "is not a list");
  std::vector<ConfiguredStream> configured;
  for (const Json& entry : *streams) {
    const std::string place = "streams[" + std::to_string(configured.size()) + "]";
    configured.push_back(read_stream(entry, place));
    const auto same_name = [&](const ConfiguredStream& other) {
      return other.name == configured.back().name;
    };
    if (std::count_if(configured.begin(), configured.end(), same_name) > 1) {
      refuse(place + ".stream.name", "repeats \"" + configured.back().name + "\"");
    }
  }
  return configured;
}

}  // namespace source_sentry
