// What the bridge says of Notion at its start.
#include <gtest/gtest.h>

#include "fakes/message_of.h"
#include "fakes/notion_reading.h"

namespace source_sentry {
namespace {

std::string said(NotionReading& reading) {
  const std::string message = message_of([&] { reading.service->check(); });
  const std::string begin = "The Notion bridge cannot start. ";
  return message.starts_with(begin) ? message.substr(begin.size()) : message;
}

TEST(NotionStart, FindsNothingWrong) {
  NotionReading reading;
  EXPECT_EQ(said(reading), "nothing was wrong");
}

TEST(NotionStart, NamesColumnsThatAreMissingOrOfAnotherType) {
  NotionReading reading;
  reading.notion.edit()->columns.erase("Sentry link");
  reading.notion.edit()->columns["Sentry Link"] = "url";
  reading.notion.edit()->columns["Assignee"] = "rich_text";
  reading.notion.edit()->columns.erase("ID");
  EXPECT_EQ(said(reading),
            "The column \"Assignee\" has the type \"rich_text\", and must have \"people\". The "
            "database has no column \"ID\": add one of the type \"unique_id\", or name another one "
            "in \"column_names\" of NOTION_CONFIG. There is a column \"Sentry Link\", and the "
            "configuration says \"Sentry link\": write it the same way in both.");
}

TEST(NotionStart, NamesOptionsThatAreMissing) {
  NotionReading reading(NotionReading::Environment{{"NOTION_CONFIG", following_config()}});
  reading.notion.edit()->options = {"Unresolved", "Done", "Archived"};
  EXPECT_EQ(said(reading),
            "The column \"Status\" has no option \"Resolved\": add it, or say in "
            "\"status_names\" of NOTION_CONFIG which option stands for \"resolved\".");
}

TEST(NotionStart, TellsOfADatabaseThatIsNotShown) {
  NotionReading reading(NotionReading::Environment{
      {"NOTION_CONFIG", R"({"database_id":"99999999999949998999999999999999"})"}});
  EXPECT_EQ(said(reading).substr(0, 69),
            "Notion knows no database \"99999999-9999-4999-8999-999999999999\", or d");
}

TEST(NotionStart, TellsOfATokenThatIsRefused) {
  NotionReading reading(NotionReading::Environment{{"NOTION_TOKEN", "wrong"}});
  EXPECT_EQ(
      said(reading),
      "Notion refuses the token of this service. Whoever runs it must set NOTION_TOKEN anew.");
}

TEST(NotionStart, AsksWhichOfSeveralDataSources) {
  NotionReading reading;
  reading.notion.edit()->sources.push_back({{"id", FakeNotion::kOtherSource}, {"name", "Bugs"}});
  EXPECT_EQ(said(reading),
            "The database has several data sources: \"Tasks\" "
            "(22222222-2222-4222-8222-222222222222), \"Bugs\" "
            "(33333333-3333-4333-8333-333333333333). Name one of them as "
            "\"data_source_id\" in NOTION_CONFIG.");
  NotionReading chosen(NotionReading::Environment{
      {"NOTION_CONFIG", std::string(R"({"database_id":")") + FakeNotion::kDatabase +
                            R"(","data_source_id":")" + FakeNotion::kSource + R"("})"}});
  chosen.notion.edit()->sources.push_back({{"id", FakeNotion::kOtherSource}, {"name", "Bugs"}});
  EXPECT_EQ(said(chosen), "nothing was wrong");
}

TEST(NotionStart, DoesNotWaitForANotionThatIsAway) {
  NotionReading reading;
  for (int i = 0; i < 2; ++i) reading.notion.fail({"GET /v1/users/me", 502, "", "<html>"});
  EXPECT_EQ(said(reading), "nothing was wrong");
}

}  // namespace
}  // namespace source_sentry
