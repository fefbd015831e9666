#include "app/commands/mapped_preview.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>

#include "app/terminal/indented_json.h"
#include "base/error.h"
#include "base/json_text.h"
#include "base/text.h"
#include "json/members.h"
#include "mapping/expression/path.h"
#include "mapping/jq/watchdog.h"

namespace source_sentry {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kShownOfRecord = 400;  // bytes
constexpr std::size_t kShownOfValue = 100;

std::string shown(std::string_view value, std::size_t most) {
  return without_controls(excerpt(value, most));
}

/// "true", or why it is not.
std::string verdict(const ExpressionTrial& select) {
  if (!select.error.empty()) return "failed: " + select.error;
  if (select.value.empty()) return "gives nothing";
  return shown(select.value, kShownOfValue);
}

std::string line_of(const ExpressionTrial& leaf) {
  const std::string way = leaf.by_jq ? "jq" : "bytes";
  if (!leaf.error.empty()) return fmt::format("null ({}, failed: {})", way, leaf.error);
  if (leaf.value.empty()) return fmt::format("null ({}, gives nothing)", way);
  return fmt::format("{} ({}, {})", shown(leaf.value, kShownOfValue), jq_kind(leaf.value), way);
}

std::string text_of_row(const RowTrial& row, std::size_t number, std::size_t of) {
  std::string text;
  if (of > 1) text += fmt::format("  item {} of {}\n", number, of);
  for (const ExpressionTrial& select : row.selects) {
    text += fmt::format("  {}: {}   ({})\n", select.name, verdict(select),
                        shown(select.expression, kShownOfValue));
  }
  for (const ExpressionTrial& leaf : row.leaves) {
    text += fmt::format("  {}: {}   ({})\n", leaf.name, line_of(leaf),
                        shown(leaf.expression, kShownOfValue));
  }
  return text;
}

Json json_of(const ExpressionTrial& trial) {
  Json json = {
      {"name", trial.name}, {"expression", trial.expression}, {"by", trial.by_jq ? "jq" : "bytes"}};
  if (!trial.value.empty()) json["value"] = Json::parse(trial.value);
  if (!trial.error.empty()) json["error"] = trial.error;
  return json;
}

Json json_of(const RowTrial& row) {
  Json json = {{"selected", row.selected}};
  for (const ExpressionTrial& select : row.selects) json["select"].push_back(json_of(select));
  for (const ExpressionTrial& leaf : row.leaves) json["leaves"].push_back(json_of(leaf));
  return json;
}

/// A RECORD message's data, or the object itself; nothing for any other message, or no object.
std::string record_in(const Json& value) {
  const bool is_message = value.is_object() && value.contains("type") &&
                          value["type"].is_string() &&
                          (value.contains("record") || value.contains("log") ||
                           value.contains("trace") || value.contains("state"));
  if (!is_message) return value.is_object() ? value.dump() : std::string();
  const bool is_record =
      value["type"] == "RECORD" && value["record"].is_object() && value["record"].contains("data");
  return is_record ? value["record"]["data"].dump() : std::string();
}

}  // namespace

std::vector<std::string> MappedPreview::records() const {
  std::vector<std::string> all;
  for (const RecordTrial& trial : trials) {
    all.insert(all.end(), trial.records.begin(), trial.records.end());
  }
  return all;
}

bool MappedPreview::one_never_works() const {
  const auto lost = [](const RecordTrial& trial) {
    return trial.records.empty() && trial.why_none != "not selected" && trial.why_none != "no item";
  };
  if (!trials.empty() && std::all_of(trials.begin(), trials.end(), lost)) return true;
  std::map<std::string, std::pair<std::size_t, std::size_t>> failures;  // and how often asked
  for (const RecordTrial& trial : trials) {
    for (const RowTrial& row : trial.rows) {
      for (const ExpressionTrial& leaf : row.leaves) {
        auto& [failed, asked] = failures[leaf.name];
        failed += leaf.error.empty() ? 0 : 1;
        ++asked;
      }
    }
  }
  return std::any_of(failures.begin(), failures.end(), [](const auto& leaf) {
    return leaf.second.first > 0 && leaf.second.first == leaf.second.second;
  });
}

