#include "live/receive/webhook_receiver.h"

#include <gtest/gtest.h>

#include <string>

#include "fakes/message_of.h"
#include "receiver_under_test.h"

namespace source_sentry {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;
using Kind = Delivery::Kind;
using Result = SpoolWriter::Result;

const HttpRequest kWebhook = ReceiverUnderTest::webhook(kIssueBody);

TEST(WebhookReceiver, StoresWhatIsSigned) {
  ReceiverUnderTest test;
  const HttpAnswer answer = test.answer(kWebhook);
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, "");
  ASSERT_EQ(test.store.deliveries().size(), 1U);
  const Delivery delivery = test.store.deliveries().front();
  EXPECT_EQ(delivery.id, hex_of(sha256(kIssueBody)).substr(0, 32));
  EXPECT_EQ(delivery.kind, Kind::kIntegration);
  EXPECT_EQ(delivery.received_at, kNow);
  EXPECT_EQ(delivery.endpoint, "bridge");
  EXPECT_EQ(delivery.resource, "issue");
  EXPECT_EQ(delivery.sent_at, "1768478400");
  EXPECT_EQ(delivery.request_id, "00112233445566778899aabbccddeeff");
  EXPECT_EQ(delivery.body, kIssueBody);
  EXPECT_EQ(test.log.text(), "");
}

TEST(WebhookReceiver, AnswersNoSoonerThanItIsStored) {
  ReceiverUnderTest test({.store_time = hours(1)});
  test.store.waits = true;
  std::future<HttpAnswer> answer = test.asked(kWebhook);
  EXPECT_EQ(answer.wait_for(seconds(0)), std::future_status::timeout);
  test.store.finish();
  EXPECT_EQ(answer.get().status, 200);
}

TEST(WebhookReceiver, TakesBothSecretsWhileOneIsReplaced) {
  ReceiverUnderTest test;
  EXPECT_EQ(test.status(ReceiverUnderTest::webhook(kIssueBody, "issue", kFormerSecret)), 200);
  EXPECT_EQ(test.status(ReceiverUnderTest::webhook(kIssueBody, "issue", kHookSecret)), 401);
  std::vector<Endpoint> endpoints = some_endpoints();
  endpoints.front().secrets = {"new"};
  test.receiver->use(endpoints);
  EXPECT_EQ(test.status(kWebhook), 401);
  EXPECT_EQ(test.status(ReceiverUnderTest::webhook(kIssueBody, "issue", "new")), 200);
  endpoints.front().secrets = {""};
  EXPECT_THROW(test.receiver->use(endpoints), ConnectorError);
  EXPECT_EQ(test.status(ReceiverUnderTest::webhook(kIssueBody, "issue", "new")), 200);
}

TEST(WebhookReceiver, RefusesWhatIsNotSigned) {
  ReceiverUnderTest test;
  const HttpAnswer wrong = test.answer(ReceiverUnderTest::webhook(kIssueBody, "issue", "wrong"));
  EXPECT_EQ(wrong.status, 401);
  EXPECT_EQ(wrong.body, "Unauthorized\n");
  EXPECT_EQ(test.answer(with_header(kWebhook, "sentry-hook-signature", "")).body, wrong.body);
  HttpRequest changed = kWebhook;
  changed.body += " ";
  EXPECT_EQ(test.status(changed), 401);
  EXPECT_TRUE(test.store.deliveries().empty());
  EXPECT_EQ(test.count_of(WebhookResult::kBadSignature), 3U);
  EXPECT_EQ(test.log.text(),
            "A request from 192.0.2.1 was refused with HTTP 401: signature mismatch, 49 bytes; is "
            "it another integration\'s, or does a proxy rewrite bodies?\n");
}

