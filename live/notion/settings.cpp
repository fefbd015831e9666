#include "live/notion/settings.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "base/error.h"
#include "base/json_text.h"
#include "base/text.h"
#include "http/base_url.h"
#include "live/notion/api/values.h"

namespace source_sentry {
namespace {

using Json = nlohmann::json;

/// Collects what is wrong, so that it can be told at once.
class Problems {
 public:
  void add(const std::string& sentence) { text_ += (text_.empty() ? "" : " ") + sentence; }
  void throw_if_any() const {
    if (text_.empty()) return;
    throw ConnectorError(FailureKind::kConfig, "The Notion bridge cannot start. " + text_);
  }

 private:
  std::string text_;
};

long number(const Variable& variable, const char* name, long fallback, long least, long most,
            Problems& problems) {
  const std::string text(trim(variable(name)));
  if (text.empty()) return fallback;
  long value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < least || value > most) {
    problems.add(std::string(name) + " must be a whole number from " + std::to_string(least) +
                 " to " + std::to_string(most) + ".");
    return fallback;
  }
  return value;
}

/// Reads the members of one object: what is asked for is known, and all else is a problem.
class Members {
 public:
  Members(const Json& object, std::string place, Problems& problems)
      : object_(object), place_(std::move(place)), problems_(problems) {}

  void text(const char* key, std::string& value) {
    const Json* found = take(key);
    if (found == nullptr || found->is_null()) return;
    if (!found->is_string() || trim(found->get_ref<const std::string&>()).empty()) {
      problems_.add(place_ + " has a \"" + key + "\" that is not a text.");
      return;
    }
    value = *found;
  }

  /// The member, if it is an object.
  const Json* object(const char* key) {
    const Json* found = take(key);
    if (found == nullptr || found->is_null()) return nullptr;
    if (found->is_object()) return found;
    problems_.add(place_ + " has a \"" + std::string(key) + "\" that is not an object.");
    return nullptr;
  }

  void refuse_others(const std::string& hint = {}) const {
    for (const auto& [key, value] : object_.items()) {
      if (holds(known_, key)) continue;
      problems_.add(place_ + " has the key \"" + excerpt(key, 60) + "\", which is not known." +
                    (key == "columns" ? hint : ""));
    }
  }

 private:
  const Json* take(const char* key) {
    known_.emplace_back(key);
    const auto found = object_.find(key);
    return found == object_.end() ? nullptr : &*found;
  }

