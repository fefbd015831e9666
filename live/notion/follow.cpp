#include "live/notion/follow.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/json_member.h"
#include "base/text.h"
#include "live/notion/api/form_error.h"
#include "live/notion/api/values.h"

namespace source_sentry {
namespace {

using Json = nlohmann::json;

constexpr int kMostQueries = 10;  // of 100 pages

std::string plain(const Json* value) {
  if (value == nullptr) return {};
  if (value->is_string()) return value->get<std::string>();
  return value->is_number_integer() ? value->dump() : "";
}

/// Of what happens in one second.
int rank(const std::string& action) {
  constexpr std::string_view kOrder[] = {"created",  "unresolved", "assigned",
                                         "archived", "ignored",    "resolved"};
  const auto* const found = std::find(std::begin(kOrder), std::end(kOrder), action);
  return static_cast<int>(found - std::begin(kOrder));
}

/// The server's name in a URL, in lower case and without its port.
std::string host_of(std::string_view url) {
  const std::size_t scheme = url.find("://");
  if (scheme == url.npos) return {};
  url.remove_prefix(scheme + 3);
  url = url.substr(0, url.find_first_of("/?#"));
  return lower(url.substr(0, url.find(':')));
}

bool is_same_server(const std::string& a, const std::string& b) {
  return a == b || a.ends_with("." + b) || b.ends_with("." + a);
}

Json text_value(const std::string& text) { return {{"rich_text", text_items(text)}}; }

/// The value for a status or select column; null clears it.
Json option_value(const std::string& type, const std::string& name) {
  if (type == "rich_text") return text_value(name);
  return {{type, {{"name", name}}}};
}

Json time_value(const std::string& type, Instant when) {
  const std::string text = format_seconds(when) + "Z";
  if (type == "rich_text") return text_value(text);
  return {{"date", {{"start", text}}}};
}

}  // namespace

bool IssueChange::is_newer_than(const IssueChange& other) const {
  const auto place = [](const IssueChange& change) {
    return std::make_tuple(parse_instant(change.last_seen).value_or(kBeginningOfTime), change.sent,
                           rank(change.action));
  };
  return place(*this) > place(other);
}

std::optional<IssueChange> issue_change(const Json& data, const std::string& action, Instant sent) {
  const Json* issue = member(data, "issue");
  const std::string id = issue == nullptr ? "" : plain(member(*issue, "id"));
  if (id.empty()) return std::nullopt;
  IssueChange change{
      id, {}, text_member(*issue, "status"), {}, {}, text_member(*issue, "lastSeen"), action, sent};
  for (const char* key : {"permalink", "web_url"}) {
    if (change.link.empty()) change.link = text_member(*issue, key);
  }
  // Of the action "assigned"; the issue beside it may be of a moment before.
  const Json* assignee = member(data, "assignee");
  if (assignee == nullptr) assignee = member(*issue, "assignedTo");
  if (assignee != nullptr) {
    change.assignee_name = text_member(*assignee, "name");
    change.assignee_email = text_member(*assignee, "email");
  }
  return change;
}

bool is_same_issue(const std::string& url, const std::string& issue_id, const std::string& link) {
  const std::string part = "/issues/" + issue_id;
  const std::size_t at = url.find(part);
  if (at == url.npos) return false;
  const std::size_t end = at + part.size();
  if (end < url.size() && std::string_view("/?#").find(url[end]) == std::string_view::npos) {
    return false;
  }
  return link.empty() || is_same_server(host_of(url), host_of(link));
}

Follow::Follow(const NotionSettings& settings, NotionClient& client, Database& database,
               Users& users)
    : settings_(settings), client_(client), database_(database), users_(users) {}

Follow::Outcome Follow::apply(const IssueChange& change) {
  if (!settings_.columns.follow()) return Outcome::kNothingToSay;
  const auto pages = pages_of(change);
  if (pages.empty()) return Outcome::kNoPage;
  const Json values = values_of(change);
  if (values.empty()) return Outcome::kNothingToSay;
  const std::string body =
      Json{{"properties", values}}.dump(-1, ' ', false, Json::error_handler_t::replace);
  for (const std::string& page : pages) {
    try {
      client_.call({"pages/" + page, "PATCH", body}, kBehindAForm);
    } catch (const FormError& error) {
      if (error.code == "validation_error") database_.forget_schema();
      throw;
    }
  }
  return Outcome::kChanged;
}

Json Follow::values_of(const IssueChange& change) {
  const NotionColumns& columns = settings_.columns;
  const NotionSchema schema = database_.schema(kBehindAForm);
  Json values = Json::object();
  const auto type_of = [&](const std::string& name) {
    const NotionColumn* column = name.empty() ? nullptr : schema.find(name);
    return column == nullptr ? "" : column->type;
  };
  if (const std::string type = type_of(columns.status); !type.empty()) {
    const auto names = status_names(settings_);
    const auto name = names.find(change.status);  // what else Sentry has passes soon
    if (name != names.end()) values[columns.status] = option_value(type, name->second);
  }
  if (const std::string type = type_of(columns.sentry_assignee); type == "people") {
    Json people = Json::array();
    const auto id = users_.id_of(change.assignee_name, change.assignee_email);
    if (id) people.push_back({{"object", "user"}, {"id", *id}});
    values[columns.sentry_assignee] = {{"people", people}};
  } else if (!type.empty()) {
    values[columns.sentry_assignee] = text_value(change.assignee_name);
  }
  const auto last_seen = parse_instant(change.last_seen);
  if (const std::string type = type_of(columns.last_seen); !type.empty() && last_seen) {
    values[columns.last_seen] = time_value(type, *last_seen);
  }
  return values;
}

/// Notion compares texts only, so the server's name is compared here.
std::vector<std::string> Follow::pages_of(const IssueChange& change) {
  const std::string& column = settings_.columns.sentry_url;
  const std::string part = "/issues/" + change.issue_id;
  const auto filter = [&](const char* how, const std::string& text) {
    return Json{{"property", column}, {"url", {{how, text}}}};
  };
  Json body = {{"filter",
                {{"or",
                  {filter("contains", part + "/"), filter("contains", part + "?"),
                   filter("ends_with", part)}}}},
               {"page_size", 100}};
  std::vector<std::string> ids;
  for (int i = 0; i < kMostQueries; ++i) {
    const Json found =
        client_.call({database_.query_target(kBehindAForm), "POST", body.dump()}, kBehindAForm);
    for (const Json& page : found.value("results", Json::array())) {
      if (!is_same_issue(url_in(page, column), change.issue_id, change.link)) continue;
      ids.push_back(text_member(page, "id"));
    }
    const std::string cursor = text_member(found, "next_cursor");
    if (cursor.empty()) break;
    body["start_cursor"] = cursor;
  }
  return ids;
}

}  // namespace source_sentry
