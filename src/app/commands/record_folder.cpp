#include "app/commands/record_folder.h"

#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "app/settings/connection.h"
#include "engine/state/checkpoint.h"

namespace source_sentry {
namespace {

/// The members that the stream's schema knows.
std::vector<std::string> columns_of(const StreamSpec& spec, const Config& config) {
  const auto schema = schema_of(spec, config);
  std::vector<std::string> columns;
  for (const auto& [key, about] : schema.at("properties").items()) columns.push_back(key);
  return columns;
}

}  // namespace

std::unique_ptr<Folder> open_folder(const std::string& path, const FileOptions& options,
                                    const Config& config, Emitter& emitter) {
  if (path.empty()) return nullptr;
  const auto& [index, count] = config.shard;
  Folder::Listener listener;
  listener.error = [&emitter](const ConnectorError& error, const std::string& stream) {
    emitter.error(error, stream);
  };
  listener.without_secrets = [&emitter](std::string_view text) { return emitter.redact(text); };
  return std::make_unique<Folder>(folder_of_shard(path, index, count), owner_of_records(config),
                                  options, emitter.clock(), std::move(listener));
}

void resume_in(Folder& folder, WantedStream& wanted, const Config& config,
               const StreamTable& streams) {
  const StreamSpec* spec = streams.find(wanted.name);
  if (spec == nullptr) {
    throw ConnectorError(FailureKind::kConfig, "There is no stream \"" + wanted.name +
                                                   "\". Choose among those of discover.");
  }
  wanted.full_refresh = wanted.full_refresh || !spec->incremental();
  FileMode mode{wanted.full_refresh, is_within_full_refresh, record_cursor(*spec)};
  mode.since = config.start_date;
  // What is always read in full holds each record once.
  if (!spec->records_stay && spec->incremental()) mode.key = primary_key(*spec, config);
  mode.columns = columns_of(*spec, config);
  wanted.saved_state = folder.begin(wanted.name, mode);
}

}  // namespace source_sentry
