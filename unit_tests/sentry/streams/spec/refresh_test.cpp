#include "sentry/streams/spec/refresh.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "fakes/fake_clock.h"
#include "sentry/streams/plans.h"
#include "sentry/streams/table.h"

namespace source_sentry {
namespace {

using Json = nlohmann::json;

Json issue() {
  return Json::parse(R"({"id":"7","title":"Error","count":"12","userCount":3,
      "status":"unresolved","substatus":"ongoing","statusDetails":{},"priority":"high",
      "assignedTo":null,"numComments":0,"isPublic":false,"hasSeen":true,"annotations":[],
      "firstSeen":"2026-01-02T00:00:00Z","lastSeen":"2026-01-03T00:00:00Z",
      "lifetime":{"count":"40","firstSeen":"2025-12-01T10:00:00.25Z"}})");
}

bool tells_apart(const Json& a, const Json& b) {
  return issue_fingerprint(a.dump()) != issue_fingerprint(b.dump());
}

TEST(Refresh, AnIssueHasChangedWhenItsStateHas) {
  const Json before = issue();
  const std::pair<const char*, Json> changes[] = {
      {"status", "resolved"},
      {"substatus", "escalating"},
      {"statusDetails", {{"inNextRelease", true}}},
      {"statusDetails", {{"inCommit", {{"id", "abc"}}}}},
      {"priority", "low"},
      {"assignedTo", {{"type", "user"}, {"id", "1"}}},
      {"numComments", 1},
      {"isPublic", true},
      {"annotations", {{{"displayName", "ACME-1"}}}},
      {"lastSeen", "2026-01-04T00:00:00Z"}};
  for (const auto& [key, value] : changes) {
    Json after = before;
    after[key] = value;
    EXPECT_TRUE(tells_apart(before, after)) << key;
  }
}

TEST(Refresh, AnIssueHasNotChangedWithItsCountsAndPeople) {
  Json before = issue();
  before["assignedTo"] = {{"type", "user"}, {"id", "1"}, {"name", "Zoë"}};
  before["statusDetails"] = {{"inCommit", {{"id", "abc"}, {"author", {{"lastActive", "then"}}}}},
                             {"actor", {{"lastActive", "then"}}}};
  for (const char* key : {"count", "userCount", "hasSeen", "lifetime", "title"}) {
    Json after = before;
    after[key] = "other";
    EXPECT_FALSE(tells_apart(before, after)) << key;
  }
  Json after = before;
  after["assignedTo"]["name"] = "Zoe";
  after["statusDetails"]["inCommit"]["author"]["lastActive"] = "now";
  after["statusDetails"]["actor"]["lastActive"] = "now";
  EXPECT_FALSE(tells_apart(before, after));
}

TEST(Refresh, AReleaseHasChangedWithAllButItsPeoplesParticulars) {
  const Json before = {{"id", 3},
                       {"deployCount", 1},
                       {"authors", {{{"lastActive", "then"}}}},
                       {"owner", {{"id", "1"}, {"lastLogin", "then"}}}};
  const auto differs = [&](const Json& after) {
    return release_fingerprint(before.dump()) != release_fingerprint(after.dump());
  };
  Json after = before;
  after["authors"][0]["lastActive"] = after["owner"]["lastLogin"] = "now";
  EXPECT_FALSE(differs(after));
  after["owner"]["id"] = "2";
  EXPECT_TRUE(differs(after));
  after = before;
  after["deployCount"] = 2;
  EXPECT_TRUE(differs(after));
  after = before;
  after["lastDeploy"] = nullptr;
  EXPECT_TRUE(differs(after));
}

class RefreshPlan : public testing::Test {
 protected:
  PartitionPlan plan(const char* stream, const char* option) {
    Json document = {{"auth_token", "t0ken"}, {"organization", "acme"}, {"project", "web"}};
    if (option != nullptr) document[option] = "P2D";
    config_ = read_config(Json::parse(document.dump()), false);
    const Selection selection{{{"web", "4507"}}, kNow, {}};
    return plan_stream(*find_stream(stream), config_, selection, lookup_, {}).plans.at(0);
  }

  Config config_;
  FakeClock clock_;
  ProjectLookup lookup_{config_, clock_};
};

TEST_F(RefreshPlan, IsMadeOnlyWhereItIsAskedFor) {
  for (const char* stream : {"issues", "releases", "events", "projects"}) {
    EXPECT_FALSE(plan(stream, nullptr).fingerprint) << stream;
  }
  EXPECT_FALSE(plan("releases", "issues_refresh").fingerprint);
  EXPECT_FALSE(plan("issues", "releases_refresh").fingerprint);
  const PartitionPlan releases = plan("releases", "releases_refresh");
  EXPECT_TRUE(releases.fingerprint);
  EXPECT_EQ(releases.tail, std::chrono::days(2));
  EXPECT_FALSE(releases.sweep);
  EXPECT_EQ(plan("issues", "issues_refresh").sweep->every, std::chrono::days(2));
}

TEST_F(RefreshPlan, AsksForIssuesByCreationAndById) {
  const SweepPlan sweep = *plan("issues", "issues_refresh").sweep;
  const Window window{kBeginningOfTime, *parse_instant("2026-01-02T00:00:00Z")};
  ASSERT_EQ(sweep.lists.size(), 6U) << "one for each way to ask";
  EXPECT_EQ(sweep.lists[0].target(sweep.lists[0].query, &window, ""),
            "organizations/acme/issues/?project=4507&sort=new&limit=100"
            "&query=firstSeen%3A%3C2026-01-02T00%3A00%3A00Z"
            "&start=2025-10-17T12%3A00%3A00Z&end=2026-01-15T12%3A00%3A00Z");
  EXPECT_EQ(sweep.lists[3].target(sweep.lists[3].query, &window, ""),
            "projects/acme/web/issues/?sort=new&limit=100"
            "&query=firstSeen%3A%3C2026-01-02T00%3A00%3A00Z");
  EXPECT_EQ(sweep.by_id[0]->query,
            "project=4507&limit=100"
            "&query=&collapse=stats&collapse=lifetime&collapse=filtered&collapse=unhandled");
  EXPECT_FALSE(sweep.by_id[3]);
  EXPECT_FALSE(sweep.lists[1].window_query) << "what cannot be searched is not swept";
}

TEST_F(RefreshPlan, KnowsAnIssuesOwnTimeAndItsEnd) {
  const SweepPlan sweep = *plan("issues", "issues_refresh").sweep;
  Json row = issue();
  EXPECT_EQ(sweep.created(row.dump()), parse_instant("2025-12-01T10:00:00.25Z"));
  EXPECT_FALSE(sweep.is_going(row.dump()));
  row.erase("lifetime");
  EXPECT_EQ(sweep.created(row.dump()), parse_instant("2026-01-02T00:00:00Z"));
  for (const char* status : {"pending_deletion", "deletion_in_progress", "pending_merge"}) {
    row["status"] = status;
    EXPECT_TRUE(sweep.is_going(row.dump())) << status;
  }
  EXPECT_EQ(sweep.marker("7", kNow),
            R"({"id":"7","status":"deleted","lastSeen":"2026-01-15T12:00:00.000000Z",)"
            R"("project":{"slug":"web","id":"4507"}})");
}

}  // namespace
}  // namespace source_sentry
