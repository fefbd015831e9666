#pragma once

#include <future>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "base/clock.h"
#include "fakes/fake_clock.h"
#include "fakes/fake_notion.h"
#include "fakes/temporary_folder.h"
#include "live/notion/notion_service.h"

namespace source_sentry {

/// The environment of Sentry-Notion, as a function; `more` goes before it.
inline Variable notion_environment(std::map<std::string, std::string> more = {}) {
  more.emplace("NOTION_TOKEN", "ntn_secret");
  more.emplace("SENTRY_NOTION_INTEGRATION_CLIENT_SECRET", "client secret");
  more.emplace("NOTION_CONFIG",
               std::string(R"({"database_id":")") + FakeNotion::kDatabase + R"("})");
  return [more](const char* name) {
    const auto found = more.find(name);
    return found == more.end() ? "" : found->second;
  };
}

/// A configuration with columns that follow the issue.
inline std::string following_config() {
  return std::string(R"({"database_id":")") + FakeNotion::kDatabase +
         R"(","column_names":{"status":"Status","sentry_assignee":"In Sentry",)"
         R"("last_seen":"Last seen"}})";
}

/// The bridge before a Notion of our own.
class NotionReading {
 public:
  using Environment = std::map<std::string, std::string>;

  explicit NotionReading(Environment environment = {},
                         std::chrono::milliseconds answer_time = std::chrono::minutes(5))
      : environment_(std::move(environment)), answer_time_(answer_time) {
    notion.edit()->users.push_back({{"id", "b0000000-0000-4000-8000-000000000001"},
                                    {"type", "person"},
                                    {"name", "Ada Lovelace"},
                                    {"person", {{"email", "ada@example.com"}}}});
    start();
  }

  /// Again, as after a restart.
  void start() {
    service.reset();
    NotionSettings settings = notion_settings(notion_environment(environment_));
    settings.base_url = notion.base();
    ConnectionOptions connection =
        notion_connection(settings, "source-sentry/test", [](const char*) { return ""; });
    service = std::make_unique<NotionService>(
        settings, NotionService::Options{std::move(connection), folder.path(), "", answer_time_},
        [this](const HttpRequest&) { return is_signed; }, clock);
  }

  HttpAnswer ask(const std::string& method, const std::string& path, const std::string& query,
                 const std::string& body = {}) {
    return begin(method, path, query, body).get();
  }
  std::future<HttpAnswer> begin(const std::string& method, const std::string& path,
                                const std::string& query, const std::string& body = {}) {
    HttpRequest request;
    request.method = method;
    request.path = path;
    request.query = query;
    request.peer = "192.0.2.1";
    request.body = body;
    auto answer = std::make_shared<std::promise<HttpAnswer>>();
    service->handler().handle(std::move(request),
                              [answer](HttpAnswer given) { answer->set_value(std::move(given)); });
    return answer->get_future();
  }

  static std::string form(const nlohmann::json& fields, const nlohmann::json& issue_id = 42) {
    return nlohmann::json{{"fields", fields},
                          {"issueId", issue_id},
                          {"installationId", "11111111-2222-3333-4444-555555555555"},
                          {"webUrl", "https://sentry.example.com/organizations/acme/issues/42/"},
                          {"project", {{"slug", "shop"}, {"id", 7}}},
                          {"actor", {{"type", "user"}, {"id", 3}, {"name", "Ada"}}}}
        .dump();
  }
  HttpAnswer create(const nlohmann::json& fields, const nlohmann::json& issue_id = 42) {
    return ask("POST", "/create", "", form(fields, issue_id));
  }

  FakeNotion notion;
  FakeClock clock;
  TemporaryFolder folder;
  bool is_signed = true;
  std::unique_ptr<NotionService> service;

 private:
  std::map<std::string, std::string> environment_;
  std::chrono::milliseconds answer_time_;
};

inline nlohmann::json json_of(const HttpAnswer& answer) {
  return nlohmann::json::parse(answer.body);
}

inline std::string told(const HttpAnswer& answer) {
  return std::to_string(answer.status) + " " + json_of(answer).value("message", "");
}

}  // namespace source_sentry
