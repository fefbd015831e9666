#include "engine/fetch/page_walk.h"

#include <gmock/gmock.h>

#include "fakes/fake_clock.h"
#include "fakes/fake_list.h"

namespace source_sentry {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using Turn = PageWalk::Turn;

std::string link_to(const std::string& cursor, bool results = true) {
  return "<u>; rel=\"previous\"; results=\"false\"; cursor=\"p\", <u>; rel=\"next\"; results=\"" +
         std::string(results ? "true" : "false") + "\"; cursor=\"" + cursor + "\"";
}

Response page(const std::string& body, const std::string& link) {
  return answer(200, body, {{"link", link}});
}

class PageWalkTest : public testing::Test {
 protected:
  PageWalkTest() { plan_.shape.page_rows = 2; }

  /// Walks to the end; returns the ids, or the message of what went wrong after them.
  std::vector<std::string> walk(FakeHttp& http, bool ask_ahead = true, std::string cursor = "") {
    Fetcher fetcher(http, judge_, pacer_, clock_, stop_.get_token());
    PageWalk walk(fetcher, plan_.listing(plan_.routes[0]), "q=1", nullptr, std::move(cursor));
    std::vector<std::string> seen;
    try {
      for (;;) {
        const Turn turn = walk.next(ask_ahead);
        if (turn == Turn::kRefused) seen.push_back("refused: " + walk.refusal().error->message());
        if (turn != Turn::kPage) return seen;
        for (const auto& record : walk.records().records) seen.emplace_back(record.id);
        if (walk.last()) seen.emplace_back("last");
      }
    } catch (const ConnectorError& error) {
      seen.push_back(error.message());
    } catch (const Stopped&) {
      seen.emplace_back("stopped");
    }
    return seen;
  }

