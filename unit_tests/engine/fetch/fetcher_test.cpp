#include "engine/fetch/fetcher.h"

#include <gmock/gmock.h>

#include "fakes/fake_clock.h"
#include "fakes/fake_list.h"

namespace source_sentry {
namespace {

using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;

class FetcherTest : public testing::Test, public WaitListener {
 protected:
  void rate_limited(const std::string& what, Instant until, bool) override {
    events_.push_back(what + " limited until " + format_seconds(until));
    if (set_clock_back_) clock_.set(kNow - std::chrono::hours(1));
    if (stop_in_wait_) stop_.request_stop();
  }
  void running_again() override { events_.emplace_back("running"); }
  void asks_again(Instant when) override {
    events_.push_back("asks again at " + format_seconds(when));
  }

  Verdict fetch(std::vector<Response> answers, Fetcher::Patience patience = {}) {
    http_.emplace(FakeHttp::script(std::move(answers)));
    Fetcher fetcher(*http_, judge_, pacer_, clock_, stop_.get_token());
    fetcher.listen(this);
    return fetcher.fetch("x/", route_, response_, patience);
  }

  Route route_{.path = "x/", .rate_group = "default", .what = "x"};
  Judge judge_ = plain_judge;
  Pacer pacer_;
  FakeClock clock_;
  bool set_clock_back_ = false;
  bool stop_in_wait_ = false;
  std::stop_source stop_;
  std::optional<FakeHttp> http_;
  Response response_;
  std::vector<std::string> events_;
};

TEST_F(FetcherTest, HandsOutAGoodAnswer) {
  const Verdict verdict = fetch({answer(200, "[]")});
  EXPECT_EQ(verdict.kind, Verdict::Kind::kAccept);
  EXPECT_EQ(response_.body, "[]");
  EXPECT_THAT(events_, IsEmpty());
}

TEST_F(FetcherTest, AnswersTheLatestRequestAndTakesTheEarlierBack) {
  FakeHttp http([](const std::string& target) { return answer(200, target); });
  Fetcher fetcher(http, judge_, pacer_, clock_, stop_.get_token());
  fetcher.start("x/?page=1", route_);
  fetcher.start("x/?page=2", route_);
  fetcher.finish(response_, {});
  EXPECT_EQ(response_.body, "x/?page=2");
  EXPECT_EQ(http.cancelled(), 1);
}

TEST_F(FetcherTest, DoublesItsWaitsAndGivesUpAtTheSixthFailure) {
  const Response bad = answer(503, "");
  const Verdict verdict = fetch({bad, bad, bad, bad, bad, bad});
  EXPECT_EQ(verdict.kind, Verdict::Kind::kRetry);
  EXPECT_EQ(verdict.error->kind(), FailureKind::kTransient);
  EXPECT_THAT(clock_.sleeps(),
              ElementsAre(seconds(1), seconds(2), seconds(4), seconds(8), seconds(16)));
}

TEST_F(FetcherTest, TriesAgainAfterNetworkTrouble) {
  const Verdict verdict = fetch(
      {broken(TransportProblem::kBroken), broken(TransportProblem::kTimeout), answer(200, "[]")});
  EXPECT_EQ(verdict.kind, Verdict::Kind::kAccept);
  EXPECT_EQ(http_->targets().size(), 3U);
  EXPECT_THAT(events_, ElementsAre("asks again at 2026-01-15T12:00:01",
                                   "asks again at 2026-01-15T12:00:03"));
}

/// One that runs out of memory, once or twice, and remembers what it was asked for.
class ScarceHttp final : public HttpClient {
 public:
  void start(const Request& request) override {
    asked_ = request;
    if (std::exchange(fails_to_start_, false)) throw std::bad_alloc();
  }
  void finish(Response& response, std::stop_token) override {
    if (std::exchange(fails_to_finish_, false)) throw std::bad_alloc();
    response = answer(200, "[]");
  }
  void cancel() override {}

