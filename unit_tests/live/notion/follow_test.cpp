#include "live/notion/follow.h"

#include <gtest/gtest.h>

#include "fakes/notion_reading.h"

namespace source_sentry {
namespace {

using Json = nlohmann::json;

IssueChange change(const std::string& status, const std::string& last_seen,
                   const std::string& email = {}) {
  Json issue = {{"id", "42"},
                {"permalink", "https://acme.example.com/issues/42/"},
                {"status", status},
                {"lastSeen", last_seen},
                {"assignedTo", nullptr}};
  if (!email.empty()) issue["assignedTo"] = {{"type", "user"}, {"name", "A."}, {"email", email}};
  return *issue_change({{"issue", issue}}, status, kNow);
}

class FollowTest : public testing::Test {
 protected:
  Json column(const Json& page, const std::string& name) {
    return reading.notion.page(page["id"])["properties"].value(name, Json());
  }
  void follow(IssueChange given) {
    reading.service->follow(std::move(given));
    reading.service->wait_for_pages();
  }

  NotionReading reading{{{"NOTION_CONFIG", following_config()}}};
};

TEST_F(FollowTest, ChangesThePagesOfTheIssue) {
  const Json page =
      reading.notion.add_page("A", "https://example.com/organizations/acme/issues/42/?x=1");
  const Json other = reading.notion.add_page("B", "https://example.com/issues/421/");
  const Json foreign = reading.notion.add_page("C", "https://sentry.other.org/issues/42/");
  follow(change("resolved", "2026-01-03T03:04:05.123456+00:00", "ADA@example.com"));
  EXPECT_EQ(column(page, "Status")["status"]["name"], "Resolved");
  EXPECT_EQ(column(page, "In Sentry")["people"][0]["id"], "b0000000-0000-4000-8000-000000000001");
  EXPECT_EQ(column(page, "Last seen")["date"]["start"], "2026-01-03T03:04:05Z");
  EXPECT_TRUE(column(other, "Status").is_null());
  EXPECT_TRUE(column(foreign, "Status").is_null());
  follow(change("ignored", "2026-01-03T03:04:06Z"));
  EXPECT_EQ(column(page, "Status")["status"]["name"], "Archived");
  EXPECT_EQ(column(page, "In Sentry")["people"], Json::array());
}

TEST_F(FollowTest, LetsNoOlderWebhookUndoANewerOne) {
  const Json page = reading.notion.add_page("A", "https://acme.example.com/issues/42/");
  follow(change("resolved", "2026-01-03T03:04:06Z"));
  follow(change("unresolved", "2026-01-03T03:04:05Z"));
  EXPECT_EQ(column(page, "Status")["status"]["name"], "Resolved");
}

TEST_F(FollowTest, MergesWhatComesWhileNotionIsAsked) {
  reading.notion.add_page("A", "https://acme.example.com/issues/42/");
  reading.notion.hold("PATCH");
  reading.service->follow(change("unresolved", "2026-01-03T03:04:05Z"));
  reading.notion.await_held();
  for (int i = 0; i < 9; ++i) {
    reading.service->follow(change("resolved", "2026-01-03T03:04:1" + std::to_string(i) + "Z"));
  }
  reading.notion.release();
  reading.service->wait_for_pages();
  EXPECT_EQ(reading.notion.count("PATCH"), 2);
}

TEST_F(FollowTest, WaitsAsLongAsNotionAsks) {
  const Json page = reading.notion.add_page("A", "https://acme.example.com/issues/42/");
  reading.notion.fail({"PATCH", 429, "90", R"({"code":"rate_limited"})"});
  follow(change("resolved", "2026-01-03T03:04:06Z"));
  EXPECT_EQ(column(page, "Status")["status"]["name"], "Resolved");
}

TEST_F(FollowTest, WaitsForANotionThatIsAway) {
  const Json page = reading.notion.add_page("A", "https://acme.example.com/issues/42/");
  for (int i = 0; i < 9; ++i) reading.notion.fail({"GET /v1/databases", 503});
  follow(change("resolved", "2026-01-03T03:04:06Z"));
  EXPECT_EQ(column(page, "Status")["status"]["name"], "Resolved");
  EXPECT_GT(reading.clock.now() - kNow, std::chrono::minutes(2));
}

TEST_F(FollowTest, AsksNothingWithoutColumnsForIt) {
  NotionReading plain;
  plain.service->follow(change("resolved", "2026-01-03T03:04:06Z"));
  plain.service->wait_for_pages();
  EXPECT_EQ(plain.notion.count("POST"), 0);
}

TEST(IssueChangeTest, TakesTheAssigneeOfTheAction) {
  const auto change = issue_change(
      {{"issue", {{"id", 42}, {"assignedTo", nullptr}}}, {"assignee", {{"name", "Ada"}}}},
      "assigned", kNow);
  EXPECT_EQ(change->issue_id, "42");
  EXPECT_EQ(change->assignee_name, "Ada");
  EXPECT_FALSE(issue_change({{"issue", "42"}}, "created", kNow));
  EXPECT_FALSE(issue_change(Json(), "created", kNow));
}

TEST(IssueChangeTest, OrdersWhatHappenedInOneSecond) {
  IssueChange resolved = change("resolved", "2026-01-03T03:04:06Z");
  const IssueChange created = *issue_change(
      {{"issue", {{"id", "42"}, {"lastSeen", "2026-01-03T03:04:06Z"}}}}, "created", kNow);
  EXPECT_TRUE(resolved.is_newer_than(created));
  EXPECT_FALSE(created.is_newer_than(resolved));
  EXPECT_FALSE(resolved.is_newer_than(resolved));
}

TEST(SameIssue, ComparesNumbersAndServers) {
  EXPECT_TRUE(is_same_issue("https://sentry.io/organizations/a/issues/42/", "42",
                            "https://a.sentry.io/issues/42/"));
  EXPECT_TRUE(is_same_issue("http://s:9000/o/issues/42", "42", "http://s:9000/o/issues/42/"));
  EXPECT_TRUE(is_same_issue("https://any/issues/42/", "42", ""));
  EXPECT_FALSE(is_same_issue("https://evilsentry.io/issues/42/", "42", "https://sentry.io/"));
  EXPECT_FALSE(is_same_issue("https://sentry.io/issues/421/", "42", "https://sentry.io/"));
}

}  // namespace
}  // namespace source_sentry
