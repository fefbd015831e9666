#include <gtest/gtest.h>

#include <string>

#include "live/receive/delivery_headers.h"
#include "receiver_under_test.h"

namespace source_sentry {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

const HttpRequest kGood = ReceiverUnderTest::webhook(kIssueBody);
const HttpRequest kBad = ReceiverUnderTest::webhook(kIssueBody, "issue", "wrong");

void pass(FakeClock& clock, Duration span) { clock.sleep_for(span, {}); }

TEST(Failures, HoldUpTheirClient) {
  ReceiverUnderTest test({.most_distance = seconds(0), .failures_a_minute = 3});
  for (int i = 0; i < 3; ++i) EXPECT_EQ(test.status(kBad), 401);
  const HttpAnswer answer = test.answer(kGood);
  EXPECT_EQ(answer.status, 429);
  EXPECT_EQ(answer.headers, (decltype(answer.headers){{"Retry-After", "60"}}));
  EXPECT_EQ(test.status(from(kGood, "192.0.2.2")), 200);
  pass(test.clock, seconds(21));
  EXPECT_EQ(test.status(kBad), 401);
  EXPECT_EQ(test.status(kBad), 429);
  pass(test.clock, minutes(1));
  EXPECT_EQ(test.status(kGood), 200);
}

TEST(Failures, AreOfAllKinds) {
  ReceiverUnderTest test({.failures_a_minute = 4});
  HttpRequest request = kGood;
  request.path = "/nowhere";
  EXPECT_EQ(test.status(request), 404);
  request.path = "/";
  request.method = "PUT";
  EXPECT_EQ(test.status(request), 405);
  test.receiver->refused(kGood.peer, 400);
  test.receiver->refused(kGood.peer, 503);
  EXPECT_EQ(test.status(kBad), 401);
  EXPECT_EQ(test.status(kGood), 429);
  EXPECT_NE(test.metrics->text().find("source_sentry_refused_requests_total{status=\"404\"} 1\n"),
            std::string::npos);
}

TEST(Failures, DoNotHoldUpWhoWasRightBefore) {
  ReceiverUnderTest test({.most_distance = seconds(0), .failures_a_minute = 1});
  EXPECT_EQ(test.status(kGood), 200);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(test.status(kBad), 401);
  EXPECT_EQ(test.status(kGood), 200);
  pass(test.clock, hours(24 * 8));
  EXPECT_EQ(test.status(kBad), 401);
  EXPECT_EQ(test.status(kGood), 429);
}

TEST(Failures, AreThoseOfAProxysClients) {
  ReceiverUnderTest test({.failures_a_minute = 1, .proxies = {"10.0.0.1"}});
  const auto by_proxy = [](const HttpRequest& request, const std::string& chain) {
    return with_header(from(request, "10.0.0.1"), "x-forwarded-for", chain);
  };
  EXPECT_EQ(test.status(by_proxy(kBad, "192.0.2.9, 192.0.2.1")), 401);
  EXPECT_EQ(test.status(by_proxy(kGood, "192.0.2.8,192.0.2.1")), 429);
  EXPECT_EQ(test.status(by_proxy(kGood, "192.0.2.1, 192.0.2.9")), 200);
  // A proxy that names nobody, or sends nonsense itself.
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(test.status(by_proxy(kBad, "")), 401);
    EXPECT_EQ(test.status(by_proxy(kBad, "unknown")), 401);
    EXPECT_EQ(test.status(by_proxy(kBad, std::string("192.0.2.7\0x", 11))), 401);
    test.receiver->refused("10.0.0.1", 400);
  }
  EXPECT_EQ(test.status(by_proxy(kGood, "")), 200);
  // What others say of themselves is not believed.
  EXPECT_EQ(test.status(with_header(kBad, "x-forwarded-for", "10.9.9.9")), 429);
}

TEST(Failures, AreToldOnceAMinute) {
  ReceiverUnderTest test({.failures_a_minute = 1'000});
  for (int i = 0; i < 10; ++i) test.status(kBad);
  test.status(from(kBad, "192.0.2.2"));
  EXPECT_EQ(test.log.lines().size(), 2U);
  pass(test.clock, minutes(1));
  test.status(kBad);
  EXPECT_TRUE(test.log.lines().back().ends_with(" (and 9 more since)"));
}

TEST(Failures, OfManyClientsDoNotFillTheLogOrTheMemory) {
  ReceiverUnderTest test({.failures_a_minute = 2});
  for (int i = 0; i < 10'000; ++i) {
    test.status(from(kBad, "198.51." + std::to_string(i / 256) + "." + std::to_string(i % 256)));
  }
  EXPECT_EQ(test.log.lines().size(), 60U);
}

TEST(RecentTable, KeepsWhatWasUsedLast) {
  RecentTable<int> table(2);
  table.at("a", 1);
  table.at("b", 2);
  EXPECT_EQ(*table.find("a"), 1);
  table.at("c", 3) = 4;
  EXPECT_EQ(table.find("b"), nullptr);
  EXPECT_EQ(*table.find("a"), 1);
  EXPECT_EQ(table.at("c", 5), 4);
  EXPECT_EQ(table.size(), 2U);
}

}  // namespace
}  // namespace source_sentry
