// Any configured catalog.

#include <algorithm>
#include <set>

#include "json_text.h"
#include "protocol/catalog.h"

namespace source_sentry {
namespace {

using Json = nlohmann::json;

constexpr std::string_view kPrefix = "The catalog cannot be used: ";

Json written(const std::vector<ConfiguredStream>& streams) {
  Json list = Json::array();
  for (const ConfiguredStream& stream : streams) {
    Json properties = Json::object();
    for (const std::string& field : stream.fields) properties[field] = Json::object();
    const bool incremental = stream.sync_mode == SyncMode::kIncremental;
    list.push_back(
        {{"stream", {{"name", stream.name}, {"json_schema", {{"properties", properties}}}}},
         {"sync_mode", incremental ? "incremental" : "full_refresh"},
         {"destination_sync_mode", "append"}});
  }
  return {{"streams", list}};
}

bool same(const ConfiguredStream& a, const ConfiguredStream& b) {
  return a.name == b.name && a.sync_mode == b.sync_mode && a.fields == b.fields;
}

}  // namespace

void fuzz(std::string_view input) {
  const auto document = document_of(input);
  if (!document) return;
  const auto streams = unless_refused(kPrefix, [&] { return read_catalog(*document); });
  if (!streams) return;
  // It may have envelopes, as discover prints it.
  const Json* catalog = &*document;
  while (catalog->value("type", Json()) == "CATALOG" && catalog->contains("catalog")) {
    catalog = &catalog->at("catalog");
  }
  require(streams->size() == catalog->at("streams").size(), "no stream is left out");
  std::set<std::string> names;
  for (const ConfiguredStream& stream : *streams) {
    require(names.insert(stream.name).second, "each stream is named once");
    require(std::set(stream.fields.begin(), stream.fields.end()).size() == stream.fields.size(),
            "each field is named once");
  }
  const auto again = read_catalog(written(*streams));
  require(std::equal(streams->begin(), streams->end(), again.begin(), again.end(), same),
          "what is understood of a catalog survives being written");
}

}  // namespace source_sentry
