#include "sentry/streams/spec/explore.h"

#include <gmock/gmock.h>

#include "fakes/captured_output.h"
#include "fakes/fake_clock.h"
#include "fakes/fake_http.h"
#include "sentry/answers/answers.h"
#include "sentry/limits.h"

namespace source_sentry {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;

Config configured() {
  Config config;
  config.organization = "acme";
  config.event_bodies = EventBodies::kDetail;
  return config;
}

class ExploreTest : public testing::Test {
 protected:
  RowCount count() { return count_events({config_, facts_, {}, lookup_, fields_, refused_}); }

  std::optional<std::uint64_t> asked(FakeHttp& server) {
    Fetcher fetcher(server, judge_, pacer_, clock_, {});
    return count()(Window{Instant(std::chrono::days(20000)), Instant(std::chrono::days(20001))},
                   fetcher);
  }

  FakeClock clock_;
  Pacer pacer_;
  const Judge judge_ = make_judge(*parse_base_url("https://sentry.example.com"));
  const Config config_ = configured();
  const ProjectFacts facts_{"web", "4"};
  const std::vector<std::string> fields_{};
  ProjectLookup lookup_{config_, clock_};
  std::shared_ptr<std::atomic<std::size_t>> refused_ =
      std::make_shared<std::atomic<std::size_t>>(0);
};

const std::string kNoErrors = R"({"detail":"dataset must be one of: discover, metrics"})";

TEST_F(ExploreTest, CountsInTheDefaultDatasetWhereThereIsNoneOfErrorsAndRemembersThat) {
  FakeHttp server([](const std::string& target) {
    if (target.find("dataset=errors") != target.npos) return answer(400, kNoErrors);
    return answer(200, R"J({"data":[{"count()":17}],"meta":{}})J");
  });
  EXPECT_EQ(asked(server), 17U);
  EXPECT_EQ(asked(server), 17U) << "of another project";
  ASSERT_THAT(server.targets(), SizeIs(3));
  EXPECT_THAT(server.targets()[2], HasSubstr("query=%21event.type%3Atransaction"));
}

TEST_F(ExploreTest, AsksForTheCountInNoOtherWayWhatTheTokenMayNot) {
  FakeHttp server = FakeHttp::script({answer(403, R"({"detail":"no"})")});
  EXPECT_EQ(asked(server), std::nullopt);
  EXPECT_EQ(asked(server), std::nullopt);
}

TEST_F(ExploreTest, AsksOnceInARunForACountThatIsKeptBackAndWaitsForNone) {
  const Response kKeptBack[] = {
      answer(429, "", {{"retry-after", "60"}}), answer(429, ""), answer(500, ""),
      answer(503, "", {{"retry-after", "60"}}), answer(504, ""), broken(TransportProblem::kTimeout),
      broken(TransportProblem::kBroken)};
  for (const Response& kept_back : kKeptBack) {
    *refused_ = 0;
    FakeHttp server([&](const std::string&) { return kept_back; });
    EXPECT_EQ(asked(server), std::nullopt);
    const std::size_t ways = server.targets().size();
    EXPECT_LE(ways, 2U) << "of each way to ask one";
    EXPECT_EQ(asked(server), std::nullopt) << "of another project";
    EXPECT_THAT(server.targets(), SizeIs(ways)) << kept_back.status;
  }
  pacer_.block(kExploreGroup, std::chrono::seconds(60), clock_.steady_now());
  *refused_ = 0;
  FakeHttp server = FakeHttp::script({});
  EXPECT_EQ(asked(server), std::nullopt) << "nor for a limit that is known already";
  EXPECT_THAT(clock_.sleeps(), testing::Each(testing::Lt(std::chrono::seconds(1))));
}

TEST_F(ExploreTest, LooksAtNoCountThatIsFarTooLarge) {
  const std::string count = R"J({"data":[{"count()":17}],"meta":{"x":")J";
  const std::size_t fits = kLargestCount - count.size() - 3;
  FakeHttp server = FakeHttp::script({answer(200, count + std::string(fits, 'x') + "\"}}"),
                                      answer(200, count + std::string(fits + 1, 'x') + "\"}}")});
  EXPECT_EQ(asked(server), 17U);
  EXPECT_EQ(asked(server), std::nullopt);
}

TEST_F(ExploreTest, NamesEventsByTheDatasetOfErrorsFirst) {
  const std::vector<Route> routes = explore_events({config_, facts_, {}, lookup_, fields_});
  ASSERT_THAT(routes, SizeIs(2));
  EXPECT_THAT(routes[0].query, HasSubstr("dataset=errors"));
  EXPECT_THAT(routes[1].query, Not(HasSubstr("dataset=")));
  EXPECT_NE(routes[0].name(), routes[1].name()) << "a state knows which of them its page is of";
}

}  // namespace
}  // namespace source_sentry
