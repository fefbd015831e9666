#include "sentry/webhooks/webhook_record.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

namespace source_sentry {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using Json = nlohmann::json;

constexpr const char* kTail = R"(,"installation":{"uuid":"11111111-2222-3333-4444-555555555555"},)"
                              R"("actor":{"type":"user","id":3,"name":"Ada"}})";

std::string body_of(const std::string& action, const std::string& data) {
  return R"({"action":")" + action + R"(","data":)" + data + kTail;
}

Delivery delivery_of(std::string body, Delivery::Kind kind = Delivery::Kind::kIntegration) {
  Delivery delivery;
  delivery.id = "00112233445566778899aabbccddeeff";
  delivery.kind = kind;
  delivery.received_at = *parse_instant("2026-01-03T04:00:01.5Z");
  delivery.endpoint = "main";
  delivery.resource = "header";
  delivery.sent_at = "1767412800";
  delivery.request_id = "ffeeddccbbaa99887766554433221100";
  delivery.body = std::move(body);
  return delivery;
}

struct Made {
  std::string stream;
  std::string text;
  Json record;
};

Made made_of(const Delivery& delivery) {
  const auto envelope = read_envelope(delivery.body);
  if (!envelope) return {};
  const WebhookStream& stream = stream_of(delivery, *envelope);
  std::string text = record_of(delivery, {3, 4096}, *envelope, stream);
  Json record = Json::parse(text);
  return {std::string(stream.name), std::move(text), std::move(record)};
}

std::string stream_for(const std::string& action, const std::string& data) {
  return made_of(delivery_of(body_of(action, data))).stream;
}

TEST(WebhookRecords, TellWhenAndByWhomTheyWereSent) {
  const Made made = made_of(delivery_of(body_of("created", R"({"issue":{"id":"42"}})")));
  const Json& record = made.record;
  EXPECT_EQ(made.stream, "issue_webhooks");
  EXPECT_EQ(record["deliveryId"], "00112233445566778899aabbccddeeff");
  EXPECT_EQ(record["spoolPosition"], "00000003-0000004096");
  EXPECT_EQ(record["receivedAt"], "2026-01-03T04:00:01.500000Z");
  EXPECT_EQ(record["sentAt"], "2026-01-03T04:00:00.000000Z");
  EXPECT_EQ(record["requestId"], "ffeeddccbbaa99887766554433221100");
  EXPECT_EQ(record["kind"], "integration");
  EXPECT_EQ(record["verified"], true);
  EXPECT_EQ(record["endpoint"], "main");
  EXPECT_EQ(record["resource"], "issue") << "as the body says, not the header";
  EXPECT_EQ(record["action"], "created");
  EXPECT_EQ(record["installationId"], "11111111-2222-3333-4444-555555555555");
  EXPECT_EQ(record["actor"], Json({{"type", "user"}, {"id", 3}, {"name", "Ada"}}));
}

TEST(WebhookRecords, AreOfTheStreamThatTheirBodySays) {
  EXPECT_EQ(stream_for("resolved", R"({"resolution_type":"in_commit","issue":{}})"),
            "issue_webhooks");
  EXPECT_EQ(stream_for("created", R"({"comment_id":1,"issue_id":2})"), "comment_webhooks");
  EXPECT_EQ(stream_for("created", R"({"error":{"event_id":"e"}})"), "event_webhooks");
  EXPECT_EQ(stream_for("triggered", R"({"event":{},"triggered_rule":"r"})"), "event_webhooks");
  EXPECT_EQ(stream_for("critical", R"({"metric_alert":{"id":"5"}})"), "alert_webhooks");
  EXPECT_EQ(stream_for("triggered", R"({"issue":{},"activity":{},"alert":{}})"), "alert_webhooks");
  EXPECT_EQ(stream_for("created", R"({"installation":{}})"), "installation_webhooks");
  EXPECT_EQ(stream_for("root_cause_started", R"({"run_id":1,"group_id":2})"), "other_webhooks");
  EXPECT_EQ(stream_for("exploded", R"({"issue":{}})"), "other_webhooks") << "an unknown action";
  EXPECT_EQ(stream_for("created", R"({"volcano":{}})"), "other_webhooks");
}

TEST(WebhookRecords, TakeWhatAnIssueIsRecognisedBy) {
  const Json record =
      made_of(delivery_of(body_of(
                  "resolved",
                  R"({"resolution_type":"in_next_release","issue":{"id":"42","shortId":"SHOP-16",)"
                  R"("status":"resolved","lastSeen":"2026-01-03T03:04:05.000000+00:00",)"
                  R"("project":{"id":7,"slug":"shop"},"count":"3"}})")))
          .record;
  EXPECT_EQ(record["issueId"], "42");
  EXPECT_EQ(record["shortId"], "SHOP-16");
  EXPECT_EQ(record["status"], "resolved");
  EXPECT_EQ(record["projectId"], "7") << "a number becomes a text";
  EXPECT_EQ(record["projectSlug"], "shop");
  EXPECT_EQ(record["resolutionType"], "in_next_release");
  EXPECT_EQ(record["issue"]["count"], "3");
}

TEST(WebhookRecords, HaveIdsAsTextsWhicheverWayTheyCome) {
  for (const char* data :
       {R"({"comment_id":901,"issue_id":42})", R"({"comment_id":"901","issue_id":"42"})"}) {
    const Json record = made_of(delivery_of(body_of("created", data))).record;
    EXPECT_EQ(record["commentId"], "901");
    EXPECT_EQ(record["issueId"], "42");
  }
}

TEST(WebhookRecords, KnowTheIssueHoweverItIsTold) {
  const auto issue = [](const std::string& action, const std::string& data) {
    const Delivery delivery = delivery_of(body_of(action, data));
    const WebhookIssue found = issue_of(delivery, *read_envelope(delivery.body));
    return found.id + " of " + found.project;
  };
  EXPECT_EQ(issue("created", R"({"issue":{"id":"1","project":{"slug":"a"}}})"), "1 of a");
  EXPECT_EQ(issue("created", R"({"comment_id":3,"issue_id":2,"project_slug":"b"})"), "2 of b");
  EXPECT_EQ(issue("created", R"({"error":{"issue_id":"3","project":7}})"), "3 of 7");
  EXPECT_EQ(
      issue("triggered", R"({"event":{"issue_url":"https://h/api/0/issues/133/","project":9}})"),
      "133 of 9");
  EXPECT_EQ(issue("critical", R"({"metric_alert":{"id":"5"}})"), " of ");
  EXPECT_EQ(issue("created", R"({"issue":{"id":null}})"), " of ");
}

TEST(WebhookRecords, KeepTheirMembersByteByByte) {
  const Made made = made_of(
      delivery_of(body_of("created", R"({"issue":{"id":"42","n":1.10,"big":12345678901234567890,)"
                                     R"("t":"caf\u00e9 \ud83d\udc40"}})")));
  EXPECT_THAT(made.text, HasSubstr(R"("n":1.10,"big":12345678901234567890,"t":"caf\u00e9 \ud83d)"));
}

TEST(WebhookRecords, LeaveOutTheCodeOfAnInstallation) {
  const Made made = made_of(delivery_of(
      body_of("created", R"({"installation":{"uuid":"u","status":"pending","code":"GRANT",)"
                         R"("organization":{"slug":"acme"},"app":{"slug":"bridge"}}})")));
  EXPECT_THAT(made.text, Not(HasSubstr("GRANT")));
  EXPECT_EQ(made.record["installation"]["status"], "pending");
  EXPECT_EQ(made.record["organizationSlug"], "acme");
  EXPECT_EQ(made.record["appSlug"], "bridge");
}

TEST(WebhookRecords, OfOtherKindsSayThatTheyAre) {
  const Made hook = made_of(delivery_of(
      R"({"project":{"slug":"shop","name":"Shop"},"group":{"id":42},"event":{"event_id":"e1"}})",
      Delivery::Kind::kServiceHook));
  EXPECT_EQ(hook.stream, "event_webhooks");
  EXPECT_EQ(hook.record["kind"], "service_hook");
  EXPECT_EQ(hook.record["verified"], true);
  EXPECT_EQ(hook.record["issueId"], "42");
  EXPECT_EQ(hook.record["eventId"], "e1");
  EXPECT_EQ(hook.record["project"]["slug"], "shop");
  const Made legacy = made_of(delivery_of(
      R"({"id": "42", "project": "shop", "event": {"event_id": "e2"}})", Delivery::Kind::kLegacy));
  EXPECT_EQ(legacy.record["kind"], "legacy");
  EXPECT_EQ(legacy.record["verified"], false);
  EXPECT_EQ(legacy.record["project"], "shop");
  EXPECT_EQ(legacy.record["issueId"], "42");
  const Made older = made_of(
      delivery_of(R"({"project":{"slug":"shop"},"group":{"id":"7"},"event":{"eventID":"e3"}})",
                  Delivery::Kind::kServiceHook));
  EXPECT_EQ(older.record["eventId"], "e3") << "as Sentry's API names it";
  EXPECT_EQ(older.record["group"]["id"], "7");
}

TEST(WebhookRecords, KeepWhatNobodyKnowsWhole) {
  const std::string body = body_of("erupted", R"({"volcano":{"name":"x"}})");
  const Made made = made_of(delivery_of(body));
  EXPECT_EQ(made.record["resource"], "header");
  EXPECT_EQ(made.record["body"], Json::parse(body));
}

TEST(WebhookRecords, AreWithoutATimeWhereTheHeaderHasNone) {
  for (const char* wrong : {"", "soon", "-5", "1767412800.5", "99999999999999"}) {
    Delivery delivery = delivery_of(body_of("created", R"({"issue":{}})"));
    delivery.sent_at = wrong;
    EXPECT_FALSE(made_of(delivery).record.contains("sentAt")) << wrong;
  }
}

TEST(WebhookRecords, AreTheSameForAnArchivedAndAnIgnoredIssue) {
  const auto identity = [](const std::string& action, const std::string& data) {
    const std::string body = body_of(action, data);
    return other_words_of(body, *read_envelope(body)).value_or(body);
  };
  const std::string issue = R"({"issue":{"id":"42"}})";
  EXPECT_EQ(identity("archived", issue), identity("ignored", issue));
  EXPECT_NE(identity("archived", issue), identity("resolved", issue));
  EXPECT_NE(identity("archived", R"({"x":1})"), identity("ignored", R"({"x":1})"));
  EXPECT_EQ(made_of(delivery_of(body_of("archived", issue))).record["action"], "ignored");
}

TEST(Envelopes, AreOneObjectOfStrictJson) {
  for (const char* wrong :
       {"", "[]", "1", "{", "{}{}", "{\"x\":NaN}", "{\"x\":\"\xff\"}", "{'x':1}"}) {
    EXPECT_FALSE(read_envelope(wrong)) << wrong;
  }
  EXPECT_TRUE(read_envelope("{}"));
}

TEST(Envelopes, AreNotNestedDeep) {
  const auto nested = [](std::size_t depth) {
    return R"({"x":)" + std::string(depth, '[') + std::string(depth, ']') + "}";
  };
  EXPECT_TRUE(read_envelope(nested(63)));
  EXPECT_FALSE(read_envelope(nested(64)));
  EXPECT_FALSE(read_envelope(nested(10'000)));
  EXPECT_TRUE(read_envelope(R"({"x":")" + std::string(100, '[') + R"("})")) << "in a text";
}

}  // namespace
}  // namespace source_sentry
