#include "sentry/answers/answers.h"

#include <algorithm>
#include <string_view>

#include "base/text.h"
#include "http/rate_headers.h"
#include "sentry/answers/before_sentry.h"
#include "sentry/answers/connection_trouble.h"
#include "sentry/answers/error_body.h"
#include "sentry/answers/row_refusal.h"
#include "sentry/answers/scopes.h"
#include "sentry/answers/successor.h"
#include "sentry/limits.h"

namespace source_sentry {
namespace {

using Kind = Verdict::Kind;

constexpr std::string_view kMakeToken =
    " Create a new one in Sentry (Settings, Developer Settings, or your account's Auth Tokens) and "
    "put it into auth_token.";

class Answer {
 public:
  Answer(const Response& response, const Route& route, const BaseUrl& host)
      : response_(response), route_(route), host_(host) {}

  Verdict verdict() const {
    if (response_.problem != TransportProblem::kNone) return of_any_request(transport());
    switch (response_.status) {
      case 200:
      case 203:  // a proxy has changed something, such as the compression
        return is_web_page(response_) ? web_page() : Verdict{};
      case 301:
      case 302:
      case 303:
      case 307:
      case 308:
        return redirect();
      case 304:
        return of_any_request(not_modified());
      case 400:
        return bad_request();
      case 401:
        return of_any_request(unauthorized());
      case 403:
        return forbidden();
      case 404:
      case 405:
        return not_found();
      case 407:  // from a proxy for plain http; Sentry has no use for it
        return refuse(FailureKind::kConfig, explain_proxy_login(host_));
      case 408:
      case 504:
      case 524:  // Cloudflare's time-out
        return of_any_request(too_slow());
      case 410:
        return gone();
      case 422:
        return not_understood();
      case 429:
        return rate_limited();
      default:
        break;
    }
    if (const std::string sign = sign_of_another(response_); is_refusal() && !sign.empty()) {
      return before_sentry(sign);
    }
    if (response_.status >= 500) return of_any_request(server_error());
    if (response_.status < 400) return of_any_request(no_answer());
    return refuse(FailureKind::kSystem,
                  "Sentry refuses to give " + route_.what + said() + ". Please report this.");
  }

 private:
  Verdict refuse(FailureKind kind, std::string message, bool other_route = false) const {
    Verdict verdict{Kind::kRefuse, std::nullopt, other_route, std::nullopt};
    verdict.error = ConnectorError(kind, std::move(message), technical());
    return verdict;
  }

  Verdict retry(std::string message, bool other_route = false) const {
    Verdict verdict = refuse(FailureKind::kTransient, std::move(message), other_route);
    verdict.kind = Kind::kRetry;
    return verdict;
  }

  /// For the log: the request and the bare answer.
  std::string technical() const {
    std::string text = "GET " + route_.path;
    if (response_.status != 0) text += ": HTTP " + std::to_string(response_.status);
    if (const std::string detail = error_detail(response_); !detail.empty()) text += ": " + detail;
    if (!response_.problem_text.empty()) text += ": " + response_.problem_text;
    return text;
  }

  /// A failure that does not depend on what is asked for.
  Verdict of_any_request(Verdict verdict) const {
    verdict.error = verdict.error->but_for(route_.what);
    return verdict;
  }

  /// " (HTTP 403: You do not have permission ...)"
  std::string said() const {
    const std::string detail = error_detail(response_);
    return " (HTTP " + std::to_string(response_.status) + (detail.empty() ? "" : ": " + detail) +
           ")";
  }

  /// Whether it is reported as a refusal: a failure of the server is retried, whoever reports it.
  bool is_refusal() const {
    constexpr int kNetworkLogin = 511;
    return (response_.status >= 400 && response_.status < 500) || response_.status == kNetworkLogin;
  }

