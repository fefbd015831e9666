#include "live/receive/metrics.h"

#include <gtest/gtest.h>

#include <string>

#include "live/receive/health.h"

namespace source_sentry {
namespace {

bool has_line(const ReceiverMetrics& metrics, const std::string& line) {
  return metrics.text().find("\nsource_sentry_" + line + "\n") != std::string::npos;
}

TEST(ReceiverMetrics, CountByResourceAndResult) {
  ReceiverMetrics metrics;
  metrics.count("issue", WebhookResult::kStored);
  metrics.count("issue", WebhookResult::kStored);
  metrics.count("comment", WebhookResult::kDuplicate);
  metrics.count("\"}evil", WebhookResult::kBadSignature);
  metrics.count("another", WebhookResult::kBadSignature);
  metrics.count("", WebhookResult::kStale);
  EXPECT_TRUE(has_line(metrics, R"(webhooks_total{resource="issue",result="stored"} 2)"));
  EXPECT_TRUE(has_line(metrics, R"(webhooks_total{resource="comment",result="duplicate"} 1)"));
  EXPECT_TRUE(has_line(metrics, R"(webhooks_total{resource="other",result="bad_signature"} 2)"));
  EXPECT_TRUE(has_line(metrics, R"(webhooks_total{resource="none",result="stale"} 1)"));
  EXPECT_TRUE(has_line(metrics, "duplicates_total 1"));
  EXPECT_TRUE(has_line(metrics, "signature_failures_total 2"));
}

TEST(ReceiverMetrics, HaveAHistogramOfAnswers) {
  ReceiverMetrics metrics;
  for (const int microseconds : {0, 1'000, 1'001, 60'000, 5'000'000}) {
    metrics.count_ack(Duration(microseconds));
  }
  EXPECT_TRUE(has_line(metrics, R"(ack_seconds_bucket{le="0.001"} 2)"));
  EXPECT_TRUE(has_line(metrics, R"(ack_seconds_bucket{le="0.0025"} 3)"));
  EXPECT_TRUE(has_line(metrics, R"(ack_seconds_bucket{le="0.1"} 4)"));
  EXPECT_TRUE(has_line(metrics, R"(ack_seconds_bucket{le="1"} 4)"));
  EXPECT_TRUE(has_line(metrics, R"(ack_seconds_bucket{le="+Inf"} 5)"));
  EXPECT_TRUE(has_line(metrics, "ack_seconds_sum 5.062001"));
  EXPECT_TRUE(has_line(metrics, "ack_seconds_count 5"));
}

TEST(ReceiverMetrics, CountRefusals) {
  ReceiverMetrics metrics;
  metrics.count_refusal(404);
  metrics.count_refusal(418);
  EXPECT_TRUE(has_line(metrics, R"(refused_requests_total{status="404"} 1)"));
  EXPECT_TRUE(has_line(metrics, R"(refused_requests_total{status="other"} 1)"));
}

class HealthTest : public testing::Test {
 protected:
  HttpAnswer ask(const std::string& path, const std::string& method = "GET") {
    HttpRequest request;
    request.method = method;
    request.path = path;
    const RequestHandler::Admission admission = handler_.admit(request);
    EXPECT_EQ(admission.most_body, 0U);
    if (admission.refusal) return *admission.refusal;
    HttpAnswer answered;
    handler_.handle(request, [&](HttpAnswer answer) { answered = std::move(answer); });
    return answered;
  }

  bool healthy_ = true;
  std::optional<std::string> why_not_;
  HealthHandler handler_{{.is_healthy = [this] { return healthy_; },
                          .why_not_ready = [this] { return why_not_; },
                          .metrics = [] { return std::string("a 1\n"); }}};
};

TEST_F(HealthTest, SaysHowItIs) {
  EXPECT_EQ(ask("/healthz").status, 200);
  EXPECT_EQ(ask("/readyz").status, 200);
  why_not_ = "the spool is full";
  EXPECT_EQ(ask("/healthz").status, 200);
  EXPECT_EQ(ask("/readyz").status, 503);
  EXPECT_EQ(ask("/readyz").body, "the spool is full\n");
  healthy_ = false;
  EXPECT_EQ(ask("/healthz", "HEAD").status, 503);
}

TEST_F(HealthTest, ShowsMetrics) {
  EXPECT_EQ(ask("/metrics").body, "a 1\n");
  EXPECT_EQ(ask("/metrics").content_type, "text/plain; version=0.0.4");
}

TEST_F(HealthTest, AnswersNothingElse) {
  EXPECT_EQ(ask("/").status, 404);
  EXPECT_EQ(ask("/healthz/").status, 404);
  EXPECT_EQ(ask("/metrics", "POST").status, 405);
}

}  // namespace
}  // namespace source_sentry
