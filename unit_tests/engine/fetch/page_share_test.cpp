#include "engine/fetch/page_share.h"

#include <gtest/gtest.h>

#include "engine/fetch/fetcher.h"
#include "fakes/fake_clock.h"
#include "fakes/fake_list.h"

namespace source_sentry {
namespace {

Response page(const std::string& body) { return answer(200, body); }

/// What the reader is given; nothing if it has to ask.
std::optional<std::string> given(PageShare& pages, PageShare::Reader reader) {
  Response response;
  if (!pages.take(reader, "x/", response)) return std::nullopt;
  return response.body;
}

TEST(PageShare, GivesAPageOnceToEachOfTheOthersThatReadTheList) {
  PageShare pages({{"x"}, {"y"}, {"x"}, {"x"}});
  EXPECT_TRUE(pages.has_others(2));
  EXPECT_FALSE(pages.has_others(1));
  EXPECT_EQ(pages.first_of(3), 0U);
  pages.offer(2, "x/", page("[1]"));
  EXPECT_EQ(given(pages, 1), std::nullopt) << "it reads another list";
  EXPECT_EQ(given(pages, 2), std::nullopt) << "it wants to know whether the page has changed";
  EXPECT_EQ(given(pages, 0), "[1]");
  EXPECT_EQ(given(pages, 0), std::nullopt);
  EXPECT_TRUE(pages.has(3, "x/"));
  EXPECT_FALSE(pages.has(3, "x/?cursor=2"));
  EXPECT_EQ(given(pages, 3), "[1]");
  EXPECT_FALSE(pages.has(3, "x/"));
}

TEST(PageShare, KeepsTheOldPageForTheOthersWhereOneHasAskedAgain) {
  PageShare pages({{"x"}, {"x"}, {"x"}});
  pages.offer(0, "x/", page("[1]"));
  pages.offer(1, "x/", page("[2]"));
  EXPECT_EQ(given(pages, 1), std::nullopt) << "it has had a newer one";
  EXPECT_EQ(given(pages, 2), "[1]");
}

TEST(PageShare, KeepsNothingForThoseThatHaveEnded) {
  PageShare pages({{"x"}, {"x"}}, 10);
  pages.offer(0, "x/", page("[11111111]"));
  pages.leave(1);
  pages.offer(0, "x/?cursor=2", page("[22222222]"));
  EXPECT_FALSE(pages.has(1, "x/"));
  EXPECT_FALSE(pages.has(1, "x/?cursor=2"));
}

TEST(PageShare, KeepsNoMoreThanItMay) {
  PageShare pages({{"x"}, {"x"}}, 10);
  pages.offer(0, "x/", page("[1111]"));
  pages.offer(0, "x/?cursor=2", page("[2222]"));
  EXPECT_FALSE(pages.has(1, "x/?cursor=2"));
  EXPECT_EQ(given(pages, 1), "[1111]");
  pages.offer(0, "x/?cursor=3", page("[33333333]"));
  EXPECT_TRUE(pages.has(1, "x/?cursor=3")) << "there is room again";
}

class SharedFetch : public testing::Test {
 protected:
  /// What the reader gets for `target`.
  std::string fetch(PageShare::Reader reader, const std::string& target) {
    Fetcher fetcher(http_, judge_, pacer_, clock_, {});
    fetcher.read_along(pages_, reader);
    Response response;
    fetcher.fetch(target, route_, response, {});
    return response.body;
  }

  FakeHttp http_ = FakeHttp::script({answer(200, "[1]"), answer(200, "[2]"), answer(200, "[3]")});
  Route route_{.path = "x/", .shared = Shared::kList, .rate_group = "default", .what = "x"};
  Judge judge_ = plain_judge;
  Pacer pacer_;
  FakeClock clock_;
  PageShare pages_{{{"x", "children"}, {"x", "children"}, {"x", "others"}}};
};

TEST_F(SharedFetch, AsksForASharedPageOnce) {
  EXPECT_EQ(fetch(0, "x/"), "[1]");
  EXPECT_EQ(fetch(1, "x/"), "[1]");
  EXPECT_EQ(http_.targets().size(), 1U);
  EXPECT_EQ(fetch(1, "x/"), "[2]") << "it asks again";
}

TEST_F(SharedFetch, AsksForEachPageOfARouteThatIsNotShared) {
  route_.shared = Shared::kNo;
  EXPECT_EQ(fetch(0, "x/"), "[1]");
  EXPECT_EQ(fetch(1, "x/"), "[2]");
}

TEST_F(SharedFetch, AsksOnceForTheListOfARowThatSeveralStreamsRead) {
  route_.shared = Shared::kChildren;
  EXPECT_EQ(fetch(0, "x/5/"), "[1]");
  EXPECT_EQ(fetch(2, "x/5/"), "[2]") << "its rows lead to other lists";
  EXPECT_EQ(fetch(1, "x/5/"), "[1]");
}

TEST_F(SharedFetch, AsksOnceForAListThatARowDoesNotHave) {
  http_ = FakeHttp::script({answer(404, "{}"), answer(404, "{}"), answer(200, "[3]")});
  route_.shared = Shared::kChildren;
  fetch(0, "x/5/");
  EXPECT_EQ(fetch(1, "x/5/"), "{}");
  EXPECT_EQ(http_.targets().size(), 1U);
  route_.shared = Shared::kList;
  fetch(0, "y/");
  EXPECT_EQ(fetch(1, "y/"), "[3]") << "a list may be refused to one of them alone";
}

TEST_F(SharedFetch, SharesThePagesOfCompanions) {
  FakeHttp further = FakeHttp::script({answer(200, "[4]")});
  Fetcher fetcher(http_, judge_, pacer_, clock_, {});
  fetcher.read_along(pages_, 0);
  fetcher.lend([&](bool) { return std::shared_ptr<HttpClient>(&further, [](HttpClient*) {}); });
  const auto companions = fetcher.companions(1);
  Response response;
  companions.at(0)->fetch("x/", route_, response, {});
  EXPECT_EQ(response.body, "[4]");
  EXPECT_EQ(fetch(1, "x/"), "[4]");
}

TEST_F(SharedFetch, KeepsThePageOfARequestThatIsTakenBack) {
  fetch(0, "x/");
  Fetcher fetcher(http_, judge_, pacer_, clock_, {});
  fetcher.read_along(pages_, 1);
  fetcher.start("x/", route_);
  fetcher.cancel();
  EXPECT_EQ(fetch(1, "x/"), "[1]");
  EXPECT_EQ(http_.cancelled(), 0);
}

}  // namespace
}  // namespace source_sentry