TEST(WebhookReceiver, TakesEitherHeaderAndSaysWhich) {
  ReceiverUnderTest test;
  const HttpRequest app =
      with_header(with_header(kWebhook, "sentry-hook-signature", ""), "sentry-app-signature",
                  hex_of(hmac_sha256(kPresentSecret, kIssueBody)));
  EXPECT_EQ(test.status(app), 200);
  EXPECT_EQ(test.status(app), 200);
  EXPECT_EQ(test.log.text(),
            "Webhooks for bridge are signed in Sentry-App-Signature, which is as good as "
            "Sentry-Hook-Signature.\n");
  EXPECT_NE(test.metrics->text().find(
                "source_sentry_signatures_total{header=\"sentry-app-signature\"} 2\n"),
            std::string::npos);
}

TEST(WebhookReceiver, TakesWhatItDoesNotKnow) {
  ReceiverUnderTest test;
  const std::string body = R"({"action":"dance","data":{"new":1}})";
  EXPECT_EQ(test.status(ReceiverUnderTest::webhook(body, "size_analysis")), 200);
  EXPECT_EQ(test.status(ReceiverUnderTest::webhook("{}", "issue")), 200);
  EXPECT_EQ(test.status(ReceiverUnderTest::webhook("{}", "")), 200);
  EXPECT_EQ(test.store.deliveries().size(), 3U);
}

TEST(WebhookReceiver, RefusesAResourceThatIsNotThatOfTheBody) {
  ReceiverUnderTest test;
  for (const char* resource : {"comment", "error", "", "issue ", "ISSUE"}) {
    EXPECT_EQ(test.status(with_header(kWebhook, "sentry-hook-resource", resource)), 400);
  }
  EXPECT_EQ(test.count_of(WebhookResult::kMismatch), 5U);
  EXPECT_TRUE(test.store.deliveries().empty());
}

