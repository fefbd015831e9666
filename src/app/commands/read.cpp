#include <spdlog/spdlog.h>
#include <unistd.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "app/commands/commands.h"
#include "app/commands/connection.h"
#include "app/commands/guarded.h"
#include "app/settings/stream_choice.h"
#include "app/terminal/read_progress.h"
#include "engine/run/sync.h"
#include "engine/state/checkpoint.h"
#include "files/folder.h"
#include "http/curl_client.h"
#include "protocol/catalog.h"
#include "protocol/stream_output.h"
#include "sentry/answers/answers.h"
#include "sentry/limits.h"
#include "sentry/source/source.h"
#include "sentry/streams/table.h"

namespace source_sentry {
namespace {

/// The folder that records go to; nothing where they go to stdout.
std::unique_ptr<Folder> open_folder(const Invocation& invocation, const Config& config,
                                    Emitter& emitter) {
  const std::string& path = invocation.output_folder;
  if (path.empty()) return nullptr;
  const auto& [index, count] = config.shard;
  Folder::Listener listener;
  listener.error = [&emitter](const ConnectorError& error, const std::string& stream) {
    emitter.error(error, stream);
  };
  listener.without_secrets = [&emitter](std::string_view text) { return emitter.redact(text); };
  return std::make_unique<Folder>(folder_of_shard(path, index, count), owner_of_records(config),
                                  invocation.files, emitter.clock(), std::move(listener));
}

/// The members that the stream's schema knows.
std::vector<std::string> columns_of(const StreamSpec& spec, const Config& config) {
  const auto schema = schema_of(spec, config);
  std::vector<std::string> columns;
  for (const auto& [key, about] : schema.at("properties").items()) columns.push_back(key);
  return columns;
}

/// Begins the stream in the folder, and resumes it from there.
void resume(WantedStream& wanted, const Config& config, const StreamTable& streams,
            Folder& folder) {
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

/// The run's own error, after those of its streams, which have said why.
ConnectorError failure_of_all(const std::vector<std::pair<std::string, std::string>>& failures) {
  std::string list;
  for (const auto& [stream, message] : failures) {
    list.append(list.empty() ? "" : ", ").append(stream);
  }
  // The aggregate has no single culprit; like Airbyte's own it counts as config_error.
  return {FailureKind::kConfig,
          "During the sync, the following streams did not sync successfully: " + list +
              ". The errors of these streams say why, and what to do.",
          "Concurrent read failure"};
}

}  // namespace

int run_read(const CommandContext& context) {
  Emitter& emitter = context.emitter;
  return guarded(emitter, [&] {
    const Config config = load_config(context.settings, context.invocation.catalog_file.empty());
    ReadProgress progress(emitter, context.person, context.progress);
    // An expression has no end, and nothing but the end of the process can end it. What was written
    // stands.
    const auto end_at_once = [&progress](const std::string& stream, const std::string& message) {
      progress.break_off(stream, ConnectorError(FailureKind::kConfig, message));
      _exit(1);
    };
    // A server may repeat in an error what it told us in confidence.
    Source source(
        config, emitter.clock(), [&emitter](std::string_view secret) { emitter.hide(secret); },
        end_at_once);
    const std::vector<ConfiguredStream> catalog =
        wanted_streams(context.invocation, config, source.streams());
    const SavedStates states = load_states(context.invocation.state_file);

    const auto folder = open_folder(context.invocation, config, emitter);
    std::vector<StreamJob> jobs;
    for (const ConfiguredStream& stream : catalog) {
      const auto saved = states.find(stream.name);
      WantedStream wanted{stream.name, stream.sync_mode == SyncMode::kFullRefresh,
                          saved == states.end() ? nlohmann::json() : saved->second, stream.fields,
                          stream.deduplicated_by};
      if (folder) resume(wanted, config, source.streams(), *folder);
      jobs.push_back(source.job(std::move(wanted)));
    }

    CurlClientFactory clients(connection_options(config));
    const Judge judge = make_judge(config.host);
    Pacer pacer(starting_limits(), config.max_rate_share);
    const SyncContext sync{progress.watch(folder ? folder->sinks() : outputs_to(emitter)),
                           emitter.clock(),
                           [&] { return clients.make(); },
                           judge,
                           pacer,
                           context.stop,
                           config.num_workers};
    progress.begin();
    const auto failures = run_sync(jobs, sync);
    if (folder) folder->finish(failures.empty() && !context.stop.stop_requested());
    if (!failures.empty()) emitter.error(failure_of_all(failures));
    progress.finish({{failures.begin(), failures.end()}, context.invocation.output_folder});
    return failures.empty() ? 0 : 1;
  });
}

}  // namespace source_sentry
