#include "protocol/catalog.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "base/error.h"

namespace source_sentry {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::vector<ConfiguredStream> read(const char* text) {
  return read_catalog(nlohmann::json::parse(text));
}

std::string refusal(const char* text) {
  try {
    read(text);
  } catch (const ConnectorError& error) {
    EXPECT_EQ(error.kind(), FailureKind::kConfig);
    return error.message();
  }
  return "accepted";
}

TEST(Catalog, ReadsWhatPyAirbyteWrites) {
  const auto streams = read(R"({"streams":[{"stream":{"name":"issues","namespace":null,
    "json_schema":{"type":"object","properties":{"id":{},"title":{}}},
    "supported_sync_modes":["full_refresh","incremental"]},"sync_mode":"incremental",
    "destination_sync_mode":"overwrite","cursor_field":null,"primary_key":[["id"]],
    "generation_id":1,"minimum_generation_id":1,"sync_id":1,"whatever":{}},
    {"stream":{"name":"projects","json_schema":{}},"sync_mode":"full_refresh"}]})");
  ASSERT_EQ(streams.size(), 2U);
  EXPECT_EQ(streams[0].name, "issues");
  EXPECT_EQ(streams[0].sync_mode, SyncMode::kIncremental);
  EXPECT_THAT(streams[0].fields, ElementsAre("id", "title"));
  EXPECT_EQ(streams[1].sync_mode, SyncMode::kFullRefresh);
  EXPECT_THAT(streams[1].fields, testing::IsEmpty());
}

TEST(Catalog, AcceptsNoStreamsAtAll) { EXPECT_TRUE(read(R"({"streams":[]})").empty()); }

TEST(Catalog, LeavesTheDestinationsBusinessToIt) {
  for (const char* mode : {R"("invented_next_year")", "7", "null", "{}"}) {
    const auto catalog = nlohmann::json::parse(R"({"streams":[{"stream":{"name":"a"},
        "sync_mode":"incremental","destination_sync_mode":)" +
                                               std::string(mode) + "}]}");
    EXPECT_EQ(read_catalog(catalog).size(), 1U) << mode;
  }
}

TEST(Catalog, KnowsWhereADestinationRemovesDuplicates) {
  const auto keys = [](const std::string& mode, const std::string& key) {
    return read((R"({"streams":[{"stream":{"name":"a"},"sync_mode":"incremental",)"
                 R"("destination_sync_mode":")" +
                 mode + R"(","primary_key":)" + key + "}]}")
                    .c_str())
        .front()
        .deduplicated_by;
  };
  const std::string both = R"([["projectID"],["id"]])";
  EXPECT_THAT(keys("append_dedup", both), ElementsAre("projectID", "id"));
  EXPECT_THAT(keys("overwrite_dedup", R"([["id"]])"), ElementsAre("id"));
  EXPECT_THAT(keys("append", both), testing::IsEmpty());
  for (const char* other : {"null", "[]", "{}", "7", R"(["id"])", R"([["user","id"]])", "[[7]]"}) {
    EXPECT_THAT(keys("append_dedup", other), testing::IsEmpty()) << other;
  }
}

TEST(Catalog, NamesThePlaceOfTheMistake) {
  EXPECT_THAT(refusal("[]"), HasSubstr("document is not an object"));
  EXPECT_THAT(refusal("{}"), HasSubstr("streams is not a list"));
  EXPECT_THAT(refusal(R"({"streams":[7]})"), HasSubstr("streams[0] is not an object"));
  EXPECT_THAT(refusal(R"({"streams":[{"sync_mode":"incremental"}]})"),
              HasSubstr("streams[0].stream is missing"));
  EXPECT_THAT(refusal(R"({"streams":[{"stream":{"name":null},"sync_mode":"incremental"}]})"),
              HasSubstr("streams[0].stream.name is missing"));
  EXPECT_THAT(refusal(R"({"streams":[{"stream":{"name":"a"},"sync_mode":"INVALID"}]})"),
              HasSubstr("streams[0].sync_mode is \"INVALID\""));
  EXPECT_THAT(refusal(R"({"streams":[{"stream":{"name":"a"},"sync_mode":"incremental"},
                          {"stream":{"name":"a"},"sync_mode":"incremental"}]})"),
              HasSubstr("streams[1].stream.name repeats \"a\""));
}

}  // namespace
}  // namespace source_sentry