MappedPreview try_records(const std::shared_ptr<const MappedStream>& stream,
                          std::vector<std::string> raw, const StuckListener& stuck) {
  MappedPreview preview{std::move(raw), {}};
  JqWatchdog watchdog(stuck);
  JqPrograms programs(watchdog.watch());
  programs.about(stream->name, "of the preview");
  check_expressions(*stream, programs);
  for (const std::string& record : preview.raw) {
    preview.trials.push_back(try_record(stream, record, programs));
  }
  return preview;
}

std::string preview_text(const std::string& stream, const MappedPreview& preview) {
  std::string text;
  std::size_t selected = 0;
  std::size_t written = 0;
  for (std::size_t i = 0; i < preview.trials.size(); ++i) {
    const RecordTrial& trial = preview.trials[i];
    text += shown(preview.raw[i], kShownOfRecord) + "\n";
    for (std::size_t row = 0; row < trial.rows.size(); ++row) {
      text += text_of_row(trial.rows[row], row + 1, trial.rows.size());
    }
    for (const std::string& record : trial.records) text += indented_json(record) + "\n";
    if (trial.records.empty()) text += "  no record: " + without_controls(trial.why_none) + "\n";
    text += "\n";
    const auto is_selected = [](const RowTrial& row) { return row.selected; };
    selected += std::any_of(trial.rows.begin(), trial.rows.end(), is_selected) ? 1 : 0;
    written += trial.records.size();
  }
  text += fmt::format("{}: {} read, {} selected, {} written.", stream,
                      number_of(preview.trials.size(), "record"), selected, written);
  return text + "\n";
}

std::string preview_lines(const std::string& stream, const MappedPreview& preview) {
  std::string lines;
  for (std::size_t i = 0; i < preview.trials.size(); ++i) {
    const RecordTrial& trial = preview.trials[i];
    Json rows = Json::array();
    for (const RowTrial& row : trial.rows) rows.push_back(json_of(row));
    std::string records;
    for (const std::string& record : trial.records) {
      records.append(records.empty() ? "" : ",").append(record);
    }
    lines += fmt::format(R"({{"stream":{},"raw":{},"rows":{},"records":[{}],"why_none":{}}})",
                         Json(stream).dump(), preview.raw[i], rows.dump(), records,
                         trial.records.empty() ? Json(trial.why_none).dump() : "null") +
             "\n";
  }
  return lines;
}

std::string translated(const Definitions& definitions) {
  Json mapped = definitions.mapped;
  for (Json& entry : mapped) {
    // A text keeps the order of its members.
    if (entry.is_object() && entry.contains("map") && entry["map"].is_object()) {
      entry["map"] = entry["map"].dump();
    }
  }
  return Json{{"mapped_streams", mapped}, {"custom_streams", definitions.custom}}.dump(2) + "\n";
}

std::vector<std::string> records_of_text(const std::string& text, const std::string& from) {
  std::vector<std::string> records;
  const auto add = [&](const Json& value) {
    if (std::string record = record_in(value); !record.empty())
      records.push_back(std::move(record));
  };
  const Json whole = Json::parse(text, nullptr, false);
  if (whole.is_array()) {
    for (const Json& one : whole) add(one);
  } else if (!whole.is_discarded()) {
    add(whole);
  } else {
    std::size_t number = 0;
    for (std::string_view rest = text; !rest.empty();) {
      const std::string_view line = rest.substr(0, rest.find('\n'));
      rest.remove_prefix(std::min(line.size() + 1, rest.size()));
      ++number;
      if (trim(line).empty()) continue;
      const Json value = Json::parse(line, nullptr, false);
      if (value.is_discarded()) {
        throw ConnectorError(FailureKind::kConfig, from + ", line " + std::to_string(number) +
                                                       ": this is not JSON. Give a JSON object, a "
                                                       "list of them, or one in each line.");
      }
      add(value);
    }
  }
  if (records.empty()) {
    throw ConnectorError(FailureKind::kConfig, from + " holds no record.");
  }
  return records;
}

}  // namespace source_sentry
