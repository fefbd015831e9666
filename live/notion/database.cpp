#include "live/notion/database.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "base/json_member.h"
#include "base/text.h"
#include "live/notion/api/form_error.h"
#include "live/notion/api/values.h"
#include "live/notion/text/case_fold.h"
#include "live/server/status.h"

namespace source_sentry {
namespace {

using Json = nlohmann::json;

/// What Notion says of a configuration that is wrong. Whatever else it says may pass.
constexpr std::array<std::string_view, 3> kLastingCodes{"unauthorized", "restricted_resource",
                                                        "object_not_found"};

std::string quoted(const std::string& text) { return '"' + text + '"'; }

std::string database_title(const Json& database) {
  std::string title;
  const Json* items = member(database, "title");
  if (items == nullptr || !items->is_array()) return title;
  for (const Json& item : *items) title += text_member(item, "plain_text");
  return title;
}

Json columns_of(const Json& source) {
  Json columns = Json::array();
  const Json* properties = member(source, "properties");
  if (properties == nullptr || !properties->is_object()) return columns;
  for (const auto& [name, about] : properties->items()) {
    const std::string type = text_member(about, "type");
    Json options = Json::array();
    const Json* details = member(about, type);
    const Json* listed = details == nullptr ? nullptr : member(*details, "options");
    if (listed != nullptr && listed->is_array()) {
      for (const Json& option : *listed) options.push_back(text_member(option, "name"));
    }
    columns.push_back({{"name", name}, {"type", type}, {"options", options}});
  }
  return columns;
}

/// Collects what is wrong with the columns.
class ColumnCheck {
 public:
  explicit ColumnCheck(const NotionSchema& schema) : schema_(schema) {}

  /// The column; null, with a sentence about it, where there is none such.
  const NotionColumn* need(const std::string& name, const std::vector<std::string>& types) {
    if (name.empty()) return nullptr;
    const NotionColumn* column = schema_.find(name);
    if (column == nullptr) {
      missing(name, types);
      return nullptr;
    }
    if (holds(types, column->type)) return column;
    add("The column " + quoted(name) + " has the type " + quoted(column->type) +
        ", and must have " + list(types) + ".");
    return nullptr;
  }

  void add(const std::string& sentence) { text_ += (text_.empty() ? "" : " ") + sentence; }
  const std::string& text() const { return text_; }

 private:
  void missing(const std::string& name, const std::vector<std::string>& types) {
    for (const NotionColumn& column : schema_.columns) {
      if (case_folded(column.name) != case_folded(name)) continue;
      add("There is a column " + quoted(column.name) + ", and the configuration says " +
          quoted(name) + ": write it the same way in both.");
      return;
    }
    add("The database has no column " + quoted(name) + ": add one of the type " + list(types) +
        ", or name another one in \"column_names\" of NOTION_CONFIG.");
  }

  static std::string list(const std::vector<std::string>& types) {
    std::string text;
    for (const std::string& type : types) text += (text.empty() ? "" : " or ") + quoted(type);
    return text;
  }

