// Any state file.

#include <string>

#include "json_text.h"
#include "protocol/state.h"

namespace source_sentry {
namespace {

using Json = nlohmann::json;

constexpr std::string_view kPrefix = "The saved state cannot be used: ";

Json entry(const std::string& name, const Json& state) {
  return {{"stream_descriptor", {{"name", name}}}, {"stream_state", state}};
}

SavedStates read(const Json& document) {
  std::vector<std::string> warnings;
  return read_saved_states(document, warnings);
}

/// The same states in the other shapes mean the same.
void check_shapes(const SavedStates& states) {
  Json streams = Json::array();
  Json list = Json::array();
  Json bare = Json::object();
  for (const auto& [name, state] : states) {
    streams.push_back({{"type", "STREAM"}, {"stream", entry(name, state)}});
    list.push_back(entry(name, state));
    bare[name] = state;
  }
  const Json global = {{"type", "GLOBAL"}, {"global", {{"stream_states", list}}}};
  const Json legacy = {{"type", "LEGACY"}, {"data", bare}};
  require(read(streams) == states, "a list of STREAM states says the same");
  require(read(global) == states, "a GLOBAL state says the same");
  require(read(Json::array({legacy})) == states, "a LEGACY state says the same");
  if (!bare.contains("type")) require(read(bare) == states, "bare states say the same");
  if (streams.size() == 1) require(read(streams[0]) == states, "a message says the same");
}

}  // namespace

void fuzz(std::string_view input) {
  const auto document = document_of(input);
  if (!document) return;
  const auto states = unless_refused(kPrefix, [&] { return read(*document); });
  if (!states) return;
  for (const auto& [name, state] : *states) {
    require(!state.is_null() && !state.is_discarded(), "a stream without a state has an empty one");
  }
  check_shapes(*states);
}

}  // namespace source_sentry
