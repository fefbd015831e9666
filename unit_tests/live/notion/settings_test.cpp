#include "live/notion/settings.h"

#include <gtest/gtest.h>

#include "fakes/message_of.h"
#include "fakes/notion_reading.h"

namespace source_sentry {
namespace {

std::string problems(const std::map<std::string, std::string>& environment) {
  return message_of([&] { notion_settings(notion_environment(environment)); });
}

TEST(NotionSettings, AreThoseOfSentryNotion) {
  const NotionSettings settings = notion_settings(notion_environment(
      {{"NOTION_CONFIG",
        R"({"database_id":"11111111111141118111111111111111","column_names":{"assignee":"Wer"}})"},
       {"CACHE_TIMEOUT", "60"},
       {"REDIS_HOST", "redis"},
       {"REDIS_PORT", "6380"}}));
  EXPECT_EQ(settings.token, "ntn_secret");
  EXPECT_EQ(settings.database_id, FakeNotion::kDatabase);
  EXPECT_EQ(settings.columns.assignee, "Wer");
  EXPECT_EQ(settings.columns.id, "ID");
  EXPECT_EQ(settings.columns.sentry_url, "Sentry link");
  EXPECT_FALSE(settings.columns.follow());
  EXPECT_EQ(settings.cache_time.count(), 60);
  EXPECT_EQ(settings.redis.host, "redis");
  EXPECT_EQ(settings.redis.port, 6380);
  EXPECT_TRUE(settings.has_data_sources());
  EXPECT_EQ(settings.base_url, "https://api.notion.com/v1/");
  EXPECT_EQ(notion_settings(notion_environment()).cache_time.count(), 21'600);
  EXPECT_EQ(settings.secrets(), (std::vector<std::string>{"ntn_secret", "client secret"}));
}

TEST(NotionSettings, TellAllProblemsAtOnce) {
  EXPECT_EQ(problems({{"NOTION_TOKEN", ""},
                      {"SENTRY_NOTION_INTEGRATION_CLIENT_SECRET", " "},
                      {"NOTION_CONFIG", "{"},
                      {"CACHE_TIMEOUT", "soon"},
                      {"REDIS_PORT", "0"},
                      {"NOTION_VERSION", "2021-01-01"}}),
            "The Notion bridge cannot start. NOTION_TOKEN is not set: it is the secret of the "
            "Notion integration. SENTRY_NOTION_INTEGRATION_CLIENT_SECRET is not set: it is the "
            "client secret of the Sentry integration, and without it anybody could write to "
            "Notion. NOTION_CONFIG is not JSON. CACHE_TIMEOUT must be a whole number from 1 to "
            "31536000. REDIS_PORT must be a whole number from 1 to 65535. NOTION_VERSION must be a "
            "version of Notion's API, 2022-06-28 or a later one.");
}

TEST(NotionSettings, TellWhatIsWrongInTheConfiguration) {
  const auto said = [](const std::string& config) {
    return problems({{"NOTION_CONFIG", config}})
        .substr(std::string("The Notion bridge cannot start. ").size());
  };
  EXPECT_EQ(said(""), "NOTION_CONFIG is not set: it is JSON such as {\"database_id\": \"...\"}.");
  EXPECT_EQ(said("[]"), "NOTION_CONFIG is not a JSON object.");
  EXPECT_EQ(said("{}"), "NOTION_CONFIG has no \"database_id\".");
  EXPECT_EQ(
      said(R"({"database_id":"tasks","columns":{"id":"x"},"column_names":{"ID":"x","status":7}})"),
      "The database_id of NOTION_CONFIG is not an id: it has 32 hexadecimal digits, which are "
      "in the link of the database. \"column_names\" of NOTION_CONFIG has a \"status\" that "
      "is not a text. \"column_names\" of NOTION_CONFIG has the key \"ID\", which is not "
      "known. NOTION_CONFIG has the key \"columns\", which is not known. Columns are given "
      "by their names, in \"column_names\".");
  EXPECT_EQ(
      said(
          R"({"database_id":"11111111111141118111111111111111","status_names":{"resolved":"Done"}})"),
      "NOTION_CONFIG has \"status_names\", but \"column_names\" has no \"status\".");
}

TEST(NotionSettings, KnowTheOlderApiAndAnotherServer) {
  const NotionSettings settings = notion_settings(notion_environment(
      {{"NOTION_VERSION", "2022-06-28"}, {"NOTION_API_URL", "http://127.0.0.1:9"}}));
  EXPECT_FALSE(settings.has_data_sources());
  EXPECT_EQ(settings.base_url, "http://127.0.0.1:9/v1/");
}

TEST(NotionSettings, ReadWhatAnyEnvironmentHolds) {
  EXPECT_NE(problems({{"NOTION_CONFIG", std::string(200'000, '[')}}).find("not JSON"),
            std::string::npos);
  EXPECT_NE(problems({{"NOTION_TOKEN", "two words"}}).find("white space"), std::string::npos);
}

}  // namespace
}  // namespace source_sentry