  /// It came from something in front of Sentry, and so says nothing about token and scopes.
  Verdict before_sentry(const std::string& sign) const {
    Verdict verdict =
        refuse(FailureKind::kConfig, explain_another(response_, sign, route_, host_), true);
    verdict.before_server = true;
    return of_any_request(std::move(verdict));
  }

  Verdict transport() const {
    const std::string message = explain_trouble(response_, route_, host_);
    switch (response_.problem) {
      case TransportProblem::kTlsFailure:
      case TransportProblem::kProxyTlsFailure:
        return refuse(FailureKind::kConfig, message);
      case TransportProblem::kProxyFailure:  // the status, if there is one, is the proxy's
        return response_.status >= 400 && response_.status < 500
                   ? refuse(FailureKind::kConfig, message)
                   : retry(message);
      case TransportProblem::kTimeout:
        return silent(of_bad_data(retry(message)));
      case TransportProblem::kTooLarge:
      case TransportProblem::kOutOfMemory:
        return refuse(FailureKind::kSystem, message);
      case TransportProblem::kLocalFailure: {
        Verdict verdict = retry(message);
        verdict.error = ConnectorError(FailureKind::kSystem, message, technical());
        return verdict;
      }
      case TransportProblem::kDnsFailure:
      case TransportProblem::kConnectFailure:
        return retry(message);
      default:
        return of_bad_data(retry(message));
    }
  }

  /// GlitchTip answers this to parameters that it does not know, Sentry's sort orders among them.
  Verdict not_understood() const {
    Verdict verdict =
        refuse(FailureKind::kSystem,
               "The server does not understand the request for " + route_.what + said() +
                   ". If it is no Sentry, check that it is one of those that "
                   "docs/compatibility.md names.",
               true);
    verdict.not_understood = true;
    return verdict;
  }

  Verdict web_page() const {
    return refuse(FailureKind::kConfig,
                  "The server at " + host_.text() +
                      " answers with a web page instead of Sentry's API: a login page or a proxy. "
                      "Check hostname, and that the API is reachable from here without a login.");
  }

  Verdict redirect() const {
    if (const std::string slug = moved_to_slug(response_); !slug.empty()) {
      return refuse(FailureKind::kConfig,
                    "The project was renamed to \"" + shown(slug) +
                        "\". Run the sync again, which reads it under that name; where the "
                        "configuration names it, put the new name there.");
    }
    Verdict verdict = refuse(FailureKind::kConfig, explain_redirect(response_, route_, host_));
    verdict.before_server = true;
    verdict.error = verdict.error->but_for(shown(response_.header("location").value_or("")));
    return verdict;
  }

  /// We never told the server that we hold anything: a cache on the way has mixed up two requests.
  Verdict not_modified() const {
    Verdict verdict = of_bad_data(
        retry("The answer for " + route_.what +
              " was \"not modified\" (HTTP 304), which was not asked for: a cache on the "
              "way to " +
              host_.text() + " does not work. Have it leave the API alone."));
    verdict.before_server = true;
    return verdict;
  }

  /// A success without what was asked for (202, 204, 206), or a status that means nothing here.
  Verdict no_answer() const {
    return of_bad_data(retry("The answer for " + route_.what + " from " + host_.text() +
                             " is not usable (HTTP " + std::to_string(response_.status) +
                             "). Check what is in front of Sentry, or try again later."));
  }

