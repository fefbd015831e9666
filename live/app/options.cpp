#include "live/app/options.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <iostream>

#include "app/settings/environment.h"
#include "app/usage/setting_flags.h"
#include "base/version.h"

namespace source_sentry {
namespace {

constexpr std::uint64_t kMebibyte = std::uint64_t{1} << 20;

/// "127.0.0.1:8080", "[::1]:8080", ":8080", "8080".
ListenAddress address_of(const std::string& flag, const std::string& text) {
  ListenAddress address;
  const std::size_t colon = text.rfind(':');
  const std::string port = colon == text.npos ? text : text.substr(colon + 1);
  std::string host = colon == text.npos ? address.host : text.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  if (!host.empty()) address.host = host;
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), address.port);
  if (error != std::errc() || end != port.data() + port.size() || port.empty()) {
    throw CLI::ValidationError(flag, "must be HOST:PORT, such as 127.0.0.1:8080");
  }
  return address;
}

/// "90s", "120m", "2h", "7d", or an ISO 8601 duration.
Duration duration_of(const std::string& flag, const std::string& text) {
  if (const auto iso = parse_duration(text)) return *iso;
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const std::string unit(end, text.data() + text.size());
  constexpr std::int64_t kMost = 100'000'000;
  if (error == std::errc() && number >= 0 && number <= kMost) {
    if (unit == "s") return std::chrono::seconds(number);
    if (unit == "m") return std::chrono::minutes(number);
    if (unit == "h") return std::chrono::hours(number);
    if (unit == "d") return std::chrono::hours(24 * number);
    if (number == 0 && unit.empty()) return {};
  }
  throw CLI::ValidationError(flag, "must be a time such as 90s, 120m, 2h or 7d");
}

template <typename Take>
void add_text(CLI::App& app, const std::string& flag, const std::string& type,
              const std::string& help, Take take) {
  app.add_option_function<std::string>(
         flag, [flag, take](const std::string& text) { take(flag, text); }, help)
      ->type_name(type);
}

/// Names what nobody knows, and never what it was given: that may be a secret.
void refuse_unexpected(const CLI::App& app) {
  const std::vector<std::string> unknown = app.remaining(true);
  if (unknown.empty()) return;
  std::string names;
  for (const std::string& one : unknown) {
    if (!one.starts_with('-')) continue;
    names.append(names.empty() ? "" : ", ").append(one.substr(0, one.find('=')));
  }
  throw CLI::ParseError(names.empty() ? "There is an argument that nothing takes."
                                      : "There is no such flag: " + names + ".",
                        CLI::ExitCodes::ExtrasError);
}

void add_listening(CLI::App& app, ListenOptions& options) {
  add_text(app, "--listen", "HOST:PORT", "Where webhooks come in; default 127.0.0.1:8080",
           [&](const auto& flag, const auto& text) { options.listen = address_of(flag, text); });
  add_text(app, "--health", "HOST:PORT",
           "Where health and metrics are shown; default 127.0.0.1:8081, off for nowhere",
           [&](const auto& flag, const auto& text) {
             options.health = text == "off" ? std::nullopt : std::optional(address_of(flag, text));
           });
  app.add_option("--path", options.path, "The path of the webhook URL; default /")
      ->type_name("PATH");
  app.add_option("--secret-file", options.secret_files,
                 "A file with the integration's client secret, one a line; the newest first. "
                 "Otherwise the environment variable SENTRY_CLIENT_SECRET has it")
      ->type_name("FILE")
      ->expected(1);
  app.add_option("--endpoints", options.endpoints_file,
                 "A JSON file of further endpoints: other integrations, service hooks")
      ->type_name("FILE");
  app.add_option("--trusted-proxy", options.proxies,
                 "The address of a proxy on another machine, which says who its clients are")
      ->type_name("ADDRESS")
      ->expected(1);
  app.add_flag("--allow-unsigned", options.allow_unsigned,
               "Start without any secret: anybody may then send anything");
  add_text(
      app, "--time-window", "TIME", "How far a webhook's time may be off; default 5m, 0 for any",
      [&](const auto& flag, const auto& text) { options.time_window = duration_of(flag, text); });
  add_text(app, "--tls-cert", "FILE", "Answer by TLS with this certificate and its chain",
           [&](const auto& /*flag*/, const auto& text) {
             if (!options.tls) options.tls.emplace();
             options.tls->certificate_file = text;
           });
  add_text(app, "--tls-key", "FILE", "The key of that certificate",
           [&](const auto& /*flag*/, const auto& text) {
             if (!options.tls) options.tls.emplace();
             options.tls->key_file = text;
           });
}

