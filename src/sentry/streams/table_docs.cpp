#include "sentry/streams/table_docs.h"

#include <algorithm>
#include <cctype>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/fetch/page_size.h"
#include "sentry/stream_groups.h"
#include "sentry/streams/spec/children.h"
#include "sentry/streams/table.h"

namespace source_sentry {
namespace {

/// What holds of all streams.
constexpr std::string_view kHead =
    R"(# Streams

Printed from the table in `src/sentry/streams`; a test keeps the two the same.

Every stream belongs to a group. `discover` lists the streams of the groups that
[`stream_groups`](configuration.md) names: `core` if it is left out, and all with `["all"]`. A stream that a catalog or
`--streams` names is read, whatever its group.

"Incremental by" says how a later run finds what is new:

| incremental by | |
|---|---|
| a field | the records' own time: only newer records are asked for |
| contents | the list is read whole. Records that are as before are not written again, and one that is gone is written once more, as its key with `"_deleted": true` |
| `dateCreated` of its event | the records are parts of events, and those of newer events are written |
| `lastSeen` of its issue | the records have lists of their own, one for each issue. The issues are visited whose `lastSeen` is newer, and all that an issue has is written again, unless its cost says "since the last run" |
| changes of its issue, release, monitor or workflow | the same, for those in which something has changed that tells of new records |
| nothing | each run writes every record |

[state.md](state.md) says what is remembered for that. Below each table is what its streams need and cost:

- Routes are below `/api/0/`. Words in capitals stand for a slug, an id or a version.
- A list of the organization holds what the token may see of all projects, whatever `project` and `projects` say. Only
  lists of each project are limited to the chosen ones.
- Requests for a row's records are sent several at a time. All streams share Sentry's limits. An incremental run spends
  [`child_budget`](configuration.md) of them on each stream, and leaves the rest to the next run, with a warning.
- "Personal data" names the fields that usually hold some; [`exclude_fields`](configuration.md) leaves them out.
- A private route is one that Sentry's own pages use and that its documentation does not describe. Such a route, and an
  experimental one, may change on any day. `check` does not ask them on sentry.io; a read does.
)";

std::string_view about_group(std::string_view group) {
  if (group == kCoreGroup) return "The streams that Airbyte's own connector has.";
  if (group == kPeopleGroup) return "Who is in the organization, and who uses its applications.";
  if (group == kIssuesGroup) return "What belongs to issues and events.";
  if (group == kReleasesGroup) return "What belongs to releases, and where the code comes from.";
  if (group == kAlertsGroup)
    return "What Sentry watches, and what it does when it finds something.";
  if (group == kUsageGroup) return "How the organization uses Sentry.";
  if (group == kExploringGroup) {
    return "Queries of Explore. [configuration.md](configuration.md#streams-of-explore) says how "
           "to "
           "make streams of\nyour own of it.";
  }
  return "What is connected with the organization, and its audit log.";
}

std::string in_code(const std::vector<std::string>& keys) {
  std::string text;
  for (const std::string& key : keys) {
    text.append(text.empty() ? "" : ", ").append("`" + key + "`");
  }
  return text;
}

/// The key, where `several` says when it begins with the project's.
std::string key_text(const StreamSpec& spec, const std::string& several) {
  std::string key = in_code(spec.primary_key);
  if (spec.project_key.empty()) return key;
  return key + "; " + several + " " + in_code({spec.project_key}) + ", " + key;
}

/// What a stream's children or parts belong to: "issue". Empty where its records are the rows.
std::string parent_of(const StreamSpec& spec) {
  if (spec.children) return spec.children->of.substr(0, spec.children->of.find(' '));
  if (!spec.split) return {};
  // Sentry names both kinds of lists in the plural.
  for (const char* things : {"issue", "event", "project", "dashboard"}) {
    if (spec.path.ends_with(std::string(things) + "s/")) return things;
  }
  return "row";
}

std::string incremental_text(const StreamSpec& spec) {
  if (!spec.incremental()) return {};
  if (spec.by_contents) return "contents";
  if (!spec.cursor_key.empty()) return in_code({spec.cursor_key});
  if (spec.visits_changed) return "changes of its " + parent_of(spec);
  return in_code({spec.row_cursor()}) + " of its " + parent_of(spec);
}

std::string capitals(std::string_view word) {
  std::string text(word);
  for (char& one : text) one = static_cast<char>(std::toupper(static_cast<unsigned char>(one)));
  return text;
}

/// A path with words in capitals for what is filled in: "organizations/ORGANIZATION/x/".
std::string path_text(std::string path, const std::string& parent) {
  for (const auto& [name, shown] :
       {std::pair("{org}", "ORGANIZATION"), std::pair("{project}", "PROJECT")}) {
    if (const auto at = path.find(name); at != path.npos) {
      path.replace(at, std::string_view(name).size(), shown);
    }
  }
  std::string row = parent;
  for (auto at = path.find(kMemberOfRow); at != path.npos; at = path.find(kMemberOfRow)) {
    path.replace(at, path.find('}', at) + 1 - at, capitals(std::exchange(row, "key")));
  }
  return path;
}

/// "a list of each project, 20 to 100 records to a request"
std::string list_text(const StreamSpec& spec, const std::string& rows) {
  if (spec.series) {
    const int days = spec.series->days;
    return "one request or more for " +
           (days == 1 ? "each day" : "every " + std::to_string(days) + " days");
  }
  const bool whole = spec.root == RecordSplitter::Root::kObject || !page_size(spec.query);
  if (whole) return spec.per_project() ? "one request for each project" : "one request";
  const PageCost cost = page_cost(spec);
  return (spec.per_project() ? "a list of each project, " : "one list of the organization, ") +
         (cost.least < cost.most ? std::to_string(cost.least) + " to " : "") +
         std::to_string(cost.most) + " " + rows + " to a request";
}

/// Which of the rows are visited for their children, and what for.
std::string visits_text(const StreamSpec& spec, const std::string& parent) {
  std::string text = "one request or more for each " + parent;
  if (spec.visits_changed) {
    text += " that is new or has changed";
  } else if (!spec.row_cursor().empty()) {
    text += " whose " + in_code({spec.row_cursor()}) + " is newer";
  } else {
    text += " in every run";
  }
  return text + (spec.children->overlap ? ", for what came since the last run" : "");
}

std::string cost_text(const StreamSpec& spec) {
  const std::string parent = parent_of(spec);
  if (parent.empty()) return list_text(spec, "records");
  const std::string text = list_text(spec, parent + "s");
  if (spec.children) return text + ", and " + visits_text(spec, parent);
  if (spec.expansion) return text + ", and one request for each " + parent;
  return text + ", which hold the records";
}

std::string promise_text(Promise promise) {
  if (promise == Promise::kPublic) return {};
  return promise == Promise::kPrivate ? "The route is private." : "The route is experimental.";
}

/// The routes from a list to its children, each with its scope if they differ.
std::string route_text(const StreamSpec& spec) {
  const std::string list = in_code({path_text(spec.path, {})});
  const std::string scopes = " (" + in_code(scopes_of(spec)) + ")";
  if (!spec.children) return list + scopes;
  const ChildrenSpec& children = *spec.children;
  const std::string then =
      ", then " + in_code({path_text(children.paths.front(), parent_of(spec))});
  const std::string last =
      spec.grandchildren
          ? ", then " + in_code({path_text(spec.grandchildren->paths.front(), parent_of(spec))})
          : "";
  if (children.scopes.empty() || children.scopes == spec.scopes) return list + then + last + scopes;
  return list + scopes + then + " (" + in_code({children.scopes}) + ")";
}

std::string section_of(const StreamSpec& spec) {
  std::vector<std::string> lines = {"Route, with its scope: " + route_text(spec) + "."};
  if (spec.control) lines.back() += " On sentry.io it is asked of `https://sentry.io`.";
  lines.push_back("Cost: " + cost_text(spec) + ".");
  if (!spec.personal.empty()) lines.push_back("Personal data: " + in_code(spec.personal) + ".");
  if (spec.holds_secrets) lines.emplace_back("It holds secrets, which `mask_secrets` replaces.");
  std::string rest = promise_text(spec.promise);
  if (!spec.remarks.empty()) rest.append(rest.empty() ? "" : " ").append(spec.remarks);
  if (!rest.empty()) lines.push_back(std::move(rest));
  std::string text = "\n### " + spec.name + "\n\n";
  for (const std::string& line : lines) text.append("- ").append(line).append("\n");
  return text;
}

}  // namespace

