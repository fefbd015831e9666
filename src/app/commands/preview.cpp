#include <spdlog/fmt/fmt.h>
#include <unistd.h>

#include <iostream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "app/commands/commands.h"
#include "app/commands/guarded.h"
#include "app/commands/mapped_preview.h"
#include "app/settings/connection.h"
#include "app/settings/stream_choice.h"
#include "app/terminal/indented_json.h"
#include "app/terminal/table.h"
#include "base/file.h"
#include "base/text.h"
#include "engine/run/sample.h"
#include "http/curl_client.h"
#include "mapping/schema/inferred.h"
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

/// The records in the file, "-" is stdin.
std::vector<std::string> records_in(const std::string& path) {
  const std::string from = path == "-" ? "stdin" : path;
  std::string text;
  if (path == "-") {
    text.assign(std::istreambuf_iterator<char>(std::cin), {});
  } else {
    std::string reason;
    auto read = read_file(path, reason);
    if (!read) {
      throw ConnectorError(FailureKind::kConfig,
                           "The file " + path + " cannot be read: " + reason + ".");
    }
    text = *std::move(read);
  }
  return records_of_text(text, from);
}

/// The first records of a stream, as a read would write them.
std::vector<std::string> first_records(const CommandContext& context, const Config& config,
                                       const StreamJob& job) {
  Emitter& emitter = context.emitter;
  CurlClientFactory clients(connection_options(config));
  const Judge judge = make_judge(config.host);
  Pacer pacer(starting_limits(), config.max_rate_share);
  return sample_of(
      job, context.invocation.records,
      {{}, emitter.clock(), [&] { return clients.make(); }, judge, pacer, context.stop});
}

/// Ends the process, as nothing else ends an expression without an end.
StuckListener end_of_stuck(Emitter& emitter) {
  return [&emitter](const std::string& stream, const std::string& message) {
    emitter.error(ConnectorError(FailureKind::kConfig, message), stream);
    _exit(1);
  };
}

/// Tries a mapped stream on records of its source. Returns the exit code.
int preview_mapped(const CommandContext& context, const StreamSpec& spec,
                   std::vector<std::string> raw) {
  Emitter& emitter = context.emitter;
  const MappedPreview preview = try_records(spec.mapped, std::move(raw), end_of_stuck(emitter));
  if (context.invocation.infer_schema) {
    context.emitter.lines(inferred_schema(preview.records()).dump(2) + "\n");
  } else {
    context.emitter.lines(context.invocation.json ? preview_lines(spec.name, preview)
                                                  : preview_text(spec.name, preview));
  }
  return preview.one_never_works() ? 1 : 0;
}

void print_preview(const CommandContext& context, const StreamSpec& spec, const Config& config,
                   const std::vector<std::string>& records) {
  Emitter& emitter = context.emitter;
  if (context.invocation.infer_schema) {
    emitter.lines(inferred_schema(records).dump(2) + "\n");
    return;
  }
  const SchemaView view = schema_view(schema_of(spec, config), records);
  if (context.invocation.json) {
    emitter.lines(indented_json(preview_document(spec.name, records, view)) + "\n");
    return;
  }
  std::string text;
  for (const std::string& record : records) text += indented_json(record) + "\n";
  if (!text.empty()) text += "\n";
  emitter.lines(text +
                note_text(preview_words(spec.name, view, records.size()), paper_of_stdout()));
}

}  // namespace

int run_preview(const CommandContext& context) {
  Emitter& emitter = context.emitter;
  return guarded(emitter, [&] {
    const Invocation& invocation = context.invocation;
    if (invocation.translated) {
      emitter.lines(translated(streams_of(context.settings).definitions()));
      return 0;
    }
    if (!invocation.record_file.empty()) {
      const StreamTable streams = streams_of(context.settings);
      const StreamSpec& spec = stream_named(invocation.streams.front(), streams);
      if (!spec.mapped) {
        throw ConnectorError(FailureKind::kConfig,
                             spec.name +
                                 " is not a mapped stream, so there is "
                                 "nothing to try on the records of --record.");
      }
      return preview_mapped(context, spec, records_in(invocation.record_file));
    }
    const Config config = load_config(context.settings, true);
    Source source(
        config, emitter.clock(), [&emitter](std::string_view secret) { emitter.hide(secret); },
        end_of_stuck(emitter));
    const StreamSpec& spec = stream_named(invocation.streams.front(), source.streams());
    if (spec.webhooks != nullptr) {
      auto newest = live_sample(source.live_job({.name = spec.name, .full_refresh = true}),
                                config.live_spool, invocation.records);
      if (spec.mapped) return preview_mapped(context, spec, std::move(newest));
      print_preview(context, spec, config, newest);
      return 0;
    }
    if (spec.mapped) {
      const StreamJob job = source.job_of_source(spec);
      return preview_mapped(context, spec, first_records(context, config, job));
    }
    const StreamJob job = source.job({.name = spec.name, .full_refresh = true});
    print_preview(context, spec, config, first_records(context, config, job));
    return 0;
  });
}

}  // namespace source_sentry
