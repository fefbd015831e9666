#include "engine/write/hidden_rows.h"

#include <gmock/gmock.h>

#include "engine/plan/another_way.h"
#include "fakes/partition_reading.h"

namespace source_sentry {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::HasSubstr;
using testing::Optional;

/// Takes in a page whose rows have these ids, all of one time; whether it leaves a doubt.
bool doubts(HiddenRows& rows, const std::string& cursor, const std::vector<std::string>& ids,
            bool last = false) {
  RecordPage page;
  for (const std::string& id : ids) page.records.push_back({"{}", id, "2026-01-15T12:00:00Z"});
  rows.begin_page(cursor);
  rows.add(page);
  return rows.in_doubt(last);
}

TEST(HiddenRows, ARowOfAnEarlierPageHidesOneThatOtherPagesShow) {
  HiddenRows rows;
  EXPECT_FALSE(doubts(rows, "", {"a", "b", "b"})) << "a list may hold one twice side by side";
  EXPECT_FALSE(doubts(rows, "3", {"c", "d", "e"}));
  EXPECT_TRUE(doubts(rows, "6", {"e", "g", "h"}));
  EXPECT_THAT(rows.go_back("9"), Optional(std::string("3")));
  EXPECT_FALSE(doubts(rows, "3", {"c", "d"}));
  EXPECT_TRUE(rows.again());
  EXPECT_FALSE(doubts(rows, "5", {"d", "f"})) << "it hides one that was seen";
  EXPECT_TRUE(rows.again());
  EXPECT_FALSE(doubts(rows, "7", {"g", "h"}));
  EXPECT_FALSE(rows.again());
  EXPECT_EQ(rows.missing(), 0U);
}

TEST(HiddenRows, PagesThatShowNoneAgainHaveShownAll) {
  HiddenRows rows;
  doubts(rows, "", {"a", "b"});
  EXPECT_TRUE(doubts(rows, "2", {"b", "c"}));
  rows.go_back("4");
  EXPECT_FALSE(doubts(rows, "", {"a"}));
  EXPECT_FALSE(doubts(rows, "1", {"b", "c"}, true)) << "a new row had moved it";
  EXPECT_EQ(rows.missing(), 0U);
}

TEST(HiddenRows, AreLookedForFromThePageOnThatShowedFirstWhatComesAgain) {
  HiddenRows rows;
  doubts(rows, "", {"a", "b"});
  doubts(rows, "2", {"c", "d"});
  EXPECT_TRUE(doubts(rows, "4", {"d", "b"}));
  EXPECT_THAT(rows.go_back("6"), Optional(std::string()));
}

TEST(HiddenRows, AreGivenUpAfterThreeTries) {
  HiddenRows rows;
  doubts(rows, "", {"a", "b"});
  ASSERT_TRUE(doubts(rows, "2", {"b", "d"}));
  for (int tries = 0; tries < 3; ++tries) {
    EXPECT_THAT(rows.go_back("4"), Optional(std::string()));
    doubts(rows, "", {"a", "b"});
    ASSERT_TRUE(doubts(rows, "2", {"b", "d"}));
  }
  EXPECT_FALSE(rows.go_back("4"));
  EXPECT_EQ(rows.missing(), 1U);
  EXPECT_FALSE(doubts(rows, "4", {"d", "e"})) << "once is enough";
}

TEST(HiddenRows, AreGivenUpWhereOtherPagesLeadNowhere) {
  HiddenRows rows;
  doubts(rows, "", {"a", "b"});
  ASSERT_TRUE(doubts(rows, "2", {"b", "d"}));
  rows.go_back("4");
  EXPECT_EQ(rows.give_up(), "4");
  EXPECT_EQ(rows.missing(), 1U);
}

TEST(AnotherWay, HasPagesOfAnotherSizeEachTime) {
  EXPECT_EQ(in_another_way("per_page=100", 1), "per_page=100&limit=100");
  EXPECT_EQ(in_another_way("per_page=100", 2), "per_page=100&limit=97");
  EXPECT_EQ(in_another_way("limit=100&a=b", 1), "limit=97&a=b");
  EXPECT_EQ(in_another_way("limit=100", 3), "limit=83");
}

/// Rows of which `ties` are of one time, behind sixty newer ones. A page that begins among them
/// begins with the row that the page before ended with; with `stubborn` it is always
/// the same place that shows the first of them again.
struct TiedList {
  std::size_t ties = 90;
  bool stubborn = false;
  bool sentry = false;  // cursors are of Sentry's form
  static constexpr std::size_t kNewer = 60, kAll = 330;

