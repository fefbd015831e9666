#include <spdlog/fmt/fmt.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "app/commands/commands.h"
#include "app/commands/connection.h"
#include "app/commands/guarded.h"
#include "app/terminal/indented_json.h"
#include "app/terminal/table.h"
#include "base/text.h"
#include "engine/run/sample.h"
#include "http/curl_client.h"
#include "sentry/answers/answers.h"
#include "sentry/limits.h"
#include "sentry/source/schema_view.h"
#include "sentry/source/source.h"

namespace source_sentry {
namespace {

using Json = nlohmann::ordered_json;

/// The stream that is meant. Throws a ConnectorError where it is a pattern.
const StreamSpec& stream_named(const std::string& name, const StreamTable& streams) {
  const StreamSpec* spec = streams.find(name);
  if (spec != nullptr) return *spec;
  throw ConnectorError(FailureKind::kConfig,
                       "\"" + without_controls(name) +
                           "\" is not the name of one stream. \"source-sentry streams\" lists "
                           "their names.");
}

/// What the schema says, in sentences.
std::string preview_words(const std::string& stream, const SchemaView& view, std::size_t records) {
  if (records == 0) return "There are no records of " + stream + " to show.";
  std::string text;
  if (view.unknown.empty()) {
    text = "The schema of " + stream + " knows every key of " +
           (records == 1 ? "this record." : "these records.");
  } else {
    text = "Unknown to the schema of " + stream + ":";
    for (const std::string& key : view.unknown) {
      text.append(&key == &view.unknown.front() ? " " : ", ").append(key);
    }
    text += ".";
  }
  for (const SchemaView::Difference& difference : view.differences) {
    text += fmt::format(" {} is of type {} in {} and not {}.", difference.key, difference.found,
                        number_of(difference.records, "record"), difference.schema);
  }
  if (view.differences.empty()) text += " Every value is of the type that the schema names.";
  if (view.missing > 0) {
    text += fmt::format(" Of the schema's {}, {} not sent here.", number_of(view.known, "key"),
                        view.missing == 1 ? "1 was" : std::to_string(view.missing) + " were");
  }
  return without_controls(text);
}

/// One document. The records are put in as they came.
std::string preview_document(const std::string& stream, const std::vector<std::string>& records,
                             const SchemaView& view) {
  Json differences = Json::array();
  for (const SchemaView::Difference& one : view.differences) {
    differences.push_back(
        {{"key", one.key}, {"schema", one.schema}, {"found", one.found}, {"records", one.records}});
  }
  std::string list;
  for (const std::string& record : records) list.append(list.empty() ? "" : ",").append(record);
  return fmt::format(
      R"({{"stream":{},"records":[{}],"unknown_keys":{},"type_differences":{},"missing_keys":{}}})",
      Json(stream).dump(), list, Json(view.unknown).dump(), differences.dump(),
      records.empty() ? 0 : view.missing);
}

}  // namespace

int run_preview(const CommandContext& context) {
  Emitter& emitter = context.emitter;
  return guarded(emitter, [&] {
    const Invocation& invocation = context.invocation;
    const Config config = load_config(context.settings, true);
    Source source(config, emitter.clock(),
                  [&emitter](std::string_view secret) { emitter.hide(secret); });
    const StreamSpec& spec = stream_named(invocation.streams.front(), source.streams());
    CurlClientFactory clients(connection_options(config));
    const Judge judge = make_judge(config.host);
    Pacer pacer(starting_limits(), config.max_rate_share);
    const StreamJob job = source.job({.name = spec.name, .full_refresh = true});
    const auto records = sample_of(
        job, invocation.records,
        {{}, emitter.clock(), [&] { return clients.make(); }, judge, pacer, context.stop});
    const SchemaView view = schema_view(schema_of(spec, config), records);
    if (invocation.json) {
      emitter.lines(indented_json(preview_document(spec.name, records, view)) + "\n");
      return 0;
    }
    std::string text;
    for (const std::string& record : records) text += indented_json(record) + "\n";
    if (!text.empty()) text += "\n";
    emitter.lines(text +
                  note_text(preview_words(spec.name, view, records.size()), paper_of_stdout()));
    return 0;
  });
}

}  // namespace source_sentry
