#include "sentry/answers/answers.h"

#include <gmock/gmock.h>

#include "fakes/fake_http.h"

namespace source_sentry {
namespace {

using Kind = Verdict::Kind;
using testing::HasSubstr;

const Route kRoute{.path = "projects/acme/web/events/",
                   .rate_group = "default",
                   .what = "the events of the project \"web\"",
                   .scopes = "project:read"};

Verdict judge(const Response& response) {
  return make_judge(*parse_base_url("https://sentry.example.com"))(response, kRoute);
}

/// A failure of the proxy on the way, which answered with `status`; 0: with nothing.
Response proxys(int status) {
  Response response = broken(TransportProblem::kProxyFailure, "p:1: trouble");
  response.status = status;
  return response;
}

struct Case {
  const char* what;
  Response response;
  Kind kind;
  FailureKind failure;
  const char* says;
};

void expect_all(const std::vector<Case>& cases) {
  for (const Case& one : cases) {
    const Verdict verdict = judge(one.response);
    EXPECT_EQ(verdict.kind, one.kind) << one.what;
    ASSERT_TRUE(verdict.error) << one.what;
    EXPECT_EQ(verdict.error->kind(), one.failure) << one.what;
    EXPECT_THAT(verdict.error->message(), HasSubstr(one.says)) << one.what;
    EXPECT_THAT(verdict.error->detail(), HasSubstr("GET projects/acme/web/events/")) << one.what;
  }
}

TEST(Answers, AcceptsAGoodOne) {
  EXPECT_EQ(judge(answer(200, "[]")).kind, Kind::kAccept);
  EXPECT_EQ(judge(answer(200, "{}")).kind, Kind::kAccept);
}

TEST(Answers, ExplainWhatIsWrongWithTheToken) {
  const auto refused = [](const char* detail) {
    return answer(401, std::string(R"({"detail":")") + detail + "\"}");
  };
  const auto code = [](const char* name) {
    return answer(401, std::string(R"({"detail":{"code":")") + name +
                           R"(","message":"Must be fulfilled","extra":{}}})");
  };
  expect_all({
      {"unknown", refused("Invalid token"), Kind::kRefuse, FailureKind::kConfig,
       "does not know the token"},
      {"CI token", refused("Invalid org token"), Kind::kRefuse, FailureKind::kConfig,
       "does not know the token"},
      {"expired", refused("Token expired"), Kind::kRefuse, FailureKind::kConfig, "has expired"},
      {"owner gone", refused("User inactive or deleted"), Kind::kRefuse, FailureKind::kConfig,
       "inactive or deleted"},
      {"stripped", refused("Authentication credentials were not provided."), Kind::kRefuse,
       FailureKind::kConfig, "removes the Authorization header"},
      {"other organization", refused("Unauthorized organization access."), Kind::kRefuse,
       FailureKind::kConfig, "belongs to another organization"},
      {"single sign-on", code("sso-required"), Kind::kRefuse, FailureKind::kConfig,
       "single sign-on"},
      {"two factors", code("2fa-required"), Kind::kRefuse, FailureKind::kConfig, "two-factor"},
      {"seats", code("member-disabled-over-limit"), Kind::kRefuse, FailureKind::kConfig,
       "bars the token's owner"},
      {"no user", answer(401, ""), Kind::kRefuse, FailureKind::kConfig,
       "kind of token cannot read the events"},
  });
}