  const Json& object_;
  std::string place_;
  Problems& problems_;
  std::vector<std::string> known_;
};

void read_id(Members& members, const char* key, std::string& id, Problems& problems) {
  std::string text;
  members.text(key, text);
  if (text.empty()) return;
  id = notion_id(text);
  if (id.empty()) {
    problems.add("The " + std::string(key) +
                 " of NOTION_CONFIG is not an id: it has 32 "
                 "hexadecimal digits, which are in the link of the database.");
  }
}

void read_columns(const Json& object, NotionColumns& columns, Problems& problems) {
  Members members(object, "\"column_names\" of NOTION_CONFIG", problems);
  members.text("assignee", columns.assignee);
  members.text("id", columns.id);
  members.text("sentry_url", columns.sentry_url);
  members.text("status", columns.status);
  members.text("sentry_assignee", columns.sentry_assignee);
  members.text("last_seen", columns.last_seen);
  members.refuse_others();
}

void read_status_names(const Json& object, NotionSettings& settings, Problems& problems) {
  Members members(object, "\"status_names\" of NOTION_CONFIG", problems);
  for (const char* status : {"unresolved", "resolved", "ignored"}) {
    std::string name;
    members.text(status, name);
    if (!name.empty()) settings.status_names[status] = name;
  }
  members.refuse_others();
  if (settings.columns.status.empty()) {
    problems.add("NOTION_CONFIG has \"status_names\", but \"column_names\" has no \"status\".");
  }
}

void read_config(const std::string& text, NotionSettings& settings, Problems& problems) {
  if (trim(text).empty()) {
    problems.add("NOTION_CONFIG is not set: it is JSON such as {\"database_id\": \"...\"}.");
    return;
  }
  const Json config = parse_json(text);
  if (!config.is_object()) {
    problems.add(config.is_discarded() ? "NOTION_CONFIG is not JSON."
                                       : "NOTION_CONFIG is not a JSON object.");
    return;
  }
  Members members(config, "NOTION_CONFIG", problems);
  read_id(members, "database_id", settings.database_id, problems);
  if (!config.contains("database_id") || config["database_id"].is_null()) {
    problems.add("NOTION_CONFIG has no \"database_id\".");
  }
  read_id(members, "data_source_id", settings.data_source_id, problems);
  if (const Json* columns = members.object("column_names")) {
    read_columns(*columns, settings.columns, problems);
  }
  if (const Json* names = members.object("status_names")) {
    read_status_names(*names, settings, problems);
  }
  members.refuse_others(" Columns are given by their names, in \"column_names\".");
}

bool is_version(std::string_view text) {
  constexpr std::string_view kForm = "0000-00-00";
  return text.size() == kForm.size() &&
         std::equal(text.begin(), text.end(), kForm.begin(), [](char c, char form) {
           return form == '-' ? c == '-' : c >= '0' && c <= '9';
         });
}

void read_api(const Variable& variable, NotionSettings& settings, Problems& problems) {
  if (const std::string version(trim(variable("NOTION_VERSION"))); !version.empty()) {
    settings.version = version;
    if (!is_version(version) || version < "2022-06-28") {
      problems.add("NOTION_VERSION must be a version of Notion's API, 2022-06-28 or a later one.");
    }
  }
  if (const std::string url(trim(variable("NOTION_API_URL"))); !url.empty()) {
    const auto base = parse_base_url(url);
    if (!base) problems.add("NOTION_API_URL is not the address of a server.");
    if (base) settings.base_url = base->text() + "/v1/";
  }
}

}  // namespace

std::vector<std::string> NotionSettings::secrets() const {
  std::vector<std::string> all;
  for (const std::string& secret : {token, client_secret, redis.password}) {
    if (!secret.empty()) all.push_back(secret);
  }
  return all;
}

std::map<std::string, std::string> status_names(const NotionSettings& settings) {
  std::map<std::string, std::string> names = settings.status_names;
  names.emplace("unresolved", "Unresolved");
  names.emplace("resolved", "Resolved");
  names.emplace("ignored", "Archived");  // as Sentry's pages call it today
  return names;
}

NotionSettings notion_settings(const Variable& variable) {
  NotionSettings settings;
  Problems problems;
  settings.token = trim(variable("NOTION_TOKEN"));
  if (settings.token.empty()) {
    problems.add("NOTION_TOKEN is not set: it is the secret of the Notion integration.");
  } else if (settings.token.find_first_of(" \r\n\t") != settings.token.npos) {
    problems.add("NOTION_TOKEN has white space in it.");
  }
  settings.client_secret = trim(variable("SENTRY_NOTION_INTEGRATION_CLIENT_SECRET"));
  if (settings.client_secret.empty()) {
    problems.add(
        "SENTRY_NOTION_INTEGRATION_CLIENT_SECRET is not set: it is the client secret of the Sentry "
        "integration, and without it anybody could write to Notion.");
  }
  read_config(variable("NOTION_CONFIG"), settings, problems);
  constexpr long kYear = 31'536'000;
  settings.cache_time = std::chrono::seconds(
      number(variable, "CACHE_TIMEOUT", settings.cache_time.count(), 1, kYear, problems));
  settings.redis.host = trim(variable("REDIS_HOST"));
  settings.redis.port = static_cast<std::uint16_t>(
      number(variable, "REDIS_PORT", settings.redis.port, 1, 65'535, problems));
  settings.redis.user = variable("REDIS_USERNAME");
  settings.redis.password = variable("REDIS_PASSWORD");
  settings.redis.database = static_cast<int>(number(variable, "REDIS_DB", 0, 0, 1'000, problems));
  settings.installation_id = trim(variable("SENTRY_NOTION_INSTALLATION_ID"));
  read_api(variable, settings, problems);
  problems.throw_if_any();
  return settings;
}

}  // namespace source_sentry
