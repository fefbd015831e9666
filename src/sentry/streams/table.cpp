#include "sentry/streams/table.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "sentry/streams/core.h"
#include "sentry/streams/people.h"

namespace source_sentry {
namespace {

std::string in_code(const std::vector<std::string>& keys) {
  std::string text;
  for (const std::string& key : keys) {
    text.append(text.empty() ? "" : ", ").append("`" + key + "`");
  }
  return text;
}

}  // namespace

const std::vector<StreamSpec>& stream_table() {
  static const std::vector<StreamSpec> kTable = [] {
    std::vector<StreamSpec> table = core_streams();
    for (auto family : {people_streams}) {
      std::ranges::move(family(), std::back_inserter(table));
    }
    return table;
  }();
  return kTable;
}

const StreamSpec* find_stream(std::string_view name) {
  const auto& table = stream_table();
  const auto found = std::find_if(table.begin(), table.end(),
                                  [&](const StreamSpec& spec) { return spec.name == name; });
  return found == table.end() ? nullptr : &*found;
}

std::string stream_docs() {
  std::string text =
      "# Streams\n\n"
      "Printed from the table in `src/sentry/streams`; a test keeps the two the same.\n\n"
      "| stream | sync modes | primary key | cursor | what it holds |\n"
      "|---|---|---|---|---|\n";
  for (const StreamSpec& spec : stream_table()) {
    std::string key = in_code(spec.primary_key);
    if (!spec.project_key.empty()) {
      key += "; of several projects " + in_code({spec.project_key}) + ", " + key;
    }
    text.append("| `" + spec.name + "` | full refresh")
        .append(spec.incremental() ? ", incremental" : "")
        .append(" | " + key + " | ")
        .append(spec.incremental() ? in_code({spec.cursor_key}) : "")
        .append(" | " + spec.docs + " |\n");
  }
  return text;
}

std::string stream_table_of_page() {
  std::string text =
      "| stream | primary key | cursor | scope of the token | Sentry API, below `/api/0/` |\n"
      "|---|---|---|---|---|\n";
  for (const StreamSpec& spec : stream_table()) {
    std::string key = in_code(spec.primary_key);
    if (!spec.project_key.empty()) {
      key += "; unless **Project** alone is filled in: " + in_code({spec.project_key}) + ", " + key;
    }
    std::string path = spec.path;
    for (const auto& [name, shown] :
         {std::pair("{org}", "ORGANIZATION"), std::pair("{project}", "PROJECT")}) {
      if (const auto at = path.find(name); at != path.npos) {
        path.replace(at, std::string_view(name).size(), shown);
      }
    }
    text.append("| `" + spec.name + "` | " + key + " | ")
        .append(spec.incremental() ? in_code({spec.cursor_key}) + " " : "")
        .append("| ")
        .append(in_code(scopes_of(spec)))
        .append(" | ")
        .append(in_code({path}))
        .append(spec.by_detail ? ", and the page of each project" : "")
        .append(" |\n");
  }
  return text;
}

}  // namespace source_sentry