  PartitionPlan plan_ = FakeList().plan({});
  Judge judge_ = plain_judge;
  Pacer pacer_;
  FakeClock clock_;
  std::stop_source stop_;
};

TEST_F(PageWalkTest, FollowsTheCursorsToTheEnd) {
  auto http = FakeHttp::script({page(R"([{"id":"1"}])", link_to("0:1:0")),
                                page(R"([{"id":"2"}])", link_to("0:2:0")),
                                page(R"([{"id":"3"}])", link_to("0:3:0", false))});
  EXPECT_THAT(walk(http), ElementsAre("1", "2", "3", "last"));
  EXPECT_THAT(http.targets(),
              ElementsAre("list/?q=1", "list/?q=1&cursor=0%3A1%3A0", "list/?q=1&cursor=0%3A2%3A0"));
}

TEST_F(PageWalkTest, TakesAnObjectThatSaysThatThereIsNothingForAnEmptyList) {
  const auto walk_of = [&](const std::string& body) {
    FakeHttp http([&](const std::string&) { return answer(200, body); });
    return walk(http);
  };
  const char* kNone = R"({"detail":"nothing found"})";
  EXPECT_THAT(walk_of(kNone), testing::Contains(testing::Not("last"))) << "it was not expected";
  plan_.routes[0].none_key = "detail";
  EXPECT_THAT(walk_of(kNone), ElementsAre("last"));
  EXPECT_THAT(walk_of(R"([{"id":"1"}])"), ElementsAre("1", "last"));
  EXPECT_THAT(walk_of(R"({"error":"x"})"), testing::Contains(testing::Not("last")));
  EXPECT_THAT(walk_of("{}"), testing::Contains(testing::Not("last")));
}

TEST_F(PageWalkTest, AsksForTheNextPageBeforeItHandsOutTheOneAtHand) {
  auto http = FakeHttp::script({page(R"([{"id":"1"}])", link_to("a"))});
  Fetcher fetcher(http, judge_, pacer_, clock_, {});
  PageWalk walk(fetcher, plan_.listing(plan_.routes[0]), "", nullptr, "");
  ASSERT_EQ(walk.next(true), Turn::kPage);
  EXPECT_THAT(http.targets(), ElementsAre("list/", "list/?cursor=a"));
}

TEST_F(PageWalkTest, GivesUpTheRequestAheadWhenNobodyWantsIt) {
  auto http = FakeHttp::script({page(R"([{"id":"1"}])", link_to("a"))});
  Fetcher fetcher(http, judge_, pacer_, clock_, {});
  {
    PageWalk walk(fetcher, plan_.listing(plan_.routes[0]), "", nullptr, "");
    ASSERT_EQ(walk.next(true), Turn::kPage);
  }
  EXPECT_EQ(http.cancelled(), 1);
}

TEST_F(PageWalkTest, GoesOnAfterEmptyPagesThatSayMoreFollows) {
  auto http = FakeHttp::script({page("[]", link_to("a")), page(R"([{"id":"1"}])", link_to("b")),
                                page("[]", link_to("c", false))});
  EXPECT_THAT(walk(http), ElementsAre("1", "last"));
}

TEST_F(PageWalkTest, TakesTheListAtAKeyOrAtTheRoot) {
  plan_.routes[0].list_key = "data";
  auto http = FakeHttp::script({page(R"({"meta":{},"data":[{"id":"1"}]})", link_to("a")),
                                page(" [{\"id\":\"2\"}]", link_to("b", false))});
  EXPECT_THAT(walk(http), ElementsAre("1", "2", "last"));
  auto neither = FakeHttp::script(std::vector(3, page(R"({"meta":{}})", link_to("a"))));
  EXPECT_THAT(walk(neither), ElementsAre(HasSubstr("no list \"data\" in it")));
}

TEST_F(PageWalkTest, RefusesToBeLedInCircles) {
  auto same = FakeHttp::script(
      {page(R"([{"id":"1"}])", link_to("a")), page(R"([{"id":"2"}])", link_to("a"))});
  EXPECT_THAT(walk(same), ElementsAre("1", "2", HasSubstr("go in a circle")));
  auto cycle = FakeHttp::script({page(R"([{"id":"1"}])", link_to("a")),
                                 page(R"([{"id":"2"}])", link_to("b")),
                                 page(R"([{"id":"3"}])", link_to("a"))});
  EXPECT_THAT(walk(cycle, false), ElementsAre("1", "2", "3", HasSubstr("go in a circle")));
}

TEST_F(PageWalkTest, RefusesEmptyPagesWithoutEnd) {
  int n = 0;
  FakeHttp http([&n](const std::string&) { return page("[]", link_to(std::to_string(n++))); });
  EXPECT_THAT(walk(http), ElementsAre(HasSubstr("one empty page after another")));
}

TEST_F(PageWalkTest, TakesAShortPageWithoutLinkAsTheWholeList) {
  auto http = FakeHttp::script({answer(200, R"([{"id":"1"}])")});
  EXPECT_THAT(walk(http), ElementsAre("1", "last"));
}

TEST_F(PageWalkTest, DoesNotTakeAFullPageWithoutUsableLinkAsTheWholeList) {
  auto bare = FakeHttp::script({answer(200, R"([{"id":"1"},{"id":"2"}])")});
  EXPECT_THAT(walk(bare), ElementsAre("1", "2", HasSubstr("no usable Link header")));
  auto preload = FakeHttp::script({page(R"([{"id":"1"},{"id":"2"}])", "<a>; rel=preload")});
  EXPECT_THAT(walk(preload), ElementsAre("1", "2", HasSubstr("no usable Link header")));
}

TEST_F(PageWalkTest, TakesNoLinkThatLeadsNowhereForTheEnd) {
  for (const char* link : {"", "garbage", R"(<u>; rel="next"; cursor="a")",
                           R"(<u>; rel="next"; results="true"; cursor="")"}) {
    for (const char* body : {"[]", R"([{"id":"1"}])", R"([{"id":"1"},{"id":"2"}])"}) {
      auto http = FakeHttp::script({page(body, link)});
      const auto seen = walk(http);
      ASSERT_FALSE(seen.empty()) << link << body;
      EXPECT_THAT(seen.back(), HasSubstr("Link header that does not say")) << link << body;
    }
  }
}

TEST_F(PageWalkTest, FindsSentrysLinkAmongTheLinesOfOthers) {
  auto first = page(R"([{"id":"1"}])", "</style.css>; rel=preload; as=style");
  first.headers.emplace_back("link", link_to("a"));
  auto http = FakeHttp::script({first, page(R"([{"id":"2"}])", link_to("b", false))});
  EXPECT_THAT(walk(http), ElementsAre("1", "2", "last"));
}

TEST_F(PageWalkTest, AsksAgainForAPageThatIsNoJson) {
  auto http = FakeHttp::script(
      {page(R"([{"id":"1"}])", link_to("a")), page(R"([{"id":"2")", link_to("b")),
       page(R"([{"id":"2"}])", link_to("b")), page(R"([{"id":"3"}])", link_to("c", false))});
  // With the request for page b already under way when page a turns out to be broken.
  EXPECT_THAT(walk(http), ElementsAre("1", "2", "3", "last"));
  EXPECT_EQ(http.cancelled(), 1);
}

TEST_F(PageWalkTest, GivesUpOnAPageThatNeverIsJson) {
  const Response bad = page("[1,", link_to("a"));
  auto http = FakeHttp::script({bad, bad, bad});
  EXPECT_THAT(walk(http, false), ElementsAre(HasSubstr("is not valid")));
}

TEST_F(PageWalkTest, TellsARefusedFirstPageFromALaterFailure) {
  auto first = FakeHttp::script({answer(404, "")});
  EXPECT_THAT(walk(first), ElementsAre("refused: the list: 404"));
  auto later = FakeHttp::script({page(R"([{"id":"1"}])", link_to("a")), answer(403, "")});
  EXPECT_THAT(walk(later), ElementsAre("1", "the list: 403"));
}

TEST_F(PageWalkTest, GoesOnFromACursor) {
  auto http = FakeHttp::script({page(R"([{"id":"9"}])", link_to("b", false))});
  EXPECT_THAT(walk(http, true, "0:80:0"), ElementsAre("9", "last"));
  EXPECT_THAT(http.targets(), ElementsAre("list/?q=1&cursor=0%3A80%3A0"));
}

TEST_F(PageWalkTest, Stops) {
  stop_.request_stop();
  auto http = FakeHttp::script({page("[]", link_to("a", false))});
  EXPECT_THAT(walk(http), ElementsAre("stopped"));
}

}  // namespace
}  // namespace source_sentry
