#include <spdlog/spdlog.h>
#include <unistd.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "app/commands/commands.h"
#include "app/commands/guarded.h"
#include "app/commands/record_folder.h"
#include "app/settings/connection.h"
#include "app/settings/stream_choice.h"
#include "app/terminal/read_progress.h"
#include "engine/run/sync.h"
#include "http/curl_client.h"
#include "protocol/catalog.h"
#include "protocol/stream_output.h"
#include "sentry/answers/answers.h"
#include "sentry/limits.h"
#include "sentry/source/source.h"
#include "sentry/streams/table.h"

namespace source_sentry {
namespace {

/// The run's own error, after those of its streams, which have said why.
ConnectorError failure_of_all(const std::vector<std::pair<std::string, std::string>>& failures) {
  // The aggregate has no single culprit; like Airbyte's own it counts as config_error.
  return {FailureKind::kConfig,
          "During the sync, the following streams did not sync successfully: " +
              names_of(failures) + ". The errors of these streams say why, and what to do.",
          "Concurrent read failure"};
}

}  // namespace

int run_read(const CommandContext& context) {
  Emitter& emitter = context.emitter;
  return guarded(emitter, [&] {
    const Config config = load_config(context.settings, context.invocation.catalog_file.empty());
    ReadProgress progress(emitter, context.person, context.progress);
    // Nothing but the end of the process ends an expression that has no end. What was written
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

    const auto folder =
        open_folder(context.invocation.output_folder, context.invocation.files, config, emitter);
    std::vector<StreamJob> jobs;
    std::vector<LiveJob> live_jobs;
    for (const ConfiguredStream& stream : catalog) {
      const auto saved = states.find(stream.name);
      WantedStream wanted{stream.name, stream.sync_mode == SyncMode::kFullRefresh,
                          saved == states.end() ? nlohmann::json() : saved->second, stream.fields,
                          stream.deduplicated_by};
      if (folder) resume_in(*folder, wanted, config, source.streams());
      if (source.is_live(stream.name)) {
        live_jobs.push_back(source.live_job(std::move(wanted)));
      } else {
        jobs.push_back(source.job(std::move(wanted)));
      }
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
    auto failures =
        read_live(live_jobs, {config.live_spool, sync.open_sink, emitter.clock(), context.stop});
    const auto others = run_sync(jobs, sync);
    failures.insert(failures.end(), others.begin(), others.end());
    if (folder) folder->finish(failures.empty() && !context.stop.stop_requested());
    if (!failures.empty()) emitter.error(failure_of_all(failures));
    progress.finish({{failures.begin(), failures.end()}, context.invocation.output_folder});
    return failures.empty() ? 0 : 1;
  });
}

}  // namespace source_sentry