TEST(Answers, ExplainRefusals) {
  expect_all({
      {"missing scope",
       answer(403, R"({"detail":"You do not have permission to perform this action."})"),
       Kind::kRefuse, FailureKind::kConfig,
       "may not read the events of the project \"web\". Give it the scope project:read"},
      {"missing scope, named by the server",
       answer(403, R"({"detail":"You do not have permission to perform this action."})",
              {{"www-authenticate",
                R"(Bearer realm="api", error="insufficient_scope", scope="org:x  org:y")"}}),
       Kind::kRefuse, FailureKind::kConfig, "Give it the scope org:x or org:y in Sentry"},
      {"missing scope, an empty list",
       answer(403, "", {{"www-authenticate", R"(Bearer scope="")"}}), Kind::kRefuse,
       FailureKind::kConfig, "Give it the scope project:read"},
      {"missing feature", answer(404, R"({"detail":"The requested feature is not available."})"),
       Kind::kRefuse, FailureKind::kConfig, "does not have the feature behind the events"},
      {"missing feature as 403",
       answer(403, R"({"detail":"You do not have that feature enabled."})"), Kind::kRefuse,
       FailureKind::kConfig, "does not have the feature behind the events"},
      {"unknown", answer(404, R"({"detail":"The requested resource does not exist"})"),
       Kind::kRefuse, FailureKind::kConfig, "cannot find the events"},
      {"no such route", answer(404, ""), Kind::kRefuse, FailureKind::kConfig,
       "does not offer the events of the project \"web\": it has no such route"},
      {"unknown, with the word in its name",
       answer(404, R"({"detail":"There is no project feature-flags or \"feature\"."})"),
       Kind::kRefuse, FailureKind::kConfig, "cannot find the events"},
      {"bad input", answer(400, R"({"detail":"Invalid cursor parameter."})"), Kind::kRefuse,
       FailureKind::kSystem, "Invalid cursor parameter."},
      {"bad fields", answer(400, R"({"per_page":["too large"]})"), Kind::kRefuse,
       FailureKind::kSystem, "too large"},
      {"rows further down than Sentry lists",
       answer(400, R"({"detail":"Pagination offset too large"})"), Kind::kRefuse,
       FailureKind::kSystem, "only the first 10,000 of the events"},
      {"a dataset that the server does not have",
       answer(400, R"({"detail":"dataset must be one of: discover, metricsEnhanced"})"),
       Kind::kRefuse, FailureKind::kConfig, "does not offer the events"},
      {"a category that the server does not have",
       answer(400,
              R"({"detail":"Error parsing search query: Invalid category value of 'feedback'"})"),
       Kind::kRefuse, FailureKind::kConfig, "does not offer the events"},
      {"URL too long", answer(414, ""), Kind::kRefuse, FailureKind::kSystem, "HTTP 414"},
      {"renamed",
       answer(302, R"({"slug":"web2","detail":{"code":"resource-moved","extra":{"slug":"web2"}}})"),
       Kind::kRefuse, FailureKind::kConfig, "renamed to \"web2\""},
      {"sent elsewhere", answer(302, "", {{"location", "https://sso.example.com/"}}), Kind::kRefuse,
       FailureKind::kConfig, "redirects to https://sso.example.com/"},
      {"login page", answer(200, " <!DOCTYPE html>"), Kind::kRefuse, FailureKind::kConfig,
       "web page instead of"},
  });
}

Response redirect_to(const std::string& where) { return answer(302, "", {{"location", where}}); }

TEST(Answers, TellWhatStandsBeforeSentryFromSentry) {
  const auto refused = [](int status, const char* body, const char* login = nullptr) {
    Response response = answer(status, body);
    if (login != nullptr) response.headers.emplace_back("www-authenticate", login);
    return response;
  };
  constexpr const char* kPage = "\n<html><h1>Forbidden</h1></html>";
  constexpr const char* kLogin = "wants a login of its own";
  constexpr const char* kFirewall = "such as a firewall, refuses the request";
  constexpr const char* kOther = "Something in front of Sentry answers";
  const std::vector<std::pair<Response, const char*>> kCases = {
      {refused(401, "", "Basic realm=\"x\""), kLogin},
      {refused(401, "", "Negotiate, NTLM"), kLogin},
      {refused(401, "", "Digest qop=\"auth\", nonce=\"x\""), kLogin},
      {refused(401, R"({"message":"Unauthorized"})", "basic realm=\"a, b\""), kLogin},
      {refused(401, kPage), kLogin},
      {refused(401, "401 Authorization Required"), kLogin},
      {refused(401, kPage, "Bearer realm=\"oauth2-proxy\""), kLogin},
      {refused(403, kPage), kFirewall},
      {refused(403, "error code: 1020"), kFirewall},
      {refused(403, "RBAC: access denied"), kFirewall},
      {refused(400, kPage), kOther},
      {refused(400, "<html>The plain HTTP request was sent to HTTPS port"), "Write https:// in"},
      {refused(402, kPage), kOther},
      {refused(405, kPage), kOther},
      {refused(406, kPage), kOther},
      {refused(414, kPage), kOther},
      {refused(451, ""), kOther},
      {refused(511, ""), "The network here wants a login"},
      {redirect_to("/login?next=/api/0/"), "wants a login"},
      {redirect_to("https://id.example.org/oauth2/authorize"), "wants a login"},
      {redirect_to("https://sentry.example.com/auth/sso/"), "wants a login"},
      {redirect_to("/api/0/projects/acme/web/events"), "changes addresses"},
      {redirect_to("//sentry.example.com/api/0/projects/acme/web/events/?x"), "changes addresses"},
      {redirect_to("https://sentry.example.com/sub/api/0/projects/acme/web/events/"),
       "Put https://sentry.example.com/sub into hostname"},
      {redirect_to("/welcome"), "Check the path in hostname"},
      {redirect_to("https://other.example.com/"), "Put the address of the Sentry itself"},
  };
  for (const auto& [response, says] : kCases) {
    const Verdict verdict = judge(response);
    EXPECT_EQ(verdict.kind, Kind::kRefuse) << response.status << response.body;
    EXPECT_TRUE(verdict.before_server) << response.status << response.body;
    ASSERT_TRUE(verdict.error);
    EXPECT_EQ(verdict.error->kind(), FailureKind::kConfig);
    EXPECT_THAT(verdict.error->message(), HasSubstr(says));
    EXPECT_THAT(verdict.error->message(),
                testing::Not(testing::AnyOf(HasSubstr("scope"), HasSubstr("Create a new one"))));
    EXPECT_EQ(verdict.scopes, "");
  }
  const Verdict https = make_judge(*parse_base_url("http://h:80/sub"))(
      redirect_to("https://h/sub/api/0/projects/acme/web/events/"), kRoute);
  EXPECT_THAT(https.error->message(), HasSubstr("it wants https. Put https://h/sub into hostname"));
}

