#include <spdlog/spdlog.h>

#include <nlohmann/json.hpp>

#include "app/commands/commands.h"
#include "app/commands/connection.h"
#include "app/commands/guarded.h"
#include "app/settings/json_file.h"
#include "engine/run/sync.h"
#include "http/curl_client.h"
#include "protocol/catalog.h"
#include "protocol/state.h"
#include "protocol/stream_output.h"
#include "sentry/answers/answers.h"
#include "sentry/limits.h"
#include "sentry/source/source.h"

namespace source_sentry {

int run_read(const CommandContext& context) {
  Emitter& emitter = context.emitter;
  return guarded(emitter, [&] {
    const Config config = load_config(context.config);
    const std::vector<ConfiguredStream> catalog =
        read_catalog(read_json_file(context.invocation.catalog_file, "catalog"));
    SavedStates states;
    if (!context.invocation.state_file.empty()) {
      std::vector<std::string> warnings;
      states = read_saved_states(read_json_file(context.invocation.state_file, "state"), warnings);
      for (const std::string& warning : warnings) spdlog::warn("{}", warning);
    }

    // A server may repeat in an error what it told us in confidence.
    Source source(config, emitter.clock(),
                  [&emitter](std::string_view secret) { emitter.hide(secret); });
    std::vector<StreamJob> jobs;
    for (const ConfiguredStream& stream : catalog) {
      const auto saved = states.find(stream.name);
      jobs.push_back(source.job({stream.name, stream.sync_mode == SyncMode::kFullRefresh,
                                 saved == states.end() ? nlohmann::json() : saved->second,
                                 stream.fields, stream.deduplicated_by}));
    }

    CurlClientFactory clients(connection_options(config));
    const Judge judge = make_judge(config.host);
    Pacer pacer(starting_limits(), config.max_rate_share);
    const SyncContext sync{
        outputs_to(emitter), emitter.clock(),   [&] { return clients.make(); }, judge, pacer,
        context.stop,        config.num_workers};
    const auto failures = run_sync(jobs, sync);
    if (failures.empty()) return 0;
    // Each has said why.
    std::string list;
    for (const auto& [stream, message] : failures) {
      list.append(list.empty() ? "" : ", ").append(stream);
    }
    // The aggregate has no single culprit; like Airbyte's own it counts as config_error.
    emitter.error(
        ConnectorError(FailureKind::kConfig,
                       "During the sync, the following streams did not sync successfully: " + list +
                           ". The errors of these streams say why, and what to do.",
                       "Concurrent read failure"));
    return 1;
  });
}

}  // namespace source_sentry