  const NotionSchema& schema_;
  std::string text_;
};

void check_options(const NotionSettings& settings, const NotionColumn& status, ColumnCheck& check) {
  if (status.type != "status") return;  // others take any name
  for (const auto& [word, name] : status_names(settings)) {
    if (holds(status.options, name)) continue;
    check.add("The column " + quoted(status.name) + " has no option " + quoted(name) +
              ": add it, or say in \"status_names\" of NOTION_CONFIG which option stands for " +
              quoted(word) + ".");
  }
}

/// The error of a start, where nobody looks at a form.
[[noreturn]] void refuse_start(const std::string& problems) {
  throw ConnectorError(FailureKind::kConfig, "The Notion bridge cannot start. " + problems);
}

}  // namespace

const NotionColumn* NotionSchema::find(const std::string& name) const {
  const auto found = std::find_if(columns.begin(), columns.end(),
                                  [&](const NotionColumn& column) { return column.name == name; });
  return found == columns.end() ? nullptr : &*found;
}

const std::string& NotionSchema::title_column() const {
  static const std::string kById = "title";  // which always means that column
  const auto found = std::find_if(columns.begin(), columns.end(), [](const NotionColumn& column) {
    return column.type == "title";
  });
  return found == columns.end() ? kById : found->name;
}

Database::Database(const NotionSettings& settings, NotionClient& client, Documents& documents)
    : settings_(settings),
      client_(client),
      documents_(documents),
      key_("source-sentry:notion:" +
           (settings.data_source_id.empty() ? settings.database_id : settings.data_source_id) +
           ":schema:v1") {}

NotionSchema Database::schema(const NotionPatience& patience) {
  const Json known = documents_.get(key_, [this, patience] { return read(patience); });
  NotionSchema schema{text_member(known, "source"), text_member(known, "title"), {}};
  for (const Json& column : known.value("columns", Json::array())) {
    schema.columns.push_back({text_member(column, "name"), text_member(column, "type"),
                              column.value("options", std::vector<std::string>())});
  }
  return schema;
}

void Database::forget_schema() { documents_.drop(key_); }

Json Database::read(const NotionPatience& patience) const {
  const Json database = client_.get("databases/" + settings_.database_id, patience);
  const Json source = settings_.has_data_sources() ? read_source(database, patience) : database;
  return {{"source", notion_id(text_member(source, "id"))},
          {"title", database_title(database)},
          {"columns", columns_of(source)}};
}

Json Database::read_source(const Json& database, const NotionPatience& patience) const {
  const Json sources = database.value("data_sources", Json::array());
  std::string chosen;
  std::string names;
  for (const Json& source : sources) {
    const std::string id = notion_id(text_member(source, "id"));
    names += (names.empty() ? "" : ", ") + quoted(excerpt(text_member(source, "name"), 60)) + " (" +
             id + ")";
    if (id == settings_.data_source_id || sources.size() == 1) chosen = id;
  }
  if (sources.size() > 1 && settings_.data_source_id.empty()) {
    throw FormError(status::kBadRequest,
                    "The database has several data sources: " + names +
                        ". Name one of them as \"data_source_id\" in NOTION_CONFIG.");
  }
  if (chosen.empty() || (!settings_.data_source_id.empty() && chosen != settings_.data_source_id)) {
    throw FormError(status::kBadRequest,
                    "The database has no data source with the id of \"data_source_id\" in "
                    "NOTION_CONFIG. It has: " +
                        (names.empty() ? "none" : names) + ".");
  }
  return client_.get("data_sources/" + chosen, patience);
}

std::string Database::problems_of(const NotionSchema& schema) const {
  ColumnCheck check(schema);
  const NotionColumns& columns = settings_.columns;
  check.need(columns.assignee, {"people"});
  check.need(columns.id, {"unique_id"});
  check.need(columns.sentry_url, {"url"});
  if (const auto* status = check.need(columns.status, {"status", "select", "rich_text"})) {
    check_options(settings_, *status, check);
  }
  check.need(columns.sentry_assignee, {"people", "rich_text"});
  check.need(columns.last_seen, {"date", "rich_text"});
  return check.text();
}

void Database::check() {
  std::string problems;
  const auto ask = [&](const std::string& not_found, const auto& work) {
    try {
      work();
    } catch (const FormError& error) {
      if (!holds(kLastingCodes, error.code) && error.status() != status::kBadRequest) throw;
      problems += (problems.empty() ? "" : " ") +
                  (error.code == "object_not_found" ? not_found : error.message());
    }
  };
  // A token that is refused is refused everywhere: no more is said then.
  ask("", [&] { client_.get("users/me"); });
  if (!problems.empty()) refuse_start(problems);
  ask("", [&] { client_.get("users?page_size=1"); });
  ask("Notion knows no database " + quoted(settings_.database_id) +
          ", or does not show it to the integration. Take \"database_id\" from the database's link "
          "(not a page's, and not a data source's), and share the database with the integration "
          "under Connections.",
      [&] {
        documents_.renew(key_, [this] { return read(kBeforeAForm); });
        if (const std::string columns = problems_of(schema()); !columns.empty()) {
          problems += (problems.empty() ? "" : " ") + columns;
        }
      });
  if (!problems.empty()) refuse_start(problems);
}

Json Database::parent() {
  const char* type = settings_.has_data_sources() ? "data_source_id" : "database_id";
  return {{"type", type}, {type, schema().source_id}};
}

std::string Database::query_target(const NotionPatience& patience) {
  return (settings_.has_data_sources() ? "data_sources/" : "databases/") +
         schema(patience).source_id + "/query";
}

bool Database::owns(const Json& page) {
  const Json* parent = member(page, "parent");
  if (parent == nullptr) return false;
  const std::string database = notion_id(text_member(*parent, "database_id"));
  const std::string source = notion_id(text_member(*parent, "data_source_id"));
  return source.empty() ? database == settings_.database_id : source == schema().source_id;
}

}  // namespace source_sentry