void add_keeping(CLI::App& app, ListenOptions& options) {
  app.add_option("--spool", options.spool,
                 "The folder that keeps what came in; default spool, or that of systemd")
      ->type_name("DIR");
  app.add_option_function<std::uint64_t>(
         "--spool-size",
         [&](const std::uint64_t& mebibytes) { options.limits.most_bytes = mebibytes * kMebibyte; },
         "How large it may get, in MiB; default 1024")
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1} << 30).description(""))
      ->type_name("MIB");
  add_text(app, "--keep", "TIME", "How long it keeps webhooks; default 7d",
           [&](const auto& flag, const auto& text) {
             options.limits.keep = duration_of(flag, text);
             options.limits.know = options.limits.keep;
           });
}

void add_leaving(CLI::App& app, ListenOptions& options) {
  app.add_option("--output", options.invocation.output_folder,
                 "Write files into this folder, each record once, and nothing to stdout")
      ->type_name("DIR");
  app.add_flag_callback(
      "--only-spool", [&] { options.emit = ListenOptions::Emit::kSpool; },
      "Write no records: a sync whose configuration has live_spool reads them");
  app.add_option("--streams", options.invocation.streams,
                 "Which streams leave and are resynced; default all webhooks' and the usual ones")
      ->delimiter(',')
      ->type_name("STREAM,...");
  app.add_flag_function(
      "--refetch,!--no-refetch", [&](std::int64_t count) { options.refetch = count > 0; },
      "Ask Sentry for the issues of webhooks, as records of issues; default where there is a "
      "token");
  add_text(app, "--resync", "TIME", "Read everything else that often: 120m; default never",
           [&](const auto& flag, const auto& text) { options.resync = duration_of(flag, text); });
  app.add_flag("--notion", options.notion,
               "Answer the integration's issue links with pages of Notion; docs/notion.md");
}

void add_connector(CLI::App& app, ListenOptions& options) {
  app.add_option("--config", options.invocation.config_file,
                 "The connector's configuration; needed to ask Sentry, or to map records")
      ->type_name("FILE");
  add_setting_flags(app, options.invocation.settings);
  app.add_flag("--debug", options.invocation.debug, "Say more on stderr");
}

}  // namespace

std::optional<ListenOptions> parse_listen_options(int argc, const char* const* argv,
                                                  int& exit_code) {
  ListenOptions options;
  if (const std::string folder = environment("STATE_DIRECTORY"); !folder.empty()) {
    options.spool = folder + "/spool";
  }
  CLI::App app("Takes in Sentry's webhooks and makes records of them.", "source-sentry-listen");
  app.set_version_flag("--version", std::string("source-sentry-listen ") + kVersion);
  app.set_help_flag("--help,-h", "Print this help and exit");
  add_listening(app, options);
  add_keeping(app, options);
  add_leaving(app, options);
  add_connector(app, options);
  app.add_option("--prefix", options.prefix, "What comes before the paths of UI components")
      ->type_name("PATH");

  app.allow_extras();  // CLI11 would print them

  CLI::App* doctor = app.add_subcommand(
      "doctor", "Say whether Sentry sends its webhooks here, and what is missing");
  doctor->add_option("--public-url", options.public_url, "The webhook URL as Sentry knows it")
      ->type_name("URL");
  add_connector(*doctor, options);
  doctor->allow_extras();
  doctor->callback([&] { options.command = ListenOptions::Command::kDoctor; });

  CLI::App* schema = app.add_subcommand("ui-schema", "Print the schema of the UI components");
  schema->add_option("--prefix", options.prefix, "What comes before their paths: /sentry")
      ->type_name("PATH");
  schema->allow_extras();
  schema->callback([&] { options.command = ListenOptions::Command::kUiSchema; });

  try {
    std::vector<std::string> arguments(argv + std::min(argc, 1), argv + argc);
    refuse_secrets(arguments);
    std::reverse(arguments.begin(), arguments.end());  // CLI11 takes them from the back
    app.parse(std::move(arguments));
    refuse_unexpected(app);
    if (options.tls && (options.tls->key_file.empty() || options.tls->certificate_file.empty())) {
      throw CLI::ValidationError("--tls-cert", "needs --tls-key, and the other way round");
    }
    if (!options.path.starts_with('/')) {
      throw CLI::ValidationError("--path", "must begin with /");
    }
  } catch (const CLI::ParseError& error) {
    exit_code = app.exit(error, std::cout, std::cerr) == 0 ? 0 : 2;
    return std::nullopt;
  }
  if (!options.invocation.output_folder.empty()) options.emit = ListenOptions::Emit::kFolder;
  options.invocation.command = Invocation::Command::kRead;
  return options;
}

}  // namespace source_sentry
