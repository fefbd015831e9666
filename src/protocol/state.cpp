#include "protocol/state.h"

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/json_member.h"

namespace source_sentry {
namespace {

using Json = nlohmann::json;

[[noreturn]] void refuse(const std::string& wrong) {
  throw ConnectorError(
      FailureKind::kConfig,
      "The saved state cannot be used: " + wrong +
          ". Repair the state file, or leave --state out to read from the beginning.");
}

void add_stream_state(const Json& entry, const std::string& place, SavedStates& states) {
  const Json* descriptor = entry.is_object() ? member(entry, "stream_descriptor") : nullptr;
  const Json* name =
      descriptor != nullptr && descriptor->is_object() ? member(*descriptor, "name") : nullptr;
  if (name == nullptr || !name->is_string()) refuse(place + " names no stream");
  const Json* state = member(entry, "stream_state");
  states[name->get<std::string>()] = state == nullptr ? Json::object() : *state;
}

/// The form before states were kept by stream: an object of streams, each with its state.
void add_legacy_states(const Json& data, SavedStates& states) {
  for (const auto& [name, state] : data.items()) {
    states[name] = state.is_null() ? Json::object() : state;
  }
}

void add_global_state(const Json& global, const std::string& place, SavedStates& states,
                      std::vector<std::string>& warnings) {
  if (const Json* shared = member(global, "shared_state"); shared != nullptr && !shared->empty()) {
    warnings.push_back(
        "The shared part of the GLOBAL state was not written by this connector and is ignored.");
  }
  const Json* list = member(global, "stream_states");
  if (list == nullptr) return;
  if (!list->is_array()) refuse(place + ".global.stream_states is not a list");
  for (const Json& entry : *list) {
    add_stream_state(entry, place + ".global.stream_states", states);
  }
}

/// A line of output: {"type": "STATE", "state": {...}}.
bool is_envelope(const Json& element) {
  return element.is_object() && text_member(element, "type") == "STATE" &&
         element.contains("state");
}

}  // namespace

SavedStates read_saved_states(const Json& document, std::vector<std::string>& warnings) {
  SavedStates states;
  if (document.is_null()) return states;
  if (document.is_object()) {
    // A single message saved as it came, with or without its envelope, or the bare object of
    // streams.
    const bool message =
        is_envelope(document) ||
        (document.contains("type") &&
         (document.contains("stream") || document.contains("global") || document.contains("data")));
    if (message) return read_saved_states(Json::array({document}), warnings);
    add_legacy_states(document, states);
    return states;
  }
  if (!document.is_array()) refuse("it is neither a list nor an object");
  for (std::size_t i = 0; i < document.size(); ++i) {
    const std::string place = "element " + std::to_string(i);
    const Json& element = is_envelope(document[i]) ? document[i]["state"] : document[i];
    if (!element.is_object()) refuse(place + " is not an object");
    if (const Json* stream = member(element, "stream"); stream != nullptr) {
      add_stream_state(*stream, place, states);
    } else if (const Json* global = member(element, "global"); global != nullptr) {
      if (!global->is_object()) refuse(place + ".global is not an object");
      add_global_state(*global, place, states, warnings);
    } else if (const Json* data = member(element, "data"); data != nullptr) {
      if (!data->is_object()) refuse(place + ".data is not an object");
      add_legacy_states(*data, states);
    } else {
      refuse(place + " has no stream, no global and no data");
    }
  }
  return states;
}

}  // namespace source_sentry
