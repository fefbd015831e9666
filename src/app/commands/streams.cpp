#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "app/commands/commands.h"
#include "app/commands/guarded.h"
#include "app/settings/stream_choice.h"
#include "app/terminal/table.h"
#include "engine/fetch/page_size.h"
#include "files/format/duckdb.h"
#include "sentry/limits.h"
#include "sentry/projects/project_selection.h"
#include "sentry/streams/table.h"

namespace source_sentry {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kSuggestedMark = " *";

std::string joined(const std::vector<std::string>& list) {
  std::string text;
  for (const std::string& one : list) text.append(text.empty() ? "" : ", ").append(one);
  return text;
}

/// "[projectID,] id": the first only where the configuration may name several projects.
std::string key_text(const StreamSpec& spec) {
  const std::string optional = spec.project_key.empty() ? "" : "[" + spec.project_key + ",] ";
  return optional + joined(spec.primary_key);
}

/// "10 to 100 of a project", "100, and 1 request for each"
std::string cost_text(const StreamSpec& spec) {
  const PageCost cost = page_cost(spec);
  std::string text = cost.least < cost.most ? std::to_string(cost.least) + " to " : "";
  text += cost.most == kWholeList ? "all" : std::to_string(cost.most);
  if (cost.per_project) text += " of a project";
  if (cost.one_each) text += ", and 1 request for each";
  return text;
}

std::string incremental_text(const StreamSpec& spec) {
  if (!spec.incremental()) return "-";
  if (spec.by_contents) return "contents";
  if (!spec.cursor_key.empty()) return spec.cursor_key;
  return spec.visits_changed ? "parents' changes" : spec.row_cursor() + " of parents";
}

std::string as_table(const std::vector<const StreamSpec*>& streams, const TablePaper& paper) {
  std::vector<std::vector<std::string>> rows;
  bool any_suggested = false;
  for (const StreamSpec* spec : streams) {
    any_suggested = any_suggested || spec->suggested;
    rows.push_back({spec->name + (spec->suggested ? kSuggestedMark : ""), key_text(*spec),
                    incremental_text(*spec), joined(scopes_of(*spec)), cost_text(*spec)});
  }
  std::string text = table_text(
      {{"stream"}, {"key"}, {"incremental by"}, {"scopes"}, {"records in a request"}}, rows, paper);
  if (any_suggested) text += note_text("* read where nothing else is named", paper);
  return text;
}

Json as_json(const StreamSpec& spec) {
  const PageCost cost = page_cost(spec);
  Json one = {{"name", spec.name}, {"about", spec.docs}, {"suggested", spec.suggested}};
  one["primary_key"] = spec.primary_key;
  if (!spec.project_key.empty()) {
    one["primary_key_of_several_projects"] = Json::array({spec.project_key});
    for (const std::string& key : spec.primary_key) {
      one["primary_key_of_several_projects"].push_back(key);
    }
  }
  one["group"] = spec.group;
  one["cursor"] = spec.cursor_key.empty() ? Json() : Json(spec.cursor_key);
  one["by_contents"] = spec.by_contents;
  one["by_parents"] = spec.incremental() && spec.cursor_key.empty() && !spec.by_contents;
  one["sync_modes"] = Json::array({"full_refresh"});
  if (spec.incremental()) one["sync_modes"].push_back("incremental");
  one["scopes"] = scopes_of(spec);
  one["per_project"] = cost.per_project;
  const bool whole = cost.most == kWholeList;
  one["records_in_a_request"] = {{"least", whole ? Json() : Json(cost.least)},
                                 {"most", whole ? Json() : Json(cost.most)}};
  one["request_for_each_record"] = cost.one_each;
  return one;
}

}  // namespace

int run_streams(const CommandContext& context) {
  Emitter& emitter = context.emitter;
  const Invocation& invocation = context.invocation;
  return guarded(emitter, [&] {
    std::vector<const StreamSpec*> streams;
    const StreamTable table = streams_of(context.settings);
    for (const StreamSpec& spec : table) {
      if (is_chosen(invocation.streams, spec.name)) streams.push_back(&spec);
    }
    if (invocation.duckdb) {
      if (streams.size() != 1) {
        emitter.tell(LogLevel::kError,
                     "--duckdb prints the columns of one stream. Name it, such as "
                     "\"source-sentry streams issues --duckdb\".");
        return 2;
      }
      emitter.lines(duckdb_columns(schema_of(*streams.front(), {})) + "\n");
    } else if (invocation.json) {
      Json list = Json::array();
      for (const StreamSpec* spec : streams) list.push_back(as_json(*spec));
      emitter.lines(Json({{"streams", std::move(list)}}).dump(2) + "\n");
    } else {
      emitter.lines(as_table(streams, paper_of_stdout()));
    }
    return 0;
  });
}

}  // namespace source_sentry