  Verdict bad_request() const {
    const std::string detail = error_detail(response_);
    const auto has = [&](std::string_view part) { return detail.find(part) != std::string::npos; };
    // Sentry's query backend reports its own trouble as the client's fault.
    if (has("Query timeout") || has("Internal error. Please try again") ||
        has("Your query failed to run")) {
      Verdict verdict = retry("Sentry could not run its query for " + route_.what + said() +
                              ". Try again later.");
      verdict.smaller_window_may_help = true;
      return of_any_request(std::move(verdict));
    }
    if (const auto sign = sign_of_another(response_); !sign.empty()) return before_sentry(sign);
    // Of Explore, and of searches of issues, whose words were the same in 23.7.1 and are today.
    if (has("dataset must be one of") || has("Invalid category value of")) {
      return not_offered(does_not_offer() + said() + ". Leave it out, or update Sentry.", true);
    }
    if (has("Pagination offset too large")) {
      const std::string most = "Sentry lists only the first 10,000 of " + route_.what;
      return refuse(FailureKind::kSystem, most + " of a stretch of time" + said() + ".", true);
    }
    const bool ours = !route_.blamed;
    const std::string what = ours ? "the request for " + route_.what : route_.blamed(detail);
    const char* advice = ". Please report this with the version of your Sentry.";
    return refuse(ours ? FailureKind::kSystem : FailureKind::kConfig,
                  "Sentry does not accept " + what + said() + (ours ? advice : ". Correct it."),
                  true);
  }

  Verdict unauthorized() const {
    const std::string detail = error_detail(response_);
    const std::string code = error_code(response_);
    const auto has = [&](std::string_view part) { return detail.find(part) != std::string::npos; };
    std::string message = "Sentry does not accept the token" + said() + ".";
    const std::string sign = sign_of_another(response_);
    if (!sign.empty() && !is_json(response_)) return before_sentry(sign);
    if (has("expired")) {
      message = "The token has expired." + std::string(kMakeToken);
    } else if (code == "sso-required") {
      message =
          "The organization demands single sign-on for this token. Log in to Sentry through it "
          "again, or use the token of an internal integration.";
    } else if (code == "2fa-required") {
      message =
          "The organization demands two-factor authentication of the token's owner. Switch it "
          "on for the account, or use the token of an internal integration.";
    } else if (code == "member-disabled-over-limit" || code == "data-secrecy") {
      message = "The organization bars the token's owner at present" + said() +
                ". Use a token of somebody who has access.";
    } else if (has("inactive") || has("deleted")) {
      message = "The user or integration that the token belongs to is inactive or deleted." +
                std::string(kMakeToken);
    } else if (has("not provided")) {
      message =
          "No token reached Sentry: something between here and there removes the "
          "Authorization header. Check the proxy.";
    } else if (has("nvalid token") || has("nvalid org token") || has("nvalid api key")) {
      message = "Sentry does not know the token." + std::string(kMakeToken);
    } else if (has("nauthorized organization") || has("limited to organization")) {
      message =
          "The token belongs to another organization. Use a token of the organization that is "
          "configured.";
    } else if (!sign.empty()) {
      return before_sentry(sign);
    } else if (detail.empty()) {
      message = "This kind of token cannot read " + route_.what +
                ". Use the token of an internal integration or of a user.";
    } else {
      message += kMakeToken;
    }
    return refuse(FailureKind::kConfig, message);
  }

  Verdict forbidden() const {
    if (is_about_feature(error_detail(response_))) return feature_missing();
    if (const auto sign = sign_of_another(response_); !sign.empty()) return before_sentry(sign);
    // Current servers list the scopes that would do; they know better than we do.
    const auto header = response_.header("www-authenticate");
    const std::string theirs = header ? scopes_named_in(*header) : std::string();
    const std::string scopes = scope_to_give(route_, error_detail(response_), theirs);
    const std::string& other = route_.scopes_of_glitchtip;
    const bool may_be_either = theirs.empty() && !other.empty() && scopes != other;
    const std::string elsewhere = may_be_either ? " (GlitchTip: " + other + ")" : "";
    Verdict verdict = refuse(FailureKind::kConfig,
                             "The token may not read " + route_.what + ". Give it the scope " +
                                 scopes + " in Sentry" + elsewhere + ", or access to the project.",
                             true);
    verdict.scopes = scopes;
    return verdict;
  }

