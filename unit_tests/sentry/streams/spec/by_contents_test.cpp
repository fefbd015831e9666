#include "sentry/streams/spec/by_contents.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace source_sentry {
namespace {

using Json = nlohmann::json;

constexpr const char* kRow =
    R"({"id":"7","name":"Zoë","flags":{"sso":true},"access":["a","b","c"],"level":1,)"
    R"("teams":[{"slug":"web","scopes":["x","y"]},{"slug":"api"}],"limits":[2,1],"none":null})";

bool same(std::string_view a, std::string_view b, const std::vector<std::string>& unstable = {}) {
  return contents_hash(a, unstable) == contents_hash(b, unstable);
}

TEST(ByContents, TheOrderOfMembersAndOfTextsDoesNotMatter) {
  EXPECT_TRUE(same(kRow, kRow));
  EXPECT_TRUE(same(
      kRow,
      R"({ "none":null, "limits":[2,1],"teams":[{"scopes":["y","x"],"slug":"web"},{"slug":"api"}],)"
      R"("level":1,"access":["c","a","b"],"flags":{"sso":true},"name":"Zo\u00eb","id":"7"})"));
}

TEST(ByContents, EverythingElseMatters) {
  const std::pair<const char*, Json> changes[] = {
      {"/id", 7},
      {"/name", "Zoe"},
      {"/flags/sso", false},
      {"/flags/mfa", true},
      {"/access", {"a", "b"}},
      {"/access", {"a", "b", "c", "c"}},
      {"/access", {"ab", "c"}},
      {"/access", "a"},
      {"/level", 1.0},
      {"/level", "1"},
      {"/none", ""},
      {"/teams/0/slug", "app"},
      {"/teams/0/scopes", {"x", "z"}},
      {"/teams", {{{"slug", "api"}}, {{"slug", "web"}, {"scopes", {"x", "y"}}}}},
      {"/limits", {1, 2}},
      {"/new", nullptr},
  };
  for (const auto& [place, value] : changes) {
    Json after = Json::parse(kRow);
    after[Json::json_pointer(place)] = value;
    EXPECT_FALSE(same(kRow, after.dump())) << place << " " << value;
  }
  Json after = Json::parse(kRow);
  after.erase("none");
  EXPECT_FALSE(same(kRow, after.dump())) << "null is not the same as nothing";
}

TEST(ByContents, WhatIsUnstableDoesNotMatterAtAnyDepthAndInEachEntryOfAnArray) {
  constexpr std::string_view kBefore =
      R"({"id":"7","seen":"then","user":{"name":"a","lastActive":"then"},)"
      R"("env":[{"name":"prod","at":{"last":"then"}},{"name":"dev","at":{"last":"then"}}]})";
  const std::vector<std::string> unstable = {"seen", "user.lastActive", "env.at.last", "no.such"};
  const auto after = [&](const char* place, const Json& value) {
    Json row = Json::parse(kBefore);
    row[Json::json_pointer(place)] = value;
    return row.dump();
  };
  for (const char* place : {"/seen", "/user/lastActive", "/env/0/at/last", "/env/1/at/last"}) {
    EXPECT_TRUE(same(kBefore, after(place, "now"), unstable)) << place;
    EXPECT_FALSE(same(kBefore, after(place, "now"))) << place;
  }
  for (const char* place : {"/id", "/user/name", "/user/seen", "/env/1/name", "/env/0/last"}) {
    EXPECT_FALSE(same(kBefore, after(place, "now"), unstable)) << place;
  }
  EXPECT_TRUE(same(kBefore,
                   R"({"id":"7","user":{"name":"a"},)"
                   R"("env":[{"name":"prod","at":{}},{"name":"dev","at":{}}]})",
                   unstable))
      << "nor does it whether it is there";
  EXPECT_FALSE(same(kBefore, after("/user", "a name"), unstable));
}

TEST(ByContents, WhatIsTooLargeForANumberIsComparedAsItIs) {
  EXPECT_TRUE(same(R"({"n":1e999})", R"({"n":1e999})"));
  EXPECT_FALSE(same(R"({"n":1e999})", R"({"n":2e999})"));
}

TEST(ByContents, APlanKnowsRowsAndSaysWhatIsGone) {
  const StreamSpec spec{.name = "apps",
                        .primary_key = {"projectId", "uuid"},
                        .injected = {{"projectId", "{project_id}"}},
                        .by_contents = true,
                        .unstable = {"seen"}};
  PartitionPlan plan;
  know_by_contents(spec, plan);
  EXPECT_EQ(plan.fingerprint(R"({"uuid":"a","seen":1})", {}),
            plan.fingerprint(R"({"uuid":"a"})", {}));
  EXPECT_NE(plan.fingerprint(R"({"uuid":"a"})", {}), plan.fingerprint(R"({"uuid":"b"})", {}));
  EXPECT_EQ(plan.gone("a\"b"), R"({"uuid":"a\"b","_deleted":true})");
  EXPECT_EQ(spec.state_key(), "listed");
}

/// As the record had it, so that the two are one row of a table.
TEST(ByContents, ANumberIsGoneAsANumber) {
  const StreamSpec spec{.name = "actions", .by_contents = true, .id_is_number = true};
  PartitionPlan plan;
  know_by_contents(spec, plan);
  EXPECT_EQ(plan.gone("4505000000000001"), R"({"id":4505000000000001,"_deleted":true})");
  EXPECT_EQ(plan.gone("none"), R"({"id":"none","_deleted":true})");
}

}  // namespace
}  // namespace source_sentry
