#include "sentry/source/schema_view.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

namespace source_sentry {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const auto kSchema = nlohmann::ordered_json::parse(R"({"type": "object", "properties": {
  "id": {"type": ["null", "string"]},
  "count": {"type": ["null", "integer"]},
  "score": {"type": ["null", "number"]},
  "seen": {"type": ["null", "string"], "format": "date-time"},
  "either": {"type": ["null", "object", "string"]},
  "open": {"type": ["null", "object"]},
  "user": {"type": ["null", "object"], "properties": {"name": {"type": ["null", "string"]}}},
  "tags": {"type": ["null", "array"],
           "items": {"type": ["null", "object"], "properties": {"key": {"type": "string"}}}}}})");

std::vector<std::string> differences(const SchemaView& view) {
  std::vector<std::string> list;
  for (const auto& one : view.differences) {
    list.push_back(one.key + ": " + one.found + " for " + one.schema + ", " +
                   std::to_string(one.records));
  }
  return list;
}

TEST(SchemaView, FindsNothingInRecordsThatFit) {
  const SchemaView view = schema_view(
      kSchema, {R"({"id":"1","count":2,"score":3,"seen":"2026-01-01T00:00:00Z","either":"x"})",
                R"({"id":null,"count":2.0,"score":1.5,"either":{"x":1},"open":{"any":{"key":1}},
                    "user":{"name":null},"tags":[{"key":"a"},null]})"});
  EXPECT_THAT(view.unknown, IsEmpty());
  EXPECT_THAT(differences(view), IsEmpty());
  EXPECT_EQ(view.known, 8U);
  EXPECT_EQ(view.missing, 0U);
}

TEST(SchemaView, NamesWhatTheSchemaDoesNotKnow) {
  const SchemaView view = schema_view(
      kSchema, {R"({"id":1,"new":2,"user":{"name":"x","age":3},"tags":[{"value":1}]})",
                R"({"id":2,"tags":[{"value":2,"key":1},{"key":2}],"seen":"yesterday"})"});
  EXPECT_THAT(view.unknown, ElementsAre("new", "tags[].value", "user.age"));
  EXPECT_THAT(differences(view), ElementsAre("id: integer for string, 2",
                                             "seen: text that is not a time for string, 1",
                                             "tags[].key: integer for string, 1"));
  EXPECT_EQ(view.missing, 4U) << "count, score, either, open";
}

}  // namespace
}  // namespace source_sentry