TEST(Answers, KnowSentrysOwnRefusals) {
  const std::vector<Response> kOwn = {
      answer(401, R"({"detail":"Invalid token"})", {{"www-authenticate", "xBasic realm=\"api\""}}),
      answer(401, R"({"detail":"Invalid token"})", {{"www-authenticate", "Basic realm=\"api\""}}),
      answer(401, "", {{"www-authenticate", "Bearer realm=\"api\", Basic realm=\"api\""}}),
      answer(401, ""),
      answer(403, ""),
      answer(403, R"("no")"),
      answer(400, R"({"detail":"no"})"),
      answer(404, "<html>"),
      answer(405, R"({"detail":"Method not allowed."})"),
  };
  for (const Response& response : kOwn) {
    EXPECT_FALSE(judge(response).before_server) << response.status << response.body;
  }
}

TEST(Answers, TakeNothingForAnAnswerThatIsNone) {
  for (const int status : {201, 202, 204, 205, 206, 226, 300, 304, 305, 306, 399, 101}) {
    const Verdict verdict = judge(answer(status, "[]", {{"location", "/x"}}));
    EXPECT_EQ(verdict.kind, Kind::kRetry) << status;
    EXPECT_TRUE(verdict.data_may_be_bad) << status << ": another window may be another matter";
    EXPECT_THAT(verdict.error->message(), testing::Not(HasSubstr("redirects"))) << status;
  }
  EXPECT_THAT(judge(answer(304, "")).error->message(), HasSubstr("a cache on the way"));
  EXPECT_EQ(judge(answer(203, "[]")).kind, Kind::kAccept);
}

TEST(Answers, TryAgainWhatMayPass) {
  expect_all({
      {"query time-out as 400", answer(400, R"({"detail":"Query timeout. Please try again. If"})"),
       Kind::kRetry, FailureKind::kTransient, "Query timeout"},
      {"internal error as 400",
       answer(400, R"({"detail":"Internal error. Your query failed to run."})"), Kind::kRetry,
       FailureKind::kTransient, "could not run its query"},
      {"gateway time-out", answer(408, R"({"detail":{"code":"request-timeout","message":"x"}})"),
       Kind::kRetry, FailureKind::kTransient, "took too long"},
      {"unhandled", answer(500, R"({"detail":"Internal Error","errorId":"abc123"})"), Kind::kRetry,
       FailureKind::kTransient, "errorId abc123"},
      {"proxy", answer(502, "<html>Bad Gateway</html>"), Kind::kRetry, FailureKind::kTransient,
       "HTTP 502"},
      {"maintenance", answer(503, "maintenance"), Kind::kRetry, FailureKind::kTransient,
       "maintenance"},
      {"proxy time-out", answer(504, ""), Kind::kRetry, FailureKind::kTransient, "HTTP 504"},
      {"no such name", broken(TransportProblem::kDnsFailure), Kind::kRetry, FailureKind::kTransient,
       "No server named sentry.example.com"},
      {"dead", broken(TransportProblem::kConnectFailure), Kind::kRetry, FailureKind::kTransient,
       "does not accept connections"},
      {"proxy", proxys(0), Kind::kRetry, FailureKind::kTransient, "The proxy on the way to"},
      {"proxy's own trouble", proxys(503), Kind::kRetry, FailureKind::kTransient, "does not work"},
      {"silent", broken(TransportProblem::kTimeout), Kind::kRetry, FailureKind::kTransient,
       "stopped answering"},
      {"cut off", broken(TransportProblem::kBroken), Kind::kRetry, FailureKind::kTransient,
       "broke while reading"},
  });
}

