#include "app/settings/stream_choice.h"

#include <algorithm>

#include "app/settings/message_files.h"
#include "base/json_member.h"
#include "base/text.h"
#include "sentry/projects/near_names.h"
#include "sentry/projects/project_selection.h"

namespace source_sentry {

StreamTable streams_of(const Settings& settings) {
  Config config;
  if (settings.source_of(kExploreStreamsKey) != nullptr) {
    config.explore_streams = read_explore_streams(settings.document());
  }
  const bool maps = std::any_of(kMappingKeys.begin(), kMappingKeys.end(), [&](auto key) {
    return settings.source_of(std::string(key)) != nullptr;
  });
  if (maps) config.mapping = read_mapping_config(settings.document(), in_cloud());
  if (settings.source_of(kLiveSpoolKey) != nullptr) {
    config.live_spool = text_member(settings.document(), kLiveSpoolKey);
  }
  return StreamTable(config);
}

std::optional<std::string> unknown_streams(const std::vector<std::string>& patterns,
                                           const StreamTable& streams) {
  std::vector<std::string> names;
  for (const StreamSpec& spec : streams) names.push_back(spec.name);
  std::vector<std::string> unknown;
  for (const std::string& pattern : patterns) {
    const std::string wanted = pattern.substr(pattern.starts_with('!') ? 1 : 0);
    const bool stands_for_one = std::any_of(
        names.begin(), names.end(), [&](const auto& name) { return is_chosen({wanted}, name); });
    if (!stands_for_one) unknown.push_back(wanted);
  }
  const bool leave_one =
      patterns.empty() || std::any_of(names.begin(), names.end(),
                                      [&](const auto& name) { return is_chosen(patterns, name); });
  if (unknown.empty() && !leave_one) return "These patterns leave no stream.";
  if (unknown.empty()) return std::nullopt;
  std::string list;
  for (const std::string& name : unknown) {
    list.append(list.empty() ? "\"" : ", \"").append(name).append("\"");
  }
  const std::string known = did_you_mean(unknown, names);
  std::string all;
  for (const std::string& name : names) all.append(all.empty() ? "" : ", ").append(name);
  return "There is no stream " + list + "." +
         (known.empty() ? " The streams are " + all + "." : known);
}

std::vector<ConfiguredStream> wanted_streams(const Invocation& invocation, const Config& config,
                                             const StreamTable& streams) {
  std::vector<ConfiguredStream> wanted;
  if (!invocation.catalog_file.empty()) {
    wanted = read_catalog_file(invocation.catalog_file);
  } else {
    for (const StreamSpec& spec : streams) {
      const bool may_be = is_offered(spec, config) || holds(invocation.streams, spec.name);
      const bool chosen = invocation.streams.empty()
                              ? spec.suggested
                              : may_be && is_chosen(invocation.streams, spec.name);
      const SyncMode mode = spec.incremental() ? SyncMode::kIncremental : SyncMode::kFullRefresh;
      if (chosen) wanted.push_back({spec.name, mode, {}});
    }
  }
  if (invocation.full_refresh) {
    for (ConfiguredStream& stream : wanted) stream.sync_mode = SyncMode::kFullRefresh;
  }
  return wanted;
}

}  // namespace source_sentry
