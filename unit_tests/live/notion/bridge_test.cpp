#include "live/notion/bridge.h"

#include <gtest/gtest.h>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include <sstream>

#include "base/error.h"
#include "fakes/notion_reading.h"
#include "live/notion/text/utf8.h"
#include "live/notion/ui_schema.h"

namespace source_sentry {
namespace {

using Json = nlohmann::json;

constexpr const char* kIssueUrl = "https://sentry.example.com/organizations/acme/issues/42/";

TEST(NotionBridge, MakesAPage) {
  NotionReading reading;
  const HttpAnswer answer = reading.create({{"title", "500 on \u00fcbersicht"},
                                            {"description", "Boom"},
                                            {"owner_id", "b0000000-0000-4000-8000-000000000001"}});
  EXPECT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(answer.content_type, "application/json");
  const Json page = reading.notion.pages().at(0);
  EXPECT_EQ(json_of(answer),
            (Json{{"webUrl", page["url"]}, {"project", ""}, {"identifier", "TASK-1"}}));
  const Json& properties = page["properties"];
  EXPECT_EQ(properties["Name"]["title"][0]["plain_text"], "500 on \u00fcbersicht");
  EXPECT_EQ(properties["Sentry link"]["url"], kIssueUrl);
  EXPECT_EQ(properties["Assignee"]["people"][0]["id"], "b0000000-0000-4000-8000-000000000001");
  EXPECT_EQ(
      reading.notion.last_body()["children"][0]["paragraph"]["rich_text"][0]["text"]["content"],
      "Boom");
}

TEST(NotionBridge, MakesAPageWithoutOwnerOrDescription) {
  NotionReading reading;
  EXPECT_EQ(reading.create({{"title", "T"}, {"owner_id", nullptr}, {"description", ""}}).status,
            200);
  EXPECT_FALSE(reading.notion.last_body().contains("children"));
  EXPECT_FALSE(reading.notion.pages()[0]["properties"].contains("Assignee"));
}

TEST(NotionBridge, MakesOnePageOfTwoClicks) {
  NotionReading reading;
  const HttpAnswer first = reading.create({{"title", "T"}}, 42);
  const HttpAnswer second = reading.create({{"title", "T again"}}, "42");
  EXPECT_EQ(first.body, second.body);
  reading.start();
  EXPECT_EQ(reading.create({{"title", "T"}}).body, first.body) << "after a restart";
  EXPECT_EQ(reading.notion.pages().size(), 1U);
  EXPECT_EQ(json_of(reading.create({{"title", "Of another issue"}}, 43))["identifier"], "TASK-2");
  reading.clock.set(kNow + std::chrono::hours(25));
  EXPECT_EQ(json_of(reading.create({{"title", "A day later"}}))["identifier"], "TASK-3");
}

TEST(NotionBridge, MakesOnePageOfTwoClicksAtTheSameTime) {
  NotionReading reading;
  reading.notion.hold("POST /v1/pages");
  auto first = reading.begin("POST", "/create", "", NotionReading::form({{"title", "T"}}));
  reading.notion.await_held();
  auto second = reading.begin("POST", "/create", "", NotionReading::form({{"title", "T"}}));
  reading.notion.release();
  EXPECT_EQ(first.get().body, second.get().body);
  EXPECT_EQ(reading.notion.pages().size(), 1U);
}

TEST(NotionBridge, MakesAnotherPageOfOneThatIsInTheTrash) {
  NotionReading reading;
  reading.create({{"title", "T"}});
  reading.notion.put_into_trash(reading.notion.pages()[0]["id"]);
  EXPECT_EQ(json_of(reading.create({{"title", "T"}}))["identifier"], "TASK-2");
}

TEST(NotionBridge, FindsThePageOfACallWhoseAnswerWasLost) {
  for (const int status : {502, 0}) {
    NotionReading reading;
    reading.notion.fail({"POST /v1/pages", status, "", "<html>", true});
    EXPECT_EQ(json_of(reading.create({{"title", "T"}}))["identifier"], "TASK-1");
    EXPECT_EQ(reading.notion.pages().size(), 1U);
    EXPECT_EQ(reading.notion.count("POST /v1/pages"), 1);
  }
}

TEST(NotionBridge, AsksOnceMoreForAPageThatWasNotMade) {
  NotionReading reading;
  reading.notion.fail({"POST /v1/pages", 409});
  EXPECT_EQ(json_of(reading.create({{"title", "T"}}))["identifier"], "TASK-1");
  EXPECT_EQ(reading.notion.count("POST /v1/pages"), 2);
  EXPECT_EQ(reading.notion.count("POST /v1/data_sources"), 1) << "looked for it in between";
}

TEST(NotionBridge, FindsAfterARestartWhatItHadAskedFor) {
  NotionReading reading;
  reading.notion.fail({"POST /v1/pages", 500, "", "{}", true});
  reading.notion.fail({"POST /v1/data_sources", 500});
  reading.notion.fail({"POST /v1/data_sources", 500});
  EXPECT_EQ(told(reading.create({{"title", "T"}})),
            "502 Notion has trouble (HTTP 500). Try again in a moment.");
  reading.start();
  EXPECT_EQ(json_of(reading.create({{"title", "T"}}))["identifier"], "TASK-1");
  EXPECT_EQ(reading.notion.pages().size(), 1U);
}

TEST(NotionBridge, WaitsForThePagesNumber) {
  NotionReading reading;
  reading.notion.edit()->numberless_reads = 3;
  EXPECT_EQ(json_of(reading.create({{"title", "T"}}))["identifier"], "TASK-1");
  reading.notion.edit()->numberless_reads = 4;
  EXPECT_EQ(
      told(reading.create({{"title", "U"}}, 43)),
      "502 The page is there, but Notion has not given it its ID yet. Try again: it stays one "
      "page.");
  EXPECT_EQ(json_of(reading.create({{"title", "U"}}, 43))["identifier"], "TASK-2");
}

TEST(NotionBridge, CutsLongTextsBetweenCharacters) {
  NotionReading reading;
  std::string text(1'999, 'x');
  for (int i = 0; i < 1'500; ++i) text += "\U0001F440";
  EXPECT_EQ(reading.create({{"title", text}, {"description", text}}).status, 200);
  const Json body = reading.notion.last_body();
  const Json& items = body["children"][0]["paragraph"]["rich_text"];
  std::string whole;
  for (const Json& item : items) whole += item["text"]["content"].get<std::string>();
  EXPECT_EQ(whole, text);
  EXPECT_EQ(items[0]["text"]["content"].get<std::string>().size(), 1'999U);
  EXPECT_EQ(reading.create({{"title", "T"}, {"description", std::string(900'000, 'x')}}, 43).status,
            200);
}

TEST(NotionBridge, LeavesOutALinkThatIsTooLong) {
  NotionReading reading;
  Json form = Json::parse(NotionReading::form({{"title", "T"}}));
  form["webUrl"] = "https://sentry.example.com/" + std::string(2'000, 'x');
  EXPECT_EQ(reading.ask("POST", "/create", "", form.dump()).status, 200);
  EXPECT_FALSE(reading.notion.pages()[0]["properties"].contains("Sentry link"));
  EXPECT_NE(reading.notion.last_body()["children"].dump().find("longer than Notion allows"),
            std::string::npos);
  form["fields"] = {{"page_id", reading.notion.pages()[0]["id"]}};
  EXPECT_EQ(told(reading.ask("POST", "/link", "", form.dump())),
            "400 The link to the issue is longer than Notion allows.");
}

TEST(NotionBridge, LinksAPage) {
  NotionReading reading;
  const Json page = reading.notion.add_page("Known");
  const auto link = [&](const std::string& id) {
    return reading.ask("POST", "/link", "", NotionReading::form({{"page_id", id}}));
  };
  const HttpAnswer answer = link(page["id"]);
  EXPECT_EQ(json_of(answer),
            (Json{{"webUrl", page["url"]}, {"project", ""}, {"identifier", "TASK-1"}}));
  EXPECT_EQ(reading.notion.pages()[0]["properties"]["Sentry link"]["url"], kIssueUrl);
}

TEST(NotionBridge, RefusesPagesThatAreNotTheDatabases) {
  NotionReading reading;
  const Json other = reading.notion.add_page("Other", "", FakeNotion::kOtherSource);
  const auto link = [&](const std::string& id) {
    return told(reading.ask("POST", "/link", "", NotionReading::form({{"page_id", id}})));
  };
  EXPECT_EQ(link(other["id"]),
            "400 That page is not in the database that Sentry is connected with. "
            "Choose one of the list.");
  EXPECT_EQ(link("../users/me"), "400 Choose a page of the list.");
  EXPECT_EQ(link(""), "400 Choose a page.");
  EXPECT_EQ(link("aaaaaaaa-0000-4000-8000-000000009999").substr(0, 27),
            "404 Notion does not find it");
  const Json gone = reading.notion.add_page("Gone");
  reading.notion.put_into_trash(gone["id"]);
  EXPECT_EQ(link(gone["id"]), "404 That page is in Notion's trash.");
  EXPECT_EQ(reading.notion.count("PATCH"), 0);
}

TEST(NotionBridge, SearchesPages) {
  NotionReading reading;
  reading.notion.add_page(R"(He said "no" & left \U0001F440)");
  reading.notion.add_page("\U0001F440 eyes");
  reading.notion.add_page("");
  const auto labels = [&](const std::string& query) {
    std::vector<std::string> all;
    for (const Json& option : json_of(reading.ask("GET", "/search", query))) {
      EXPECT_EQ(option.size(), 3U);
      EXPECT_EQ(option["default"], false);
      EXPECT_TRUE(option["value"].is_string());
      all.push_back(option["label"]);
    }
    return all;
  };
  EXPECT_EQ(labels("installationId=x&query=%22no%22+%26").size(), 1U);
  EXPECT_EQ(labels("query=%F0%9F%91%80"), std::vector<std::string>{"\U0001F440 eyes"});
  EXPECT_EQ(labels("query=nothing"), std::vector<std::string>{});
  EXPECT_EQ(labels("").at(0), "Untitled");
  for (int i = 0; i < 20; ++i) reading.notion.add_page("more");
  EXPECT_EQ(labels("query=").size(), 10U);
}

TEST(NotionBridge, ListsUsersOfSeveralPagesFromTheCache) {
  NotionReading reading;
  for (int i = 0; i < 250; ++i) {
    reading.notion.edit()->users.push_back(
        {{"id", "u-" + std::to_string(i)},
         {"type", "person"},
         {"name", "User " + std::to_string(i)},
         {"person", {{"email", "u" + std::to_string(i) + "@example.com"}}}});
  }
  reading.notion.edit()->users.push_back(
      {{"id", "u-z"}, {"type", "person"}, {"name", "\u00c4nne Zoll"}});
  reading.notion.edit()->users.push_back(
      {{"id", "u-m"}, {"type", "person"}, {"name", "m@example.com"}});
  reading.notion.edit()->users.push_back({{"id", "u-n"}, {"type", "person"}, {"name", nullptr}});
  reading.notion.edit()->users.push_back({{"id", "u-b"}, {"type", "bot"}, {"name", "User bot"}});
  EXPECT_EQ(json_of(reading.ask("GET", "/users", "query=")).size(), 10U);
  EXPECT_EQ(json_of(reading.ask("GET", "/users", "query=%C3%A4NNE")),
            Json::parse(R"([{"label":"Änne Zoll","value":"u-z","default":false}])"));
  EXPECT_EQ(json_of(reading.ask("GET", "/users", "query=user+249")).at(0)["value"], "u-249");
  EXPECT_EQ(reading.notion.count("GET /v1/users"), 3);
  EXPECT_EQ(json_of(reading.ask("GET", "/users", "query=bot")), Json::array());
  EXPECT_EQ(reading.notion.count("GET /v1/users"), 6) << "a new name may have been typed";
  EXPECT_EQ(json_of(reading.ask("GET", "/users", "query=example.com")), Json::array());
  EXPECT_EQ(reading.notion.count("GET /v1/users"), 6) << "at most once a minute";
  reading.start();
  EXPECT_EQ(json_of(reading.ask("GET", "/users", "query=user+249")).size(), 1U);
  EXPECT_EQ(reading.notion.count("GET /v1/users"), 6) << "known after a restart";
  EXPECT_EQ(text_of(reading.folder.path() / "notion-cache.json").find("@example.com"),
            std::string::npos);
}

TEST(NotionBridge, SaysHowLongNotionIsBusy) {
  NotionReading reading;
  reading.notion.fail({"GET /v1/users", 429, "40", R"({"code":"rate_limited"})"});
  EXPECT_EQ(told(reading.ask("GET", "/users", "")), "503 Notion is busy, try again in 40 s");
  EXPECT_EQ(told(reading.ask("GET", "/search", "")), "503 Notion is busy, try again in 40 s");
  EXPECT_EQ(reading.notion.count("POST"), 0) << "Notion is left alone";
}

TEST(NotionBridge, WaitsOnceForAShortTime) {
  NotionReading reading;
  reading.notion.fail({"POST /v1/pages", 429, "2", R"({"code":"rate_limited"})"});
  EXPECT_EQ(reading.create({{"title", "T"}}).status, 200);
  EXPECT_EQ(reading.clock.sleeps().size(), 1U);
  reading.notion.fail({"GET /v1/users", 529, "1"});
  reading.notion.fail({"GET /v1/users", 529, "1"});
  EXPECT_EQ(told(reading.ask("GET", "/users", "")), "503 Notion is busy, try again in 1 s");
}

TEST(NotionBridge, SaysSoWhenNotionIsSlowAndGivesTheSamePageLater) {
  NotionReading reading({}, std::chrono::milliseconds(50));
  reading.notion.hold("POST /v1/pages");
  EXPECT_EQ(
      told(reading.create({{"title", "T"}})),
      "504 Notion has not answered in time. Try again in a moment: a page is made only once.");
  reading.notion.release();
  while (reading.create({{"title", "T"}}).status != 200) std::this_thread::yield();
  EXPECT_EQ(reading.notion.pages().size(), 1U);
}

TEST(NotionBridge, TellsPeopleWhatIsWrong) {
  NotionReading reading;
  const auto create = [&](const std::string& body) {
    return told(reading.ask("POST", "/create", "", body));
  };
  EXPECT_EQ(create("{"), "400 The call is not a JSON object.");
  EXPECT_EQ(create(R"({"x":"\ud83d"})"), "400 The call is not a JSON object.");
  EXPECT_EQ(create("{}"), "400 The call has no \"fields\".");
  EXPECT_EQ(create(R"({"fields":{"title":"T"}})"), "400 The call has no \"issueId\".");
  EXPECT_EQ(create(NotionReading::form({{"title", " "}})), "400 The page needs a title.");
  EXPECT_EQ(create(NotionReading::form({{"title", "T"}, {"owner_id", "nobody"}})),
            "400 Notion refuses it. Notion says: There is no such user.");
  EXPECT_EQ(told(reading.ask("GET", "/create", "")), "405 This path takes POST only.");
  EXPECT_EQ(told(reading.ask("GET", "/create/", "")), "404 There is nothing at this path.");
  reading.is_signed = false;
  EXPECT_EQ(told(reading.ask("GET", "/users", "")), "401 The signature is missing or wrong.");
  EXPECT_EQ(reading.notion.count("GET /v1/users"), 0);
}

TEST(NotionBridge, ReadsTheFormsOfAllServers) {
  NotionReading reading;
  EXPECT_EQ(reading.create({{"fields", {{"title", "Nested"}}}, {"title", ""}}).status, 200);
  EXPECT_EQ(reading.notion.pages()[0]["properties"]["Name"]["title"][0]["plain_text"], "Nested");
}

TEST(NotionBridge, TellsOfAColumnThatIsGone) {
  NotionReading reading;
  EXPECT_EQ(reading.create({{"title", "T"}}).status, 200);
  reading.notion.edit()->columns.erase("Sentry link");
  reading.notion.edit()->columns["Sentry Link"] = "url";
  EXPECT_EQ(told(reading.create({{"title", "T"}}, 43)),
            "502 There is a column \"Sentry Link\", and the configuration says \"Sentry link\": "
            "write it the same way in both.");
}

TEST(NotionBridge, LearnsAnotherTitleColumn) {
  NotionReading reading;
  EXPECT_EQ(reading.create({{"title", "T"}}).status, 200);
  reading.notion.edit()->columns.erase("Name");
  reading.notion.edit()->columns["Task"] = "title";
  EXPECT_EQ(reading.create({{"title", "T"}}, 43).status, 200);
}

TEST(NotionBridge, SpeaksTheOlderApi) {
  NotionReading reading(NotionReading::Environment{{"NOTION_VERSION", "2022-06-28"}});
  EXPECT_NO_THROW(reading.service->check());
  EXPECT_EQ(reading.create({{"title", "T"}}).status, 200);
  EXPECT_EQ(reading.notion.last_body()["parent"]["database_id"], FakeNotion::kDatabase);
  EXPECT_EQ(json_of(reading.ask("GET", "/search", "query=T")).size(), 1U);
  const Json id = reading.notion.pages()[0]["id"];
  EXPECT_EQ(reading.ask("POST", "/link", "", NotionReading::form({{"page_id", id}})).status, 200);
  EXPECT_EQ(reading.notion.count("GET /v1/data_sources"), 0);
}

TEST(NotionBridge, AnswersOneInstallationWhereItIsConfigured) {
  NotionReading reading(NotionReading::Environment{
      {"SENTRY_NOTION_INSTALLATION_ID", "11111111-2222-3333-4444-555555555555"}});
  EXPECT_EQ(reading.create({{"title", "T"}}).status, 200);
  EXPECT_EQ(reading.ask("GET", "/users", "installationId=other").status, 404);
}

TEST(NotionBridge, LimitsWhoRepeatsACall) {
  NotionReading reading;
  int refused = 0;
  for (int i = 0; i < 30; ++i) refused += reading.ask("GET", "/users", "").status == 429 ? 1 : 0;
  EXPECT_EQ(refused, 10);
}

TEST(NotionBridge, EndsAtOnceWithAnswersForAll) {
  NotionReading reading;
  reading.notion.hold("GET /v1/users");
  std::vector<std::future<HttpAnswer>> answers;
  for (int i = 0; i < 10; ++i) answers.push_back(reading.begin("GET", "/users", ""));
  reading.notion.await_held();
  reading.service.reset();
  for (auto& answer : answers) {
    EXPECT_EQ(told(answer.get()), "503 The service is restarting. Try again in a moment.");
  }
}

TEST(NotionBridge, RefusesWhatItCannotHold) {
  NotionReading reading;
  reading.notion.hold("POST /v1/pages");
  std::vector<std::future<HttpAnswer>> answers;
  for (int i = 0; i < 100; ++i) {
    answers.push_back(reading.begin("POST", "/create", "", NotionReading::form({{"title", "T"}})));
  }
  EXPECT_EQ(told(answers.back().get()), "503 Too many requests at once. Try again in a moment.");
  reading.notion.release();
  answers.pop_back();
  EXPECT_EQ(answers.front().get().status, 200);
  for (auto& answer : answers) {
    if (answer.valid()) answer.wait();
  }
  EXPECT_EQ(reading.notion.pages().size(), 1U);
}

TEST(NotionBridge, LogsNoSecretAndNothingOfTheIssue) {
  std::ostringstream log;
  const auto before = spdlog::default_logger();
  spdlog::set_default_logger(std::make_shared<spdlog::logger>(
      "test", std::make_shared<spdlog::sinks::ostream_sink_mt>(log)));
  {
    NotionReading reading(NotionReading::Environment{
        {"REDIS_HOST", "127.0.0.1"}, {"REDIS_PORT", "1"}, {"REDIS_PASSWORD", "redis secret"}});
    reading.notion.fail({"POST /v1/pages", 500, "", "the title, ntn_secret"});
    reading.create({{"title", "the title"}, {"owner_id", "nobody"}});
    reading.create({{"title", "the title"}}, 43);
    reading.ask("POST", "/create", "", "the title");
    reading.ask("GET", "/users", "query=the+title");
    reading.notion.fail(
        {"GET /v1/users", 401, "", R"({"code":"unauthorized","message":"ntn_secret"})"});
    EXPECT_THROW(reading.service->check(), ConnectorError);
  }
  spdlog::set_default_logger(before);
  EXPECT_NE(log.str().find("HTTP 500"), std::string::npos) << log.str();
  for (const char* secret :
       {"ntn_secret", "client secret", "redis secret", "the title", "Ada", "sentry.example.com"}) {
    EXPECT_EQ(log.str().find(secret), std::string::npos) << secret << " in " << log.str();
  }
}

TEST(NotionBridge, SizesAreKnownBeforeABody) {
  NotionReading reading;
  RequestHead head;
  head.method = "POST";
  head.path = "/create";
  EXPECT_GT(reading.service->handler().admit(head).most_body, 500'000U);
  EXPECT_FALSE(reading.service->handler().admit(head).refusal);
  head.path = "/users";
  EXPECT_EQ(reading.service->handler().admit(head).refusal->status, 405);
  head.method = "GET";
  EXPECT_EQ(reading.service->handler().admit(head).most_body, 0U);
}

TEST(UiSchema, NamesThePathsBehindAPrefix) {
  const Json schema = Json::parse(ui_schema("/notion/"));
  const Json& element = schema["elements"][0];
  EXPECT_EQ(element["type"], "issue-link");
  EXPECT_EQ(element["create"]["uri"], "/notion/create");
  EXPECT_EQ(element["create"]["optional_fields"][1]["uri"], "/notion/users");
  EXPECT_EQ(element["link"]["required_fields"][0]["uri"], "/notion/search");
  EXPECT_EQ(Json::parse(ui_schema())["elements"][0]["link"]["uri"], "/link");
  EXPECT_THROW(ui_schema("//evil"), ConnectorError);
  EXPECT_THROW(ui_schema("/a@b"), ConnectorError);
}

}  // namespace
}  // namespace source_sentry
