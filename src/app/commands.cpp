#include "app/commands.h"

#include <spdlog/spdlog.h>

#include <cstdlib>
#include <new>
#include <nlohmann/json.hpp>

#include "app/json_file.h"
#include "base/login.h"
#include "base/version.h"
#include "engine/run/sync.h"
#include "http/curl_client.h"
#include "protocol/catalog.h"
#include "protocol/state.h"
#include "protocol/stream_output.h"
#include "sentry/answers/answers.h"
#include "sentry/config.h"
#include "sentry/embedded.h"
#include "sentry/limits.h"
#include "sentry/source/source.h"

namespace source_sentry {
namespace {

using std::chrono::seconds;

std::string environment(const char* name) {
  const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): never set here
  return value == nullptr ? "" : value;
}

/// What the configuration file says. Logs a warning about it where its owner should know.
const nlohmann::json& open_config(const ConfigFile& file) {
  const nlohmann::json& document = file.document();
  // The image sets this variable, and a container has no other users; its user cannot change how
  // the platform mounts the file.
  const bool in_image = !environment("AIRBYTE_ENTRYPOINT").empty();
  if (const auto warning = file.exposure_warning(); warning && !in_image) {
    spdlog::warn("{}", *warning);
  }
  if (const auto warning = unknown_keys(document)) spdlog::warn("{}", *warning);
  return document;
}

bool in_cloud() { return environment("DEPLOYMENT_MODE") == "CLOUD"; }

Config load_config(const ConfigFile& file) { return read_config(open_config(file), in_cloud()); }

/// The proxy of the configuration, or else the environment's.
std::optional<Proxy> proxy_of(const Config& config) {
  if (config.proxy) return config.proxy;
  const std::string named = proxy_from(environment, config.host);
  if (named.empty()) return std::nullopt;
  const auto proxy = parse_proxy(named);
  if (!proxy) {
    throw ConnectorError(FailureKind::kConfig,
                         "The environment names a proxy, " + without_login(named) +
                             ", which is not the address of a proxy. Correct it (a / ? # "
                             "or @ in its password as %2F %3F %23 %40), or "
                             "name one in the configuration's proxy.");
  }
  return proxy;
}

ConnectionOptions connection_options(const Config& config) {
  ConnectionOptions options;
  options.base = config.api_base();
  options.token = config.auth_token;
  options.user_agent = std::string("source-sentry/") + kVersion;
  // The same as OpenSSL's own tools, the official connector's library, and curl.
  for (const char* name : {"SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"}) {
    if (options.ca_file.empty()) options.ca_file = environment(name);
  }
  options.ca_certificates = config.ca_certificates;
  options.proxy = proxy_of(config);
  options.connect_timeout = seconds(30);
  // Sentry gives its own queries 30 seconds, and a proxy in front of it a minute.
  options.idle_timeout = seconds(120);
  // Native events of 5 MB, a hundred to a page on old servers.
  options.largest_body = std::size_t{1} << 30;
  return options;
}

/// The final messages of a command that cannot do its work.
int fail(Emitter& emitter, const ConnectorError& error) {
  emitter.log(LogLevel::kFatal, error.message());
  emitter.error(error);
  return 1;
}

/// Runs a command's body; whatever it throws becomes an error message and exit code 1.
template <typename Body>
int guarded(Emitter& emitter, Body body) {
  try {
    return body();
  } catch (const ConnectorError& error) {
    return fail(emitter, error);
  } catch (const std::bad_alloc&) {
    return fail(emitter, ConnectorError(FailureKind::kSystem,
                                        "There is not enough memory. Give the connector more."));
  } catch (const std::exception& error) {
    return fail(emitter, ConnectorError(FailureKind::kSystem,
                                        "Something went wrong inside the connector. Please report "
                                        "this with the log.",
                                        error.what()));
  }
}

}  // namespace

int run_spec(Emitter& emitter) {
  return guarded(emitter, [&] {
    emitter.spec(embedded_schema("spec"));
    return 0;
  });
}

int run_check(const ConfigFile& file, Emitter& emitter, std::stop_token stop) {
  return guarded(emitter, [&] {
    // A file that cannot be read is a failure of the call; what it says is what is being checked.
    const nlohmann::json& document = open_config(file);
    Config config;
    ConnectionOptions options;
    try {
      config = read_config(document, in_cloud());
      options = connection_options(config);
    } catch (const ConnectorError& error) {
      emitter.connection_status(false, error.message());
      return 0;
    }
    CurlClientFactory clients(options);
    const Judge judge = make_judge(config.host);
    Pacer pacer(starting_limits());
    const ProbeResult result =
        Source(config, emitter.clock(), {})
            .probe({[&] { return clients.make(); }, judge, pacer, emitter.clock(), stop});
    if (result.transient) {
      emitter.error(ConnectorError(FailureKind::kTransient, result.message));
    } else if (result.succeeded && !result.message.empty()) {
      spdlog::warn("{}", result.message);
    } else if (result.succeeded) {
      spdlog::info("Check succeeded");
    }
    emitter.connection_status(result.succeeded, result.message);
    return 0;
  });
}

int run_discover(const ConfigFile& file, Emitter& emitter) {
  return guarded(emitter, [&] {
    const Config config = load_config(file);  // Airbyte expects a bad one to be refused here too
    emitter.catalog(Source(config, emitter.clock(), {}).catalog());
    return 0;
  });
}

int run_read(const Invocation& invocation, const ConfigFile& file, Emitter& emitter,
             std::stop_token stop) {
  return guarded(emitter, [&] {
    const Config config = load_config(file);
    const std::vector<ConfiguredStream> catalog =
        read_catalog(read_json_file(invocation.catalog_file, "catalog"));
    SavedStates states;
    if (!invocation.state_file.empty()) {
      std::vector<std::string> warnings;
      states = read_saved_states(read_json_file(invocation.state_file, "state"), warnings);
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
    const SyncContext context{
        outputs_to(emitter), emitter.clock(), [&] { return clients.make(); }, judge, pacer, stop,
        config.num_workers};
    const auto failures = run_sync(jobs, context);
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
