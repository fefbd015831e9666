#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "app/commands/commands.h"
#include "app/commands/guarded.h"
#include "app/settings/connection.h"
#include "app/settings/stream_choice.h"
#include "app/terminal/figures.h"
#include "app/terminal/table.h"
#include "base/json_member.h"
#include "base/text.h"
#include "engine/run/survey.h"
#include "files/folder.h"
#include "files/manifest.h"
#include "http/curl_client.h"
#include "sentry/answers/answers.h"
#include "sentry/limits.h"
#include "sentry/source/forecast.h"
#include "sentry/source/source.h"

namespace source_sentry {
namespace {

using Json = nlohmann::ordered_json;
using How = Counted::How;

/// The states that a read would resume from.
SavedStates saved_states(const Invocation& invocation, const Config& config) {
  SavedStates states = load_states(invocation.state_file);
  if (invocation.state_file.empty() && !invocation.output_folder.empty()) {
    const auto& [index, count] = config.shard;
    const auto folder = folder_of_shard(invocation.output_folder, index, count);
    const Manifest manifest = read_manifest(folder);
    refuse_other_owner(manifest, owner_of_records(config), folder);
    for (const auto& [name, stream] : manifest.streams) {
      if (!stream.full_refresh) states[name] = nlohmann::json(stream.records.state);
    }
  }
  return states;
}

const char* word_of(How how) {
  switch (how) {
    case How::kExact:
      return "exact";
    case How::kAbout:
      return "about";
    case How::kAtLeast:
      return "at least";
    case How::kUnknown:
      break;
  }
  return "unknown";
}

/// "1,234", "~1,234", "1,234+"
std::string number_text(const Counted& counted) {
  const std::string digits = grouped(counted.number);
  switch (counted.how) {
    case How::kExact:
      return digits;
    case How::kAbout:
      return "~" + digits;
    case How::kAtLeast:
      return digits + "+";
    case How::kUnknown:
      break;
  }
  return "unknown";
}

/// What a stream's row says of the time that it reaches back to, or of what is missing.
std::string since_text(const StreamSurvey& survey) {
  if (survey.is_closed) {
    const std::string& scopes = survey.refusal->scopes;
    return survey.refusal->forbidden && !scopes.empty() ? "needs " + scopes : "not readable";
  }
  if (!survey.range) return "-";
  if (survey.range->from <= kBeginningOfTime) return "all";
  return minute_text(survey.range->from).substr(0, 10);
}

std::vector<std::string> row_of(const std::string& name, const StreamForecast& forecast,
                                const std::string& since, bool is_closed = false) {
  if (is_closed) return {name, "-", "-", "-", "-", since};
  const bool open = forecast.records.how == How::kAtLeast;
  return {name,
          number_text(forecast.records),
          number_text(forecast.requests),
          forecast.bytes ? size_text(*forecast.bytes) + (open ? "+" : "") : "unknown",
          forecast.time ? span_text(*forecast.time) + (open ? "+" : "") : "unknown",
          since};
}

std::string plan_words(const std::vector<StreamSurvey>& surveys, const ReadForecast& forecast,
                       const TablePaper& paper, Emitter& emitter) {
  std::vector<std::vector<std::string>> rows;
  bool resumes = false;
  std::string notes;
  for (std::size_t i = 0; i < surveys.size(); ++i) {
    const StreamSurvey& survey = surveys[i];
    resumes = resumes || survey.resumes;
    rows.push_back(
        row_of(survey.stream, forecast.streams[i], since_text(survey), survey.is_closed));
    if (!survey.refusal) continue;
    const std::string some = survey.is_closed ? ""
                                              : " (" + std::to_string(survey.refused) + " of " +
                                                    number_of(survey.rows.size(), "project") + ")";
    notes += note_text(
        survey.stream + some + ": " + emitter.redact(survey.refusal->error.message()), paper);
  }
  rows.push_back(row_of("together", forecast.total, ""));
  std::string text = table_text({{"stream"},
                                 {"records", true},
                                 {"requests", true},
                                 {"size", true},
                                 {"time", true},
                                 {"back to"}},
                                rows, paper);
  text += note_text(resumes ? "This is the next read, which resumes from the saved state."
                            : "This is a first read: no state was found to resume from.",
                    paper);
  return text + notes;
}

Json number_json(const Counted& counted) {
  return {{"number", counted.is_known() ? Json(counted.number) : Json()},
          {"is", word_of(counted.how)}};
}

Json forecast_json(const StreamForecast& forecast) {
  return {{"records", number_json(forecast.records)},
          {"requests", number_json(forecast.requests)},
          {"bytes", forecast.bytes ? Json(*forecast.bytes) : Json()},
          {"seconds", forecast.time ? Json(as_seconds(*forecast.time)) : Json()}};
}

std::string plan_document(const std::vector<StreamSurvey>& surveys, const ReadForecast& forecast,
                          Emitter& emitter) {
  Json list = Json::array();
  for (std::size_t i = 0; i < surveys.size(); ++i) {
    const StreamSurvey& survey = surveys[i];
    Json one = {{"name", survey.stream}};
    one.update(forecast_json(forecast.streams[i]));
    one["partitions"] = survey.partitions;
    one["resumes"] = survey.resumes;
    const bool bounded = survey.range && survey.range->from > kBeginningOfTime;
    one["from"] = bounded ? Json(format_instant(survey.range->from)) : Json();
    one["until"] = survey.range ? Json(format_instant(survey.range->to)) : Json();
    if (survey.refusal) {
      one["error"] = emitter.redact(survey.refusal->error.message());
      if (survey.refusal->forbidden) one["missing_scope"] = survey.refusal->scopes;
    }
    list.push_back(std::move(one));
  }
  Json document;
  document["streams"] = std::move(list);
  document["together"] = forecast_json(forecast.total);
  return document.dump(2, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

int run_plan(const CommandContext& context) {
  Emitter& emitter = context.emitter;
  return guarded(emitter, [&] {
    const Invocation& invocation = context.invocation;
    const Config config = load_config(context.settings, true);
    const SavedStates states = saved_states(invocation, config);
    Source source(config, emitter.clock(),
                  [&emitter](std::string_view secret) { emitter.hide(secret); });
    CurlClientFactory clients(connection_options(config));
    const Judge judge = make_judge(config.host);
    const auto usual = starting_limits();
    Pacer pacer(usual, config.max_rate_share);
    const SyncContext sync{{},    emitter.clock(), [&] { return clients.make(); },
                           judge, pacer,           context.stop};
    std::vector<StreamSurvey> surveys;
    for (const ConfiguredStream& stream : wanted_streams(invocation, config, source.streams())) {
      if (source.is_live(stream.name)) continue;  // it takes no request
      const auto saved = states.find(stream.name);
      const StreamJob job =
          source.job({stream.name, stream.sync_mode == SyncMode::kFullRefresh,
                      saved == states.end() ? nlohmann::json() : saved->second, stream.fields});
      surveys.push_back(survey_of(job, sync));
    }
    const ReadForecast forecast =
        forecast_of(surveys, {config.num_workers, config.max_rate_share, usual}, source.streams());
    const std::string text = invocation.json
                                 ? plan_document(surveys, forecast, emitter) + "\n"
                                 : plan_words(surveys, forecast, paper_of_stdout(), emitter);
    emitter.lines(text);
    return 0;
  });
}

}  // namespace source_sentry
