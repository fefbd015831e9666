#include "engine/state/unused_state.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <string_view>

#include "base/json_member.h"
#include "base/time.h"

namespace source_sentry {
namespace {

using Json = nlohmann::json;

/// What is kept next to a cursor and not read without one: our own notes, some of which a run
/// leaves that found no record, the names of partitions, and the cursors of another stream.
constexpr std::array<std::string_view, 7> kNoCursors = {
    "late_events_until", "refresh",     "children_until", "position", "shared",
    "partition",         "parent_state"};

/// Whether it contains a time anywhere that could be a cursor. The official connector writes the
/// beginning of time where there is none yet.
bool holds_time(const Json& json) {
  if (json.is_string()) {
    return parse_instant(json.get_ref<const std::string&>()) > kBeginningOfTime;
  }
  if (json.is_array()) return std::any_of(json.begin(), json.end(), holds_time);
  if (!json.is_object()) return false;
  const auto items = json.items();
  return std::any_of(items.begin(), items.end(), [](const auto& item) {
    const bool counts =
        std::find(kNoCursors.begin(), kNoCursors.end(), item.key()) == kNoCursors.end();
    return counts && holds_time(item.value());
  });
}

}  // namespace

std::optional<std::string> why_unused(const Json& saved, const std::string& cursor_key) {
  if (saved.is_null()) return std::nullopt;
  if (!saved.is_object()) return "it is not an object";
  const Json* states = member(saved, "states");
  if (states != nullptr && !states->is_array()) return "its \"states\" is not a list";
  const bool are_objects =
      states == nullptr || std::all_of(states->begin(), states->end(),
                                       [](const Json& entry) { return entry.is_object(); });
  if (!are_objects) return "its \"states\" holds something that is not an object";
  if (!holds_time(saved)) return std::nullopt;
  if (states != nullptr) return "it is about " + names_of(*states) + " only";
  if (member(saved, cursor_key) != nullptr) {
    return "it belongs to a single project and does not name it. To resume from it, put that "
           "project's slug into project, beside projects";
  }
  return "it has no \"" + cursor_key + "\"";
}

std::string names_of(const std::vector<Json>& entries) {
  constexpr std::size_t kMost = 5;
  std::string names;
  for (std::size_t i = 0; i < std::min(entries.size(), kMost); ++i) {
    const Json* partition = member(entries[i], "partition");
    const Json* project = partition == nullptr ? nullptr : member(*partition, "project");
    if (i > 0) names += ", ";
    if (project != nullptr && project->is_string()) {
      names += project->get<std::string>();
    } else {
      names += partition == nullptr ? "an entry without a partition" : partition->dump();
    }
  }
  if (entries.size() > kMost) names += " and " + std::to_string(entries.size() - kMost) + " more";
  return names;
}

}  // namespace source_sentry
