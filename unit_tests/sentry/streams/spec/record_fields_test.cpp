#include "sentry/streams/spec/record_fields.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "fakes/message_of.h"
#include "sentry/streams/table.h"

namespace source_sentry {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(RecordFields, AreLeftOutAndTheRestStaysAsItCame) {
  const RecordTransform transform = leave_out({"email", "user"});
  EXPECT_EQ(
      transform(R"({"email":"a@b","id":"1","user":{"id":2},"n":1.50,"s":"Zo\u00eb é"})").json(),
      R"({"id":"1","n":1.50,"s":"Zo\u00eb é"})");
  EXPECT_EQ(transform(R"({"id":"1","inner":{"email":"a@b"}})").json(),
            R"({"id":"1","inner":{"email":"a@b"}})")
      << "only at the top";
  EXPECT_EQ(transform(R"({"email":1,"email":2,"id":"1"})").json(), R"({"id":"1"})");
  EXPECT_EQ(transform(R"({"user":null})").json(), "{}");
}

TEST(RecordFields, OfObjectsThatAreOtherRecordsOnlyTheIdIsKept) {
  const RecordTransform transform = tidy_members({"issue", "latestEvent"}, {}, {});
  EXPECT_EQ(
      transform(R"({"id":"1", "issue":{"title":"x","id":"7","user":{"id":"8"}},"n":{"a":1} })")
          .json(),
      R"({"id":"1", "issue":{"id":"7"},"n":{"a":1} })");
  EXPECT_EQ(transform(R"({"issue":{"title":"x"},"latestEvent":{"id":9}})").json(),
            R"({"issue":{},"latestEvent":{"id":9}})");
  for (const char* as_it_is :
       {R"({"issue":null})", R"({"issue":"7"})", R"({"issue":[{"a":1}]})", R"({"id":"1"})"}) {
    EXPECT_FALSE(transform(as_it_is).is_changed()) << as_it_is;
  }
}

TEST(RecordFields, ThatAreObjectsAreNeverAnythingElse) {
  const RecordTransform transform = tidy_members({}, {"owner"}, {});
  const std::pair<const char*, const char*> kOwners[] = {
      {R"({"a":"x","id":"7"})", R"({"a":"x","id":"7"})"},
      {"null", "null"},
      {"[]", "null"},
      {R"("")", "null"},
      {"false", "null"},
      {"7", R"({"id":"7"})"},
      {R"("user:7")", R"({"id":"user:7"})"}};
  for (const auto& [before, after] : kOwners) {
    const std::string row = R"({"id":"1", "owner" : )" + std::string(before) + R"( ,"more":[]})";
    const Transformed made = transform(row);
    EXPECT_EQ(made.is_changed() ? made.json() : row,
              R"({"id":"1", "owner" : )" + std::string(after) + R"( ,"more":[]})");
  }
}

TEST(RecordFields, ThatAreTextsAreNeverNumbers) {
  const RecordTransform transform = tidy_members({}, {}, {"event"});
  EXPECT_EQ(transform(R"({"event": 120,"n":7})").json(), R"({"event": "120","n":7})");
  EXPECT_EQ(transform(R"({"event":-1})").json(), R"({"event":"-1"})");
  for (const char* as_it_is : {R"({"event":"7"})", R"({"event":null})"}) {
    const Transformed made = transform(as_it_is);
    EXPECT_EQ(made.is_changed() ? made.json() : as_it_is, as_it_is);
  }
}

TEST(RecordFields, AreChangedByOneTransformAfterTheOther) {
  const RecordTransform first = [](std::string_view record) {
    if (record.find("unwanted") != std::string_view::npos) return Transformed::left_out();
    if (record.find("plain") != std::string_view::npos) return Transformed::as_it_is();
    return Transformed::into(R"({"id":"2","email":"made","more":1})");
  };
  const RecordTransform both = in_turn(first, leave_out({"email"}));
  EXPECT_EQ(both(R"({"id":"1"})").json(), R"({"id":"2","more":1})");
  EXPECT_EQ(both(R"({"id":"plain","email":"x"})").json(), R"({"id":"plain"})");
  EXPECT_TRUE(both(R"({"id":"unwanted"})").is_left_out());
  const RecordTransform kept = in_turn(first, tidy_members({"issue"}, {}, {}));
  EXPECT_EQ(kept(R"({"id":"1"})").json(), R"({"id":"2","email":"made","more":1})")
      << "what the second leaves as it is";
  EXPECT_FALSE(kept(R"({"id":"plain"})").is_changed());
  EXPECT_EQ(in_turn(nullptr, leave_out({"a"}))(R"({"a":1,"b":2})").json(), R"({"b":2})");
}

class ExcludedByConfig : public testing::Test {
 protected:
  static Config config(const nlohmann::json& excluded) {
    return read_config(
        {{"auth_token", "t"}, {"organization", "acme"}, {"exclude_fields", excluded}}, false);
  }
  static std::string refusal(const char* stream, const char* field) {
    const Config of = config({std::string(stream) + "." + field});
    return message_of([&] { check_excluded(*find_stream(stream), of); });
  }
};

TEST_F(ExcludedByConfig, AreThoseOfTheStreamItself) {
  const Config of = config({"teams.avatar", "teams.name", "events.user"});
  EXPECT_THAT(excluded_from(*find_stream("teams"), of), ElementsAre("avatar", "name"));
  EXPECT_THAT(excluded_from(*find_stream("issues"), of), IsEmpty());
}

TEST_F(ExcludedByConfig, ArePossibleUnlessTheyTellRecordsApartOrOrderThem) {
  EXPECT_EQ(refusal("events", "user"), "nothing was wrong");
  EXPECT_EQ(refusal("organization_members", "email"), "nothing was wrong");
  const std::pair<const char*, const char*> kNeeded[] = {
      {"teams", "id"},         {"events", "dateCreated"},     {"events", "dateReceived"},
      {"events", "projectID"}, {"team_members", "teamId"},    {"event_tags", "key"},
      {"sentry_apps", "uuid"}, {"project_teams", "projectId"}};
  for (const auto& [stream, field] : kNeeded) {
    EXPECT_THAT(refusal(stream, field),
                AllOf(HasSubstr("'exclude_fields' names "),
                      HasSubstr(std::string(stream) + "." + field), HasSubstr("tells records")));
  }
}

/// The record that says that a row is gone would be nothing without it.
TEST_F(ExcludedByConfig, WhatSaysThatARecordIsGoneCannotBeLeftOut) {
  EXPECT_THAT(refusal("teams", "_deleted"), HasSubstr("teams._deleted"));
}

}  // namespace
}  // namespace source_sentry