std::string stream_docs() {
  std::string text(kHead);
  for (const std::string_view group : kStreamGroups) {
    std::string table;
    std::string sections;
    for (const StreamSpec& spec : stream_table()) {
      if (spec.group != group) continue;
      table.append("| `" + spec.name + "` | full refresh")
          .append(spec.incremental() ? ", incremental" : "")
          .append(" | " + key_text(spec, "of several projects") + " | ")
          .append(incremental_text(spec))
          .append(spec.incremental() ? " | " : "| ")
          .append(spec.docs + " |\n");
      if (group != kCoreGroup) sections += section_of(spec);
    }
    if (table.empty()) continue;
    text.append("\n## ").append(group).append("\n\n").append(about_group(group));
    if (group == kCoreGroup) text.append(" [airbyte.md](airbyte.md#supported-streams) says more.");
    text.append(
            "\n\n| stream | sync modes | primary key | incremental by | what it holds |\n"
            "|---|---|---|---|---|\n")
        .append(table)
        .append(sections);
  }
  return text;
}

std::string stream_table_of_page() {
  std::string text =
      "| stream | primary key | cursor | scope of the token | Sentry API, below `/api/0/` |\n"
      "|---|---|---|---|---|\n";
  for (const StreamSpec& spec : stream_table()) {
    if (spec.group != kCoreGroup) continue;
    text.append("| `" + spec.name + "` | ")
        .append(key_text(spec, "unless **Project** alone is filled in:"))
        .append(" | ")
        .append(spec.incremental() ? in_code({spec.cursor_key}) + " " : "")
        .append("| ")
        .append(in_code(scopes_of(spec)))
        .append(" | ")
        .append(in_code({path_text(spec.path, {})}))
        .append(spec.by_detail ? ", and the page of each project" : "")
        .append(" |\n");
  }
  return text;
}

}  // namespace source_sentry
