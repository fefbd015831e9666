#include "sandbox/options.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <map>

#include "sandbox/render/json_writer.h"
#include "sandbox/render/time_text.h"

namespace sandbox {
namespace {

const std::map<std::string, EventSize>& event_sizes() {
  static const std::map<std::string, EventSize> kSizes = {
      {"small", EventSize::kSmall}, {"typical", EventSize::kTypical}, {"large", EventSize::kLarge}};
  return kSizes;
}

std::string quirk_help() {
  std::string text = "Behave like another server (repeatable):";
  for (const QuirkSpec& spec : quirk_table()) {
    text.append("\n  ").append(spec.name).append(": ").append(spec.description);
  }
  for (const QuirkPreset& preset : quirk_presets()) {
    text.append("\n  ").append(preset.name).append(": ").append(preset.description).append(":");
    for (const QuirkSpec& spec : quirk_table()) {
      const bool held =
          std::find(preset.quirks.begin(), preset.quirks.end(), spec.quirk) != preset.quirks.end();
      if (held) text.append(" ").append(spec.name);
    }
  }
  return text;
}

std::string limit_help() {
  std::string text =
      "Limit a rate group and enforce limits (repeatable): GROUP=N/SECONDS[/CONCURRENT]; groups:";
  for (const LimitRow& row : limit_table()) text.append(" ").append(row.group);
  return text;
}

/// A path like /sentry: a slash in front, none behind.
std::string tidy_prefix(std::string prefix) {
  while (prefix.ends_with('/')) prefix.pop_back();
  if (!prefix.empty() && !prefix.starts_with('/')) prefix.insert(0, "/");
  return prefix;
}

/// The texts that need more than CLI11's conversions.
struct RawOptions {
  std::string now;
  std::string event_size = "typical";
  std::string limits = "none";
  std::vector<std::string> limit;
  std::vector<std::string> quirks;
};

void declare(CLI::App& app, Options& options, RawOptions& raw) {
  const auto size = CLI::Range(0U, 100'000'000U);
  app.add_option("--host", options.host, "Address to listen on")->capture_default_str();
  app.add_option("--port", options.port, "Port; 0 takes any free one")
      ->capture_default_str()
      ->check(CLI::Range(0, 65'535));
  app.add_option("--prefix", options.prefix, "Path in front of /api/0");
  app.add_option("--public-url", options.public_url,
                 "What links in answers start with, as a server behind a proxy is configured");
  app.add_option("--announce", options.announce, "File to write the address to, as JSON");
  auto* cert = app.add_option("--tls-cert", options.tls_cert, "Certificate (PEM): serve https");
  auto* key = app.add_option("--tls-key", options.tls_key, "Key of the certificate (PEM)");
  cert->needs(key);
  key->needs(cert);
  app.add_option("--seed", options.plan.seed, "What the world is drawn from")
      ->capture_default_str();
  app.add_option("--now", raw.now, "ISO time the clock starts at, instead of now");
  app.add_option("--projects", options.plan.projects, "Projects of the organization acme")
      ->capture_default_str()
      ->check(CLI::Range(1, 100'000));
  app.add_option("--events", options.plan.events, "Events of all projects together")
      ->capture_default_str()
      ->check(size);
  app.add_option("--issues", options.plan.issues, "Issues; never more than there are events")
      ->capture_default_str()
      ->check(size);
  app.add_option("--releases", options.plan.releases, "Releases")
      ->capture_default_str()
      ->check(size);
  app.add_option("--days", options.plan.days, "Length of the history")
      ->capture_default_str()
      ->check(CLI::Range(1, 5'000));
  app.add_option("--retention-days", options.plan.retention_days, "How long events are kept")
      ->capture_default_str()
      ->check(CLI::Range(1, 10'000));
  app.add_option("--event-size", raw.event_size, "Mean size of full events: 1.2, 11 or 46 KB")
      ->capture_default_str()
      ->check(CLI::IsMember({"small", "typical", "large"}));
  app.add_option("--latency", options.latency_ms, "Milliseconds each API answer takes longer")
      ->capture_default_str()
      ->check(CLI::Range(0, 600'000));
  app.add_flag_callback(
      "--no-gzip", [&options] { options.gzip = false; }, "Never compress");
  app.add_option("--threads", options.threads, "Connections served at the same time")
      ->capture_default_str()
      ->check(CLI::Range(1, 1'000));
  app.add_option("--limits", raw.limits, "Rate limits: none as self-hosted, or sentry.io's")
      ->capture_default_str()
      ->check(CLI::IsMember({"none", "sentry.io"}));
  app.add_option("--limit", raw.limit, limit_help())->allow_extra_args(false);
  app.add_option("--quirk", raw.quirks, quirk_help())->allow_extra_args(false);
}

/// Throws CLI::ValidationError for texts that make no sense.
void interpret(const RawOptions& raw, Options& options) {
  options.prefix = tidy_prefix(options.prefix);
  while (options.public_url.ends_with('/')) options.public_url.pop_back();
  options.event_size = event_sizes().at(raw.event_size);
  options.enforce_limits = raw.limits == "sentry.io";
  if (!raw.now.empty()) {
    options.now = source_sentry::parse_instant(raw.now);
    if (!options.now) throw CLI::ValidationError("--now", "not an ISO time: " + raw.now);
  }
  for (const std::string& text : raw.limit) {
    const auto limit = parse_limit(text);
    if (!limit) throw CLI::ValidationError("--limit", "not GROUP=N/SECONDS[/CONCURRENT]: " + text);
    options.limits.push_back(*limit);
  }
  for (const std::string& name : raw.quirks) {
    const auto quirks = find_quirks(name);
    if (quirks.empty()) throw CLI::ValidationError("--quirk", "no such quirk: " + name);
    options.quirks.add(quirks);
  }
}

}  // namespace

ParsedOptions parse_options(int argc, const char* const* argv) {
  CLI::App app("A local Sentry to try source-sentry against", "sentry-sandbox");
  Options options;
  RawOptions raw;
  declare(app, options, raw);
  try {
    app.parse(argc, argv);
    interpret(raw, options);
  } catch (const CLI::ParseError& error) {
    // CLI11's own codes begin at 100; a wrong command line is 2 everywhere else.
    return {std::nullopt, app.exit(error) == 0 ? 0 : 2};
  }
  return {std::move(options), 0};
}

std::string describe(const Options& options, const std::string& url) {
  std::string out;
  JsonWriter json(out);
  json.begin_object();
  json.text("url", url);
  json.text("prefix", options.prefix);
  json.number("seed", options.plan.seed);
  time_field(json, "start", to_instant(options.plan.start));
  json.number("projects", options.plan.projects);
  json.number("events", options.plan.events);
  json.number("issues", options.plan.issues);
  json.number("releases", options.plan.releases);
  json.number("days", options.plan.days);
  json.number("retention_days", options.plan.retention_days);
  for (const auto& [name, size] : event_sizes()) {
    if (size == options.event_size) json.text("event_size", name);
  }
  json.number("latency_ms", options.latency_ms);
  json.flag("gzip", options.gzip);
  json.number("threads", options.threads);
  json.flag("limits", options.enforce_limits || !options.limits.empty());
  json.key("quirks");
  json.begin_array();
  for (const QuirkSpec& spec : quirk_table()) {
    if (options.quirks.has(spec.quirk)) json.text(spec.name);
  }
  json.end_array();
  json.end_object();
  return out;
}

}  // namespace sandbox
