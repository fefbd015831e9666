#include "sentry/explore_config.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "fakes/message_of.h"

namespace source_sentry {
namespace {

using Json = nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

Json document_with(const Json& streams) { return {{"explore_streams", streams}}; }

Json spans() { return {{"name", "mine"}, {"dataset", "spans"}, {"fields", {"span.op"}}}; }

std::string refused_entry(const Json& change) {
  Json entry = spans();
  entry.update(change);
  return message_of([&] { read_explore_streams(document_with(Json::array({entry}))); });
}

TEST(ExploreConfig, IsEmptyWhereNothingIsChosen) {
  EXPECT_THAT(read_explore_streams(Json::object()), IsEmpty());
  EXPECT_THAT(read_explore_streams(document_with(nullptr)), IsEmpty());
}

TEST(ExploreConfig, ReadsWhatAStreamIsMadeOf) {
  Json entry = spans();
  entry.update(
      {{"query", " span.duration:>1s "}, {"projects", {"7", "12"}}, {"environment", "prod"}});
  const auto streams = read_explore_streams(document_with(Json::array({entry})));
  ASSERT_THAT(streams, SizeIs(1));
  EXPECT_EQ(streams[0].place, "explore_streams[0]");
  EXPECT_EQ(streams[0].query, "span.duration:>1s");
  EXPECT_THAT(streams[0].projects, ElementsAre("7", "12"));
  EXPECT_THAT(streams[0].environments, ElementsAre("prod"));
}

TEST(ExploreConfig, AddsTheKeyAndTheTimesUnlessTheyAreChosen) {
  const auto asked = [](const char* dataset, std::vector<std::string> fields) {
    return asked_fields({.place = {}, .name = {}, .dataset = dataset, .fields = fields});
  };
  EXPECT_THAT(asked("spans", {"id", "span.op"}),
              ElementsAre("trace", "timestamp", "id", "span.op"));
  EXPECT_THAT(asked("logs", {"message"}),
              ElementsAre("sentry.item_id", "timestamp", "timestamp_precise", "message"));
  EXPECT_THAT(asked("errors", {"title"}), ElementsAre("project", "id", "timestamp", "title"));
}

TEST(ExploreConfig, NamesThePlaceOfAMistake) {
  EXPECT_THAT(refused_entry({{"name", "9lives"}}), HasSubstr("'explore_streams[0].name' is"));
  EXPECT_THAT(refused_entry({{"name", std::string(64, 'a')}}), HasSubstr("63 of them at most"));
  EXPECT_THAT(refused_entry({{"dataset", "profile_functions"}}), HasSubstr("no rows to read"));
  EXPECT_THAT(refused_entry({{"fields", {"p95(span.duration)"}}}), HasSubstr("is a function"));
  EXPECT_THAT(refused_entry({{"fields", {"a", "a"}}}), HasSubstr("holds a twice"));
  EXPECT_THAT(refused_entry({{"fields", {true}}}), HasSubstr("it holds true or false"));
  EXPECT_THAT(refused_entry({{"query", 1}}), HasSubstr("'explore_streams[0].query' must be"));
  EXPECT_THAT(refused_entry({{"projects", {"web", "7"}}}), HasSubstr("[0].projects' names"));
  EXPECT_THAT(refused_entry({{"interval", "1d"}}), HasSubstr("[0].interval' is unknown"));
  EXPECT_EQ(refused_entry({{"mode", "samples"}}), "nothing was wrong");
}

TEST(ExploreConfig, TakesTwentyFieldsWithThoseThatAreAdded) {
  std::vector<std::string> fields;
  for (int i = 0; i < 17; ++i) fields.push_back("f" + std::to_string(i));
  EXPECT_EQ(refused_entry({{"fields", fields}}), "nothing was wrong");
  fields.emplace_back("one.more");
  EXPECT_THAT(refused_entry({{"fields", fields}}),
              HasSubstr("holds 18 fields, and trace, id, timestamp are always asked for, too"));
}

TEST(ExploreConfig, TellsOfAllMistakesAtOnce) {
  Json bad = spans();
  bad.update({{"name", ""}, {"dataset", "spam"}});
  const std::string said = message_of([&] {
    read_explore_streams(document_with(Json::array({spans(), bad, spans(), 4})));
  });
  for (const char* place : {"[1].name' is empty", "[1].dataset' is \"spam\"",
                            "[2].name' is \"mine\", which is the name of explore_streams[0], too",
                            "[3]' must be an object"}) {
    EXPECT_THAT(said, HasSubstr(place));
  }
}

}  // namespace
}  // namespace source_sentry