  Instant time_of(std::size_t row) const {
    const bool tied = row >= kNewer && row < kNewer + ties;
    return tied ? kNow - 24h * 5 : kNow - std::chrono::hours(row < kNewer ? row + 1 : row + 121);
  }

  Response operator()(const std::string& target) const {
    auto wanted = FakeList::parameters(target);
    const std::size_t size = std::stoul(wanted["limit"]);
    const std::string cursor = wanted["cursor"];
    const std::size_t begin = cursor.empty() ? 0 : std::stoul(cursor.substr(sentry ? 2 : 1));
    std::string body = "[";
    for (std::size_t i = begin; i < std::min(begin + size, kAll); ++i) {
      const bool edge = i == begin && i > 0 && time_of(i) == time_of(i - 1);
      const std::size_t at = stubborn ? (i == kNewer + 40 ? kNewer : i) : (edge ? i - 1 : i);
      body += (i > begin ? R"(,{"id":"r)" : R"({"id":"r)") + std::to_string(at) +
              R"(","dateCreated":")" + format_instant(time_of(at)) + R"("})";
    }
    const std::string next = std::to_string(begin + size);
    const bool more = begin + size < kAll;
    return answer(
        200, body + "]",
        {{"link", R"(<u>; rel="next"; results=")" + std::string(more ? "true" : "false") +
                      R"("; cursor=")" + (sentry ? "9:" + next + ":0" : "x" + next) + '"'}});
  }

  PartitionPlan plan() const {
    PartitionPlan plan = FakeList().plan(kNow);
    plan.shape.page_rows = 100;
    plan.routes.front().query = "limit=100";
    plan.routes.front().window_query = nullptr;
    return plan;
  }
};

const nlohmann::json kSaved = {{"dateCreated", format_instant(kNow - 24h * 60)}};

TEST(HiddenRows, OfAListWithoutWindowsAreAllRead) {
  for (const std::size_t ties : {41U, 90U, 200U}) {
    SCOPED_TRACE(ties);
    const TiedList list{.ties = ties};
    const Outcome got = read(list.plan(), list, {.state = kSaved});
    EXPECT_TRUE(got.finished) << got.error;
    EXPECT_EQ(got.ids.size(), TiedList::kAll);
    for (const auto& [id, times] : got.ids) EXPECT_EQ(times, 1) << id;
  }
}

TEST(HiddenRows, ThatNoPageShowsKeepTheStateWhereItWas) {
  const TiedList list{.stubborn = true};
  const Outcome got = read(list.plan(), list, {.state = kSaved});
  EXPECT_FALSE(got.finished);
  EXPECT_THAT(got.error, AllOf(HasSubstr("1 record of s was listed twice"),
                               HasSubstr("as many may be missing")));
  EXPECT_EQ(got.ids.size(), TiedList::kAll - 1) << "the rest of the list is read";
  EXPECT_EQ(got.last_state.value("dateCreated", ""), kSaved.value("dateCreated", ""));
}

TEST(HiddenRows, AreNotLookedForByCursorsOfSentry) {
  const TiedList list{.sentry = true};
  const Outcome got = read(list.plan(), list, {.state = kSaved});
  EXPECT_TRUE(got.finished) << got.error;
  for (const std::string& target : got.targets) EXPECT_THAT(target, HasSubstr("limit=100"));
}

}  // namespace
}  // namespace source_sentry
