#include "sentry/streams/explore/field_types.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace source_sentry {
namespace {

using Json = nlohmann::json;

Json property_by(const char* type) {
  const Json answer = {{"data", Json::array()}, {"meta", {{"fields", {{"x", type}}}}}};
  return Json::parse(*rows_typed_by(answer.dump(), {"x"}))["properties"]["x"];
}

TEST(FieldTypes, AreThoseOfTheAnswer) {
  EXPECT_EQ(property_by("string"), Json::parse(R"({"type": ["null", "string"]})"));
  EXPECT_EQ(property_by("date"),
            Json::parse(R"({"type": ["null", "string"], "format": "date-time"})"));
  EXPECT_EQ(property_by("integer"), Json::parse(R"({"type": ["null", "integer"]})"));
  EXPECT_EQ(property_by("boolean"), Json::parse(R"({"type": ["null", "boolean"]})"));
  for (const char* number : {"number", "duration", "size", "rate", "percentage"}) {
    EXPECT_EQ(property_by(number), Json::parse(R"({"type": ["null", "number"]})")) << number;
  }
  EXPECT_EQ(property_by("array")["type"], Json::parse(R"(["null", "array"])"));
  EXPECT_TRUE(property_by("array")["items"].contains("type"));
  EXPECT_EQ(property_by("something new"), Json::parse(R"({"type": ["null", "string"]})"));
}

TEST(FieldTypes, TakeInWhatComesUnasked) {
  const auto schema = rows_typed_by(
      R"({"data":[],"meta":{"fields":{"id":"string","project.name":"string"}}})", {"id", "gone"});
  const Json properties = Json::parse(schema.value())["properties"];
  EXPECT_EQ(properties.size(), 3U);
  EXPECT_TRUE(properties.contains("project.name"));
  EXPECT_EQ(properties["gone"]["type"], Json::parse(R"(["null", "string"])"));
}

TEST(FieldTypes, AreUnknownWhereTheAnswerIsNone) {
  for (const char* answer : {"", "[]", "{}", R"({"data":[],"meta":{"tips":{}}})", "<html>"}) {
    EXPECT_FALSE(rows_typed_by(answer, {"id"})) << answer;
  }
  const Json open = Json::parse(untyped_rows({"a.b"}))["properties"]["a.b"];
  EXPECT_EQ(open["type"], Json::parse(R"(["null", "string", "number", "boolean"])"));
}

}  // namespace
}  // namespace source_sentry
