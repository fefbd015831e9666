#include "json/salvage.h"

#include <gtest/gtest.h>

namespace source_sentry {
namespace {

struct Result {
  bool usable = false;
  std::string ids;
  std::size_t left_out = 0;
  bool ends_badly = false;
};

Result salvage(const std::string& body) {
  RecordSplitter splitter("id", "when");
  Result result;
  std::string list = body;
  const auto salvaged = salvage_records(list, splitter);
  result.usable = salvaged.has_value();
  if (!salvaged) return result;
  RecordPage page;
  EXPECT_FALSE(splitter.split(list, RecordSplitter::Root::kList, page)) << body;
  for (const RecordView& record : page.records) {
    result.ids.append(record.id).append("@").append(record.cursor).append(" ");
    EXPECT_NE(body.find(record.json), std::string::npos);
  }
  result.left_out = salvaged->left_out + page.not_objects;
  result.ends_badly = salvaged->ends_badly;
  return result;
}

TEST(Salvage, KeepsWhatIsValidOnItsOwn) {
  for (const std::string bad : {"{\"id\":\"2\",\"n\":NaN}", "{\"id\":\"\xff\"}", "{'id':'2'}", "7",
                                "{\"x\":\"a\\q\"}", "[{\"id\":\"2\"}]", "{\"id\":\"\x01\"}"}) {
    const Result got = salvage(" [ {\"id\":\"1\",\"when\":\"t1\"} ,\n" + bad +
                               ", {\"id\":3,\"x\":\"],[\\\"\"} ]\n");
    EXPECT_TRUE(got.usable) << bad;
    EXPECT_EQ(got.ids, "1@t1 3@ ") << bad;
    EXPECT_EQ(got.left_out, 1U) << bad;
    EXPECT_FALSE(got.ends_badly) << bad;
    EXPECT_TRUE(salvage("[{\"id\":\"1\"}," + bad + "]").ends_badly || bad == "7" || bad[0] == '[')
        << bad;
  }
}

TEST(Salvage, LeavesOutWhatIsNestedTooDeep) {
  const std::string deep = std::string(5'000, '[') + std::string(5'000, ']');
  const Result got = salvage(R"([{"id":"1"},{"id":"2","x":)" + deep + "}]");
  EXPECT_EQ(got.ids, "1@ ");
  EXPECT_EQ(got.left_out, 1U);
}

TEST(Salvage, UsesNothingOfAListThatCannotBeFollowed) {
  for (const std::string body :
       {"", " ", "null", "{}", R"({"detail":[{"id":"1"}]})", R"([{"id":"1"},{"id":"2)",
        R"([{"id":"1"},{"id":"2"})", R"([{"id":"1"},])", R"([{"id":"1"}]])", R"([{"id":"1"}][])",
        R"([{"id":"1"}}])", R"([{"id":"1"},{"id":"2]}])", "[", "[]", "[7]", "[NaN]"}) {
    const Result got = salvage(body);
    EXPECT_FALSE(got.usable) << body;
    EXPECT_EQ(got.ids, "") << body;
    EXPECT_EQ(got.left_out, 0U) << body;
  }
  EXPECT_FALSE(salvage(std::string("[{\"id\":\"1\"}]\0", 13)).usable);
}

}  // namespace
}  // namespace source_sentry
