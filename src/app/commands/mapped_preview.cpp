#include "app/commands/mapped_preview.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "app/settings/json_mistake.h"
#include "app/terminal/indented_json.h"
#include "base/error.h"
#include "base/text.h"
#include "json/members.h"
#include "json/record_splitter.h"
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

/// Values are put in as they are, so that no number is printed again.
std::string json_of(const ExpressionTrial& trial) {
  const Json json = {
      {"name", trial.name}, {"expression", trial.expression}, {"by", trial.by_jq ? "jq" : "bytes"}};
  std::string text = json.dump();
  if (!trial.value.empty()) text = with_member(text, "value", trial.value);
  if (!trial.error.empty()) text = with_member(text, "error", Json(trial.error).dump());
  return text;
}

std::string json_of(const RowTrial& row);

template <typename Each>
std::string json_list(const std::vector<Each>& all) {
  std::string list;
  for (const Each& one : all) list.append(list.empty() ? "[" : ",").append(json_of(one));
  return list.empty() ? "[]" : list + "]";
}

std::string json_of(const RowTrial& row) {
  std::string text = Json{{"selected", row.selected}}.dump();
  if (!row.selects.empty()) text = with_member(text, "select", json_list(row.selects));
  if (!row.leaves.empty()) text = with_member(text, "leaves", json_list(row.leaves));
  return text;
}

/// A RECORD message's data, or the object itself; nothing for any other message.
std::string_view record_in(std::string_view object) {
  const std::vector<Member> members = top_level_members(object);
  const auto has = [&](const char* key) { return !find_value(members, key).empty(); };
  const bool is_message = find_value(members, "type").starts_with('"') &&
                          (has("record") || has("log") || has("trace") || has("state"));
  if (!is_message) return object;
  const std::string_view data = member_value(find_value(members, "record"), "data");
  return find_value(members, "type") == R"("RECORD")" && data.starts_with('{') ? data : "";
}

/// Adds the records of one JSON value, an object or a list of them. Returns what is wrong with it.
std::optional<SplitError> add_records(const std::string& json, std::vector<std::string>& records) {
  using Root = RecordSplitter::Root;
  RecordSplitter splitter("", "");
  RecordPage page;
  const Root root = trim(json).starts_with('[') ? Root::kList : Root::kObject;
  if (auto error = splitter.split(json, root, page)) return error;
  do {
    for (const RecordView& view : page.records) {
      const std::string_view record = record_in(view.json);
      if (record.empty()) continue;
      auto line = in_one_line(record);
      records.push_back(line ? *std::move(line) : std::string(record));
    }
  } while (splitter.next_slice(page));
  return std::nullopt;
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
  const auto watchdog = watchdog_of(stream, stuck);
  JqPrograms programs(watchdog->watch());
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
    std::string records;
    for (const std::string& record : trial.records) {
      records.append(records.empty() ? "" : ",").append(record);
    }
    lines += fmt::format(R"({{"stream":{},"raw":{},"rows":{},"records":[{}],"why_none":{}}})",
                         Json(stream).dump(), preview.raw[i], json_list(trial.rows), records,
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

std::vector<std::string> records_of_text(const std::string& given, const std::string& from) {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  const std::string text =
      given.substr(given.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0);
  std::vector<std::string> records;
  const auto refuse = [&](std::size_t at, const std::string& what) {
    throw ConnectorError(FailureKind::kConfig,
                         from + ", " + place_in(text, std::min(at, text.size())) +
                             ": this is not JSON (" + what +
                             "). Give a JSON object, a list of them, or one in each line.");
  };
  const auto of_whole = add_records(text, records);
  bool is_first = true;
  for (std::size_t begin = 0; of_whole && begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    const std::string line = text.substr(begin, end - begin);
    if (!trim(line).empty()) {
      const auto error = add_records(line, records);
      // Where not even the first line is JSON by itself, the whole was meant to be.
      if (error && is_first) refuse(of_whole->offset, of_whole->what);
      if (error) refuse(begin + error->offset, error->what);
      is_first = false;
    }
    begin = end + 1;
  }
  if (records.empty()) {
    throw ConnectorError(FailureKind::kConfig, from + " holds no record.");
  }
  return records;
}

}  // namespace source_sentry
