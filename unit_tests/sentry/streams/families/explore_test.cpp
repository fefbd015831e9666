#include "sentry/streams/families/explore.h"

#include <gmock/gmock.h>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include <sstream>

#include "fakes/fake_clock.h"
#include "fakes/fake_http.h"
#include "sentry/answers/answers.h"
#include "sentry/limits.h"
#include "sentry/streams/table.h"

namespace source_sentry {
namespace {

using testing::Each;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

Config configured() {
  Config config;
  config.organization = "acme";
  return config;
}

class ExploreStreamsTest : public testing::Test {
 protected:
  std::vector<Route> routes(std::string_view stream) const {
    return routes_of(*find_stream(stream), scope_);
  }

  static std::size_t count(const std::string& text, std::string_view part) {
    std::size_t found = 0;
    for (std::size_t at = 0; (at = text.find(part, at)) != text.npos; at += part.size()) ++found;
    return found;
  }

  FakeClock clock_;
  const Config config_ = configured();
  const ProjectFacts nobody_{};
  const std::vector<std::string> fields_{};
  mutable ProjectLookup lookup_{config_, clock_};
  const StreamScope scope_{config_, nobody_, {}, lookup_, fields_};
};

TEST_F(ExploreStreamsTest, AskForNoMoreFieldsThanSentryTakesAndForAllRows) {
  for (const StreamSpec& spec : explore_streams()) {
    SCOPED_TRACE(spec.name);
    for (const Route& route : routes(spec.name)) {
      EXPECT_LE(count(route.query, "&field="), 20U);
      EXPECT_THAT(route.query, HasSubstr("project=-1&sampling=HIGHEST_ACCURACY"));
      EXPECT_EQ(route.rate_group, kExploreGroup);
      EXPECT_TRUE(route.watch);
    }
  }
}

TEST_F(ExploreStreamsTest, SortByFieldsThatAreAskedFor) {
  for (const StreamSpec& spec : explore_streams()) {
    for (const Route& route : routes(spec.name)) {
      for (std::size_t at = 0; (at = route.query.find("&sort=", at)) != route.query.npos; ++at) {
        const std::size_t begin = route.query.find_first_not_of('-', at + 6);
        const std::string field = route.query.substr(begin, route.query.find('&', begin) - begin);
        EXPECT_THAT(route.query, HasSubstr("&field=" + field + "&")) << spec.name;
      }
    }
  }
}

TEST_F(ExploreStreamsTest, AskForLongPagesFirstWhereSentryHasThem) {
  for (const char* stream : {"logs", "trace_metrics"}) {
    const auto ways = routes(stream);
    ASSERT_THAT(ways, SizeIs(2));
    EXPECT_THAT(ways[0].query, HasSubstr("per_page=9999"));
    EXPECT_THAT(ways[1].query, HasSubstr("per_page=100"));
  }
}

TEST_F(ExploreStreamsTest, AskOldServersForTransactionsInTheirOwnWords) {
  const auto ways = routes("transactions");
  ASSERT_THAT(ways, SizeIs(3));
  EXPECT_THAT(ways[0].query, HasSubstr("dataset=spans&query=is_transaction%3Atrue"));
  EXPECT_THAT(ways[1].query, HasSubstr("dataset=transactions&field=id"));
  EXPECT_THAT(ways[2].query, HasSubstr("dataset=discover&query=event.type%3Atransaction"));
}

TEST_F(ExploreStreamsTest, TellOnceOfASample) {
  const auto ways = routes("transactions");
  std::ostringstream log;
  const auto usual = spdlog::default_logger();
  spdlog::set_default_logger(
      std::make_shared<spdlog::logger>("", std::make_shared<spdlog::sinks::ostream_sink_mt>(log)));
  ways[0].watch(R"({"data":[],"meta":{"dataScanned":"full"}})");
  ways[0].watch(R"({"data":[{"message":"\"dataScanned\":\"partial\""}],"meta":{}})");
  EXPECT_THAT(log.str(), IsEmpty());
  ways[0].watch(R"({"data":[],"meta":{"dataScanned": "partial"}})");
  ways[1].watch(R"({"data":[],"meta":{"dataScanned":"partial"}})");
  spdlog::set_default_logger(usual);
  EXPECT_EQ(count(log.str(), "answers for transactions from a part of its data"), 1U);
}

TEST_F(ExploreStreamsTest, CountTheRowsOfASecondWithoutExtrapolating) {
  FakeHttp server = FakeHttp::script({answer(200, R"J({"data":[{"count()":10050}],"meta":{}})J")});
  const Judge judge = make_judge(*parse_base_url("https://sentry.example.com"));
  Pacer pacer;
  Fetcher fetcher(server, judge, pacer, clock_, {});
  const Window second{Instant(std::chrono::days(20000)),
                      Instant(std::chrono::days(20000)) + std::chrono::seconds(1)};
  EXPECT_EQ(find_stream("spans")->count_lost(scope_)(second, fetcher), 10050U);
  EXPECT_THAT(server.targets(),
              Each(HasSubstr("disableAggregateExtrapolation=1&field=count%28%29")));
  EXPECT_EQ(find_stream("uptime_checks")->count_lost(scope_)(second, fetcher), std::nullopt)
      << "there is nothing to count with";
}

}  // namespace
}  // namespace source_sentry