  Verdict not_found() const {
    const std::string detail = error_detail(response_);
    const std::string sign = sign_of_another(response_);
    if (response_.status == 405 && !sign.empty()) return before_sentry(sign);
    // Servers that lack a route, or have the feature switched off, answer with an empty body; if
    // they know the route but find nothing, they say so in JSON.
    if (detail.empty() || response_.status == 405) {
      return not_offered(does_not_offer() +
                         ": it has no such route. Leave this stream out, or use "
                         "a newer Sentry; if nothing else can be read either, check hostname.");
    }
    if (is_about_feature(detail)) return feature_missing();
    return refuse(FailureKind::kConfig,
                  "Sentry cannot find " + route_.what +
                      ". Check organization and project (their slugs are in the address of your "
                      "Sentry pages), and that the token may see them.",
                  true);
  }

  Verdict feature_missing() const {
    return not_offered("The organization does not have the feature behind " + route_.what + said() +
                       ". Switch it on in Sentry, or leave this stream out.");
  }

  Verdict not_offered(const std::string& message, bool of_question = false) const {
    Verdict verdict = refuse(FailureKind::kConfig, message, true);
    verdict.not_offered = true;
    verdict.of_question = of_question;
    return verdict;
  }

  std::string does_not_offer() const {
    return "The server at " + host_.text() + " does not offer " + route_.what;
  }

  Verdict gone() const {
    std::string message = "Sentry has switched its route for " + route_.what + " off";
    if (const auto date = response_.header("x-sentry-deprecation-date")) {
      message += " (deprecated since " + shown(*date) + ")";
    }
    if (const auto next = response_.header("x-sentry-replacement-endpoint")) {
      message += "; its successor is " + shown(*next);
    }
    // Before a route is removed it is off for minutes at a time: waiting that out is right.
    Verdict verdict = retry(message + ". Use a newer version of this connector.", true);
    constexpr std::chrono::minutes kBrownout(1);
    verdict.wait = kBrownout;
    verdict.successor = successor_among(
        response_.header("x-sentry-replacement-endpoint").value_or(""), route_.others);
    return verdict;
  }

  Verdict rate_limited() const {
    Verdict verdict =
        retry("Sentry's rate limit for " + route_.what + " is reached" + said() + ".");
    verdict.kind = Kind::kRateLimited;
    verdict.wait = rate_limit_wait(response_);
    return verdict;
  }

  Verdict server_error() const {
    // Old servers answer 500 to routes and parameters that they do not know, 9.1 to all of Explore.
    const bool explores = response_.status == 500 && route_.rate_group == kExploreGroup;
    const char* old = explores ? " If it always does, the server does not offer this." : "";
    Verdict verdict = retry(
        "Sentry answers with an error for " + route_.what + said() + ". Try again later." + old,
        response_.status == 500);
    // 503 is about the server, or a front that limits it, and seldom about what was asked for.
    verdict.server_may_be_busy = response_.status == 503;
    if (verdict.server_may_be_busy) verdict.wait = retry_after(response_);
    return of_bad_data(std::move(verdict));
  }

  static Verdict silent(Verdict verdict) {
    verdict.timed_out = true;
    return verdict;
  }

  static Verdict of_bad_data(Verdict verdict) {
    verdict.data_may_be_bad = true;
    return verdict;
  }

  /// From Sentry, or from a proxy before it that would not wait any longer.
  Verdict too_slow() const {
    Verdict verdict =
        retry("Sentry took too long to answer for " + route_.what + said() + ". Try again later.");
    verdict.smaller_window_may_help = true;
    return verdict;
  }

  const Response& response_;
  const Route& route_;
  const BaseUrl& host_;
};

}  // namespace

Judge make_judge(const BaseUrl& host) {
  return [host](const Response& response, const Route& route) {
    Verdict verdict = Answer(response, route, host).verdict();
    verdict.row_may_be_refused = verdict.kind == Kind::kRefuse && may_be_of_one_row(response);
    return verdict;
  };
}

}  // namespace source_sentry