  Request asked_{};
  bool fails_to_start_ = true, fails_to_finish_ = true;
};

TEST_F(FetcherTest, KeepsNoPlaceForARequestThatRanOutOfMemory) {
  Pacer one_at_a_time({{"default", {40, seconds(1), 1}}});
  ScarceHttp client;
  route_.largest = 17;
  for (int i = 0; i < 3; ++i) {
    Fetcher fetcher(client, judge_, one_at_a_time, clock_, {});
    if (i < 2) {
      EXPECT_THROW(fetcher.fetch("x/", route_, response_, {}), std::bad_alloc) << i;
    } else {
      EXPECT_EQ(fetcher.fetch("x/", route_, response_, {}).kind, Verdict::Kind::kAccept);
    }
    EXPECT_EQ(one_at_a_time.wait_for("default", clock_.steady_now()), Duration::zero()) << i;
  }
  EXPECT_EQ(client.asked_.largest, 17U) << "as many bytes as the route may answer with";
}

TEST_F(FetcherTest, DoesNotRepeatARefusal) {
  EXPECT_EQ(fetch({answer(401, "")}).kind, Verdict::Kind::kRefuse);
  EXPECT_THAT(clock_.sleeps(), IsEmpty());
}

TEST_F(FetcherTest, WaitsOutARateLimitHoweverOftenItComes) {
  std::vector<Response> answers(12, answer(429, "", {{"retry-after", "60"}}));
  answers.push_back(answer(200, "[]"));
  EXPECT_EQ(fetch(answers).kind, Verdict::Kind::kAccept);
  EXPECT_EQ(clock_.sleeps().size(), 12U);
  EXPECT_EQ(clock_.now(), *parse_instant("2026-01-15T12:12:00Z"));
  ASSERT_EQ(events_.size(), 13U);
  EXPECT_EQ(events_.front(), "x limited until 2026-01-15T12:01:00");
  EXPECT_EQ(events_[11], "x limited until 2026-01-15T12:12:00");
  EXPECT_EQ(events_.back(), "running");
}

TEST_F(FetcherTest, WaitsNoLongerWhenTheClockIsSetBack) {
  set_clock_back_ = true;
  const Verdict verdict = fetch({answer(429, "", {{"retry-after", "60"}}), answer(200, "[]")});
  EXPECT_EQ(verdict.kind, Verdict::Kind::kAccept);
  EXPECT_THAT(clock_.sleeps(), ElementsAre(seconds(60)));
}

TEST_F(FetcherTest, DoublesTheWaitWhenALimitDoesNotSayHowLong) {
  fetch({answer(429, ""), answer(429, ""), answer(429, ""), answer(200, "[]")});
  EXPECT_THAT(clock_.sleeps(), ElementsAre(seconds(1), seconds(2), seconds(4)));
  EXPECT_THAT(events_, ElementsAre("x limited until 2026-01-15T12:00:01",
                                   "x limited until 2026-01-15T12:00:03",
                                   "x limited until 2026-01-15T12:00:07", "running"));
}

TEST_F(FetcherTest, DoesNotProvokeALimitThatTheLastAnswerAnnounced) {
  pacer_.block("default", seconds(30), clock_.steady_now());
  EXPECT_EQ(fetch({answer(200, "[]")}).kind, Verdict::Kind::kAccept);
  EXPECT_THAT(clock_.sleeps(), ElementsAre(seconds(30)));
  EXPECT_THAT(events_, ElementsAre("x limited until 2026-01-15T12:00:30", "running"));
}

TEST_F(FetcherTest, IsQuickWhereAnotherRouteMayHelp) {
  const Response bad = answer(500, "");
  judge_ = [](const Response& response, const Route& route) {
    Verdict verdict = plain_judge(response, route);
    verdict.other_route_may_help = true;
    return verdict;
  };
  const Verdict verdict = fetch({bad, bad}, {.attempts_before_other_route = 2});
  EXPECT_EQ(verdict.kind, Verdict::Kind::kRetry);
}

TEST_F(FetcherTest, StopsWhenAskedTo) {
  stop_.request_stop();
  EXPECT_THROW(fetch({answer(200, "[]")}), Stopped);
}

TEST_F(FetcherTest, StopsInTheMiddleOfAWait) {
  judge_ = [this](const Response& response, const Route& route) {
    stop_.request_stop();
    return plain_judge(response, route);
  };
  EXPECT_THROW(fetch({answer(503, "")}), Stopped);
}

/// Whatever ends the wait for a rate limit: who was told that it began hears that it is over.
TEST_F(FetcherTest, SaysThatAWaitIsOverHoweverItEnds) {
  const auto waits_and_runs = ElementsAre("x limited until 2026-01-15T12:00:30", "running");
  pacer_.block("default", seconds(30), clock_.steady_now());
  ScarceHttp client;
  Fetcher fetcher(client, judge_, pacer_, clock_, stop_.get_token());
  fetcher.listen(this);
  EXPECT_THROW(fetcher.fetch("x/", route_, response_, {}), std::bad_alloc);
  EXPECT_THAT(events_, waits_and_runs);
  events_.clear();
  clock_.set(kNow);
  pacer_.block("default", seconds(30), clock_.steady_now());
  stop_in_wait_ = true;
  EXPECT_THROW(fetch({}), Stopped);
  EXPECT_THAT(events_, waits_and_runs);
}

TEST_F(FetcherTest, AsksForNothingAfterAStop) {
  pacer_.block("default", seconds(30), clock_.steady_now());
  stop_.request_stop();
  EXPECT_THROW(fetch({}), Stopped);
  EXPECT_THROW(fetch({}, Fetcher::Patience::of_mere_check()), Stopped);
  EXPECT_THAT(clock_.sleeps(), IsEmpty());
}

TEST_F(FetcherTest, AddsARandomPartToItsOwnWaitsButNoneToThoseThatTheServerNames) {
  clock_.dice = true;  // all of what may be added
  fetch({answer(503, ""), answer(503, ""), answer(200, "[]")});
  fetch({answer(429, ""), answer(200, "[]")});
  fetch({answer(429, "", {{"retry-after", "60"}}), answer(200, "[]")});
  auto waits = clock_.sleeps();
  std::erase_if(waits, [](Duration wait) { return wait < seconds(1); });  // the pacer's own
  const auto half_more = [](int whole) { return std::chrono::milliseconds(1500 * whole); };
  EXPECT_THAT(waits, ElementsAre(half_more(1), half_more(2), half_more(1), seconds(60)));
}

TEST_F(FetcherTest, HoldsTheWholeGroupBackForWhatA503Names) {
  judge_ = [](const Response& response, const Route& route) {
    Verdict verdict = plain_judge(response, route);
    if (response.status == 503) verdict.wait = seconds(30);
    return verdict;
  };
  Duration others_wait{};
  http_.emplace(FakeHttp([&, asked = 0](const std::string&) mutable {
    if (asked++ > 0) return answer(200, "[]");
    return answer(503, "", {{"retry-after", "30"}});
  }));
  Fetcher fetcher(*http_, judge_, pacer_, clock_, stop_.get_token());
  EXPECT_EQ(fetcher.fetch("x/", route_, response_, {}).kind, Verdict::Kind::kAccept);
  others_wait = pacer_.wait_for("default", clock_.steady_now() - seconds(10));
  EXPECT_THAT(clock_.sleeps(), ElementsAre(seconds(30)));
  EXPECT_GE(others_wait, seconds(10)) << "ten seconds before the end";
  EXPECT_LT(others_wait, seconds(11)) << "and not all at once then";
}

TEST(Backoff, DoublesUpToAMinute) {
  EXPECT_EQ(backoff(1), seconds(1));
  EXPECT_EQ(backoff(5), seconds(16));
  EXPECT_EQ(backoff(7), seconds(60));
  EXPECT_EQ(backoff(1000), seconds(60));
}

}  // namespace
}  // namespace source_sentry
