#include "json/salvage.h"

#include <gtest/gtest.h>

namespace source_sentry {
namespace {

struct Salvaged {
  bool usable = false;
  std::string ids;
  std::size_t not_objects = 0;
};

Salvaged salvage(const std::string& body) {
  RecordSplitter splitter("id", "when");
  RecordPage page;
  Salvaged result;
  result.usable = salvage_records(body, splitter, page);
  for (const RecordView& record : page.records) {
    result.ids.append(record.id).append("@").append(record.cursor).append(" ");
    EXPECT_GE(record.json.data(), body.data());
    EXPECT_LE(record.json.data() + record.json.size(), body.data() + body.size());
    EXPECT_EQ(record.json.front(), '{');
    EXPECT_EQ(record.json.back(), '}');
  }
  result.not_objects = page.not_objects;
  return result;
}

TEST(Salvage, KeepsWhatIsValidOnItsOwn) {
  for (const std::string bad : {"{\"id\":\"2\",\"n\":NaN}", "{\"id\":\"\xff\"}", "{'id':'2'}", "7",
                                "{\"x\":\"a\\q\"}", "[{\"id\":\"2\"}]", "{\"id\":\"\x01\"}"}) {
    const Salvaged got = salvage(" [ {\"id\":\"1\",\"when\":\"t1\"} ,\n" + bad +
                                 ", {\"id\":3,\"x\":\"],[\\\"\"} ]\n");
    EXPECT_TRUE(got.usable) << bad;
    EXPECT_EQ(got.ids, "1@t1 3@ ") << bad;
    EXPECT_EQ(got.not_objects, 1U) << bad;
  }
}

TEST(Salvage, LeavesOutWhatIsNestedTooDeep) {
  const std::string deep = std::string(5'000, '[') + std::string(5'000, ']');
  const Salvaged got = salvage(R"([{"id":"1"},{"id":"2","x":)" + deep + "}]");
  EXPECT_EQ(got.ids, "1@ ");
  EXPECT_EQ(got.not_objects, 1U);
}

TEST(Salvage, UsesNothingOfAListThatCannotBeFollowed) {
  for (const std::string body :
       {"", " ", "null", "{}", R"({"detail":[{"id":"1"}]})", R"([{"id":"1"},{"id":"2)",
        R"([{"id":"1"},{"id":"2"})", R"([{"id":"1"},])", R"([{"id":"1"}]])", R"([{"id":"1"}][])",
        R"([{"id":"1"}}])", R"([{"id":"1"},{"id":"2]}])", "[", "[]", "[7]", "[NaN]"}) {
    const Salvaged got = salvage(body);
    EXPECT_FALSE(got.usable) << body;
    EXPECT_EQ(got.ids, "") << body;
    EXPECT_EQ(got.not_objects, 0U) << body;
  }
  EXPECT_FALSE(salvage(std::string("[{\"id\":\"1\"}]\0", 13)).usable);
}

}  // namespace
}  // namespace source_sentry