TEST(WebhookReceiver, RefusesWhatIsNoJsonObject) {
  ReceiverUnderTest test;
  std::string deep;
  for (int i = 0; i < 10'000; ++i) deep += R"({"a":)";
  deep += "1" + std::string(10'000, '}');
  for (const std::string& body :
       {std::string(), std::string("[]"), std::string("1"), std::string("{"), std::string("{} x"),
        std::string("{\"x\":\"\xff\"}"), std::string("{\"x\":\"a\0b\"}", 11),
        std::string("{'a':1}"), deep}) {
    EXPECT_EQ(test.status(ReceiverUnderTest::webhook(body)), 400) << body.substr(0, 20);
  }
  EXPECT_EQ(test.count_of(WebhookResult::kBadJson), 9U);
  // They were signed: whoever sends them may still send others.
  EXPECT_EQ(test.status(kWebhook), 200);
}

TEST(WebhookReceiver, KeepsOnlyHeadersOfTheRightForm) {
  ReceiverUnderTest test;
  const auto delivered = [&](HttpRequest request) {
    EXPECT_EQ(test.status(std::move(request)), 200);
    return test.store.deliveries().back();
  };
  const HttpRequest plain = ReceiverUnderTest::webhook("{}");
  EXPECT_EQ(delivered(with_header(plain, "request-id", "short")).request_id, "");
  EXPECT_EQ(delivered(with_header(plain, "request-id", std::string(33, 'a'))).request_id, "");
  EXPECT_EQ(delivered(with_header(plain, "request-id", std::string(32, 'g'))).request_id, "");
  for (const std::string& resource :
       {std::string("A"), std::string(65, 'a'), std::string("a\"b")}) {
    EXPECT_EQ(delivered(with_header(plain, "sentry-hook-resource", resource)).resource, "");
  }
  EXPECT_EQ(delivered(with_header(plain, "sentry-hook-resource", "a_b.c")).resource, "a_b.c");
  for (const char* time : {"-1", "1e9", "1768478400.5", "9999999999999", "now"}) {
    EXPECT_EQ(delivered(with_header(plain, "sentry-hook-timestamp", time)).sent_at, "") << time;
  }
}

TEST(WebhookReceiver, RefusesATimeThatIsFarFromOurs) {
  ReceiverUnderTest test;
  test.clock.set(kNow + seconds(300));
  EXPECT_EQ(test.status(kWebhook), 200);
  test.clock.set(kNow - seconds(300));
  EXPECT_EQ(test.status(kWebhook), 200);
  test.clock.set(kNow + seconds(301));
  EXPECT_EQ(test.status(kWebhook), 400);
  test.clock.set(kNow - seconds(301));
  EXPECT_EQ(test.status(kWebhook), 400);
  EXPECT_EQ(test.status(with_header(kWebhook, "sentry-hook-timestamp", "")), 200);
  EXPECT_EQ(test.count_of(WebhookResult::kStale), 2U);
  EXPECT_EQ(test.log.text(),
            "A webhook for bridge was refused: its time is 301 seconds from ours. Is this "
            "machine's clock right?\n");
  ReceiverUnderTest any({.most_distance = seconds(0)});
  any.clock.set(kNow + hours(1'000));
  EXPECT_EQ(any.status(kWebhook), 200);
}

TEST(WebhookReceiver, TakesServiceHooks) {
  ReceiverUnderTest test;
  HttpRequest request;
  request.method = "POST";
  request.path = "/hook";
  request.body = R"({"project":{"slug":"shop"},"group":{},"event":{}})";
  request.headers = {{"x-servicehook-timestamp", "1768478400"},
                     {"x-servicehook-guid", "00112233445566778899aabbccddeeff"},
                     {"sentry-hook-resource", "issue"}};
  EXPECT_EQ(test.status(request), 401);
  const std::string right = hex_of(hmac_sha256(kHookSecret, request.body));
  EXPECT_EQ(test.status(with_header(request, "sentry-hook-signature", right)), 401);
  EXPECT_EQ(test.status(with_header(request, "x-servicehook-signature", right)), 200);
  const Delivery delivery = test.store.deliveries().back();
  EXPECT_EQ(delivery.kind, Kind::kServiceHook);
  EXPECT_EQ(delivery.endpoint, "hook");
  EXPECT_EQ(delivery.resource, "");
  EXPECT_EQ(delivery.sent_at, "1768478400");
  test.clock.set(kNow + seconds(301));
  EXPECT_EQ(test.status(with_header(request, "x-servicehook-signature", right)), 400);
}

TEST(WebhookReceiver, TakesTheOldPluginsByTheirPath) {
  ReceiverUnderTest test;
  HttpRequest request;
  request.method = "POST";
  request.path = "/old/" + kPluginToken;
  request.body = R"({"id": "1", "project": "shop", "event": {}})";
  EXPECT_EQ(test.status(request), 200);
  EXPECT_EQ(test.store.deliveries().back().kind, Kind::kLegacy);
  request.path = "/old";
  EXPECT_EQ(test.status(request), 404);
  request.path = "/old/" + kFormerSecret;
  EXPECT_EQ(test.status(request), 404);
  EXPECT_EQ(test.log.text().find(kFormerSecret), std::string::npos);
}

TEST(WebhookReceiver, KnowsItsPathsAndItsMethod) {
  ReceiverUnderTest test;
  HttpRequest request = kWebhook;
  request.path = "//";
  EXPECT_EQ(test.status(request), 404);
  request.path = "/";
  request.method = "GET";
  const HttpAnswer answer = test.answer(request);
  EXPECT_EQ(answer.status, 405);
  EXPECT_EQ(answer.headers, (decltype(answer.headers){{"Allow", "POST"}}));
  request.method = "POST";
  EXPECT_EQ(test.receiver->admit(request).most_body, std::size_t{2} << 20);
  request.path = "/hook";
  EXPECT_EQ(test.receiver->admit(request).most_body, 1'000U);
  EXPECT_TRUE(test.receiver->serves("/hook"));
  EXPECT_FALSE(test.receiver->serves("/hook/"));
}

TEST(WebhookReceiver, SaysHowTheStoreDoes) {
  ReceiverUnderTest test;
  test.store.result = Result::kDuplicate;
  EXPECT_EQ(test.status(kWebhook), 200);
  test.store.result = Result::kFull;
  EXPECT_EQ(test.status(kWebhook), 503);
  test.store.result = Result::kFailed;
  EXPECT_EQ(test.status(kWebhook), 503);
  EXPECT_EQ(test.count_of(WebhookResult::kDuplicate), 1U);
  EXPECT_EQ(test.count_of(WebhookResult::kFull), 1U);
  EXPECT_EQ(test.count_of(WebhookResult::kFailed), 1U);
  EXPECT_EQ(test.log.lines().size(), 2U);
}

TEST(WebhookReceiver, DropsErrorsOnceThereIsLittleRoom) {
  ReceiverUnderTest test;
  const HttpRequest error =
      ReceiverUnderTest::webhook(R"({"action":"created","data":{"error":{}}})", "error");
  test.store.fill = 0.89;
  EXPECT_EQ(test.status(error), 200);
  test.store.fill = 0.9;
  EXPECT_EQ(test.status(error), 200);
  EXPECT_EQ(test.store.deliveries().size(), 1U);
  EXPECT_EQ(test.count_of(WebhookResult::kDropped), 1U);
  EXPECT_EQ(test.status(kWebhook), 200);
  EXPECT_EQ(test.store.deliveries().size(), 2U);
  EXPECT_EQ(test.status(with_header(error, "sentry-hook-signature", "")), 401);
}

TEST(WebhookReceiver, DoesNotLetSentryWaitForASlowDisk) {
  ReceiverUnderTest test({.store_time = milliseconds(20)});
  test.store.waits = true;
  EXPECT_EQ(test.status(kWebhook), 503);
  EXPECT_EQ(test.count_of(WebhookResult::kLate), 1U);
  test.store.finish();
  EXPECT_EQ(test.count_of(WebhookResult::kStored), 0U);
  EXPECT_NE(test.metrics->text().find("source_sentry_late_stores_total 1\n"), std::string::npos);
  test.store.waits = false;
  EXPECT_EQ(test.status(kWebhook), 200);
}

TEST(WebhookReceiver, MayEndBeforeTheStoreDoes) {
  ReceiverUnderTest test({.store_time = hours(1)});
  test.store.waits = true;
  std::future<HttpAnswer> answer = test.asked(kWebhook);
  test.receiver.reset();
  test.store.finish();
  EXPECT_EQ(answer.get().status, 200);
}

TEST(WebhookReceiver, TakesNothingOnceItIsShut) {
  ReceiverUnderTest test;
  test.receiver->shut();
  EXPECT_EQ(test.status(kWebhook), 503);
}

TEST(WebhookReceiver, TellsNoSecrets) {
  ReceiverUnderTest test;
  const std::string body = R"({"data":{"installation":{"code":"GRANT"}},"text":"PRIVATE"})";
  for (const HttpRequest& request :
       {ReceiverUnderTest::webhook(body, "issue"), ReceiverUnderTest::webhook(body, "HEADER"),
        ReceiverUnderTest::webhook(body, "issue", "wrong"),
        ReceiverUnderTest::webhook(body + "PRIVATE", "issue")}) {
    test.status(request);
  }
  const std::string told = test.log.text() + test.metrics->text();
  for (const std::string& secret :
       {kPresentSecret, kFormerSecret, kHookSecret, kPluginToken, std::string("GRANT"),
        std::string("PRIVATE"), std::string("HEADER"), hex_of(hmac_sha256(kPresentSecret, body))}) {
    EXPECT_EQ(told.find(secret), std::string::npos) << secret;
  }
}

}  // namespace
}  // namespace source_sentry