TEST(Answers, GiveUpOnWhatTimeDoesNotMend) {
  expect_all({
      {"TLS", broken(TransportProblem::kTlsFailure, "self-signed certificate"), Kind::kRefuse,
       FailureKind::kConfig, "self-signed certificate"},
      {"proxy's login", proxys(407), Kind::kRefuse, FailureKind::kConfig,
       "The proxy on the way to https://sentry.example.com does not accept us (HTTP 407)"},
      {"login of a proxy for http", answer(407, ""), Kind::kRefuse, FailureKind::kConfig,
       "user name and password into proxy"},
      {"proxy's refusal", proxys(403), Kind::kRefuse, FailureKind::kConfig,
       "The proxy does not let us through to https://sentry.example.com (p:1: trouble)"},
      {"proxy's TLS", broken(TransportProblem::kProxyTlsFailure, "self-signed"), Kind::kRefuse,
       FailureKind::kConfig, "connection to the proxy could be made (self-signed)"},
      {"no memory", broken(TransportProblem::kOutOfMemory), Kind::kRefuse, FailureKind::kSystem,
       "not enough memory"},
      {"too large", broken(TransportProblem::kTooLarge), Kind::kRefuse, FailureKind::kSystem,
       "larger than"},
  });
}

TEST(Answers, WaitForRateLimits) {
  const Verdict verdict = judge(answer(429, R"("Limit is 40 requests in 1 seconds")"));
  EXPECT_EQ(verdict.kind, Kind::kRateLimited);
  EXPECT_EQ(verdict.wait, std::chrono::seconds(1));
}

TEST(Answers, WaitOutABrownoutAndNameTheSuccessor) {
  const Verdict verdict = judge(
      answer(410, R"({"message":"This API no longer exists."})",
             {{"x-sentry-deprecation-date", "2026-05-15T00:00:00+00:00"},
              {"x-sentry-replacement-endpoint", "/api/0/organizations/:organization/issues/"}}));
  EXPECT_EQ(verdict.kind, Kind::kRetry);
  EXPECT_TRUE(verdict.other_route_may_help);
  EXPECT_EQ(verdict.wait, std::chrono::minutes(1));
  EXPECT_THAT(verdict.error->message(),
              HasSubstr("successor is /api/0/organizations/:organization/issues/"));
}

TEST(Answers, TellWhatMayLieInTheDataFromAServerThatIsNotThere) {
  for (const int status : {500, 501, 502, 520}) {
    EXPECT_TRUE(judge(answer(status, "")).data_may_be_bad) << status;
  }
  EXPECT_TRUE(judge(broken(TransportProblem::kTimeout)).data_may_be_bad);
  EXPECT_TRUE(judge(broken(TransportProblem::kBroken)).data_may_be_bad);
  EXPECT_TRUE(judge(answer(503, "")).data_may_be_bad);
  EXPECT_TRUE(judge(answer(503, "")).server_may_be_busy);
  EXPECT_FALSE(judge(answer(500, "")).server_may_be_busy);
  EXPECT_FALSE(judge(broken(TransportProblem::kConnectFailure)).data_may_be_bad);
  for (const int status : {408, 504, 524}) {
    EXPECT_TRUE(judge(answer(status, "")).smaller_window_may_help) << status;
  }
}

TEST(Answers, KeepTheWaitThatA503Names) {
  EXPECT_EQ(judge(answer(503, "", {{"retry-after", "30"}})).wait, std::chrono::seconds(30));
  EXPECT_FALSE(judge(answer(503, "", {{"retry-after", "soon"}})).wait);
}

TEST(Answers, SayWhereAnotherRouteMayHelp) {
  EXPECT_TRUE(judge(answer(404, "")).other_route_may_help);
  EXPECT_TRUE(judge(answer(500, "")).other_route_may_help);
  EXPECT_TRUE(judge(answer(403, "")).other_route_may_help);
  EXPECT_FALSE(judge(answer(401, "")).other_route_may_help);
  EXPECT_FALSE(judge(answer(503, "")).other_route_may_help);
  EXPECT_FALSE(judge(broken(TransportProblem::kConnectFailure)).other_route_may_help);
}

}  // namespace
}  // namespace source_sentry
