#include <spdlog/spdlog.h>
#include <unistd.h>

#include <nlohmann/json.hpp>
#include <optional>

#include "app/commands/commands.h"
#include "app/commands/guarded.h"
#include "app/settings/connection.h"
#include "app/settings/environment.h"
#include "http/curl_client.h"
#include "sentry/answers/answers.h"
#include "sentry/config_keys.h"
#include "sentry/limits.h"
#include "sentry/source/source.h"

namespace source_sentry {
namespace {

/// For people's programs: one document.
std::string check_document(const ProbeResult& result, Emitter& emitter) {
  nlohmann::ordered_json document = {{"succeeded", result.succeeded},
                                     {"message", emitter.redact(result.message)},
                                     {"readable_streams", result.readable},
                                     {"streams", result.streams},
                                     {"projects", result.projects}};
  return document.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

/// Says how the check went, as Airbyte wants it and as people do. Returns the exit code.
int conclude(const CommandContext& context, const ProbeResult& result) {
  Emitter& emitter = context.emitter;
  const int code = result.succeeded || !context.invocation.exit_code ? 0 : 1;
  if (context.invocation.json) {
    emitter.lines(check_document(result, emitter) + "\n");
    return code;
  }
  emitter.connection_status(result.succeeded, result.message);
  if (result.streams > 0) {
    emitter.tell(LogLevel::kInfo, sentence_of(result));
  } else if (!result.succeeded && !result.transient) {  // otherwise it was said already
    emitter.tell(LogLevel::kError, result.message);
  }
  return code;
}

}  // namespace

int run_check(const CommandContext& context) {
  Emitter& emitter = context.emitter;
  return guarded(emitter, [&] {
    // A file that cannot be read is a failure of the call; what it says is what is being checked.
    const nlohmann::json& document = open_config(context.settings);
    Config config;
    ConnectionOptions options;
    std::optional<Source> source;
    try {
      config = read_config(document, in_cloud());
      source.emplace(config, emitter.clock(), SecretListener());
      options = connection_options(config);
    } catch (const ConnectorError& error) {
      return conclude(context, {.succeeded = false, .message = error.message()});
    }
    CurlClientFactory clients(options);
    const Judge judge = make_judge(config.host);
    Pacer pacer(starting_limits());
    ProbeResult result =
        source->probe({[&] { return clients.make(); }, judge, pacer, emitter.clock(), context.stop,
                       // Nothing but the end of the process ends an expression that has no end.
                       [&context](const std::string&, const std::string& message) {
                         _exit(conclude(context, {.succeeded = false, .message = message}));
                       }});
    if (const auto mistyped = mistyped_keys(document); result.succeeded && mistyped) {
      result.message = *mistyped + (result.message.empty() ? "" : " ") + result.message;
    }
    if (result.transient) {
      emitter.error(ConnectorError(FailureKind::kTransient, result.message));
    } else if (result.succeeded && !result.message.empty()) {
      spdlog::warn("{}", result.message);
    } else if (result.succeeded) {
      spdlog::info("Check succeeded");
    }
    return conclude(context, result);
  });
}

}  // namespace source_sentry
