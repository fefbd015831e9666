#include "live/doctor/integration.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace source_sentry {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

Integration healthy() {
  return {.name = "Bridge",
          .slug = "bridge-1a2b",
          .webhook_url = "https://hooks.example.com/",
          .events = {"comment", "error", "issue"},
          .scopes = {"event:read", "org:read"},
          .is_alertable = true,
          .has_issue_links = true};
}

TEST(Integrations, AreReadFromSentrysList) {
  const Integration read = read_integration(nlohmann::json::parse(R"({
    "name": "Bridge", "slug": "bridge", "webhookUrl": "https://h/x", "events": ["issue", 3],
    "scopes": ["event:read"], "isAlertable": true, "isDisabled": true,
    "schema": {"elements": [{"type": "stacktrace-link"}, {"type": "issue-link"}]}})"));
  EXPECT_EQ(read.name, "Bridge");
  EXPECT_EQ(read.webhook_url, "https://h/x");
  EXPECT_THAT(read.events, ElementsAre("issue"));
  EXPECT_TRUE(read.is_alertable && read.is_disabled && read.has_issue_links);
  const Integration empty = read_integration(
      nlohmann::json::parse(R"({"name": null, "events": null, "schema": {}, "webhookUrl": null})"));
  EXPECT_TRUE(empty.webhook_url.empty() && empty.events.empty() && !empty.has_issue_links);
}

TEST(Integrations, AreFoundByTheirUrlHoweverItIsWritten) {
  EXPECT_TRUE(is_same_url("https://H.example.com:443/Hook/", "HTTPS://h.example.com/Hook"));
  EXPECT_TRUE(is_same_url("http://h:80", "http://h/"));
  EXPECT_FALSE(is_same_url("https://h/hook", "https://h/Hook"));
  EXPECT_FALSE(is_same_url("https://h/", "http://h/"));
  EXPECT_FALSE(is_same_url("https://h:8443/", "https://h/"));
}

TEST(Diagnosis, OfAHealthyOneFindsNothingWrong) {
  const Diagnosis found = diagnosis_of(healthy(), {}, true);
  EXPECT_THAT(found.wrong, IsEmpty());
  EXPECT_THAT(found.missing, IsEmpty());
  EXPECT_THAT(found.well, Contains(HasSubstr("comment, error, issue")));
}

TEST(Diagnosis, TellsWhatIsNotSubscribedTo) {
  Integration of = healthy();
  of.events = {"issue"};
  of.is_alertable = false;
  const Diagnosis found = diagnosis_of(of, {}, false);
  EXPECT_THAT(found.wrong, IsEmpty());
  EXPECT_THAT(found.missing, Contains(HasSubstr("not subscribed to comment, error")));
  EXPECT_THAT(found.missing, Contains(HasSubstr("Alert Rule Action")));
}

TEST(Diagnosis, TellsThatSentryHasUnsubscribedIt) {
  Integration of = healthy();
  of.events.clear();
  of.scopes.clear();
  of.is_disabled = true;
  const Diagnosis found = diagnosis_of(of, {}, false);
  EXPECT_THAT(found.wrong, Contains(HasSubstr("unsubscribed")));
  EXPECT_THAT(found.wrong, Contains(HasSubstr("Issue & Event: Read")));
  EXPECT_THAT(found.wrong, Contains(HasSubstr("switched its webhooks off")));
}

TEST(Diagnosis, WantsIssueLinksForNotionOnly) {
  Integration of = healthy();
  of.has_issue_links = false;
  EXPECT_THAT(diagnosis_of(of, {}, false).wrong, IsEmpty());
  EXPECT_THAT(diagnosis_of(of, {}, true).wrong, ElementsAre(HasSubstr("ui-schema")));
}

TEST(Diagnosis, CountsTheFailuresThatSentryHasLogged) {
  const Diagnosis found = diagnosis_of(
      healthy(), {{"2026-01-03 04:00:00", "issue.created", 0}, {"2026-01-02", "x", 401}}, false);
  EXPECT_THAT(found.wrong,
              ElementsAre(AllOf(HasSubstr("2 failed requests, 1 of them without"),
                                HasSubstr("issue.created at 2026-01-03 04:00:00, no"))));
  EXPECT_THAT(found.well, Not(Contains(HasSubstr("no failure"))));
}

}  // namespace
}  // namespace source_sentry
