#include "live/notion/api/verdict.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/json_member.h"
#include "base/json_text.h"
#include "base/text.h"
#include "http/rate_headers.h"
#include "live/server/status.h"

namespace source_sentry {
namespace {

constexpr int kTimedOut = 504;
constexpr int kOverloaded = 529;  // Notion's own
constexpr std::size_t kWordsShown = 300;

/// Whether the connection failed before anything of the request was sent.
bool is_unsent(TransportProblem problem) {
  switch (problem) {
    case TransportProblem::kDnsFailure:
    case TransportProblem::kConnectFailure:
    case TransportProblem::kTlsFailure:
    case TransportProblem::kProxyFailure:
    case TransportProblem::kProxyTlsFailure:
    case TransportProblem::kLocalFailure:
      return true;
    default:
      return false;
  }
}

NotionVerdict without_answer(const Response& response) {
  const std::string detail = "Notion: " + response.problem_text;
  if (response.problem == TransportProblem::kStopped) {
    return {FormError(status::kUnavailable, "The service is restarting. Try again in a moment.")};
  }
  if (response.problem == TransportProblem::kTimeout) {
    return {.error = FormError(kTimedOut, "Notion has not answered in time. Try again in a moment.",
                               detail),
            .may_pass = true};
  }
  return {.error = FormError(status::kBadGateway,
                             "Notion cannot be reached. Try again in a moment.", detail),
          .certainly_not_done = is_unsent(response.problem),
          .may_pass = true};
}

std::string words(int status, const std::string& notions) {
  const std::string said = notions.empty() ? "" : " Notion says: " + excerpt(notions, kWordsShown);
  switch (status) {
    case 400:
      return "Notion refuses it." + said;
    case 401:
      return "Notion refuses the token of this service. Whoever runs it must set NOTION_TOKEN "
             "anew.";
    case 403:
      return "Notion does not allow it. Give the Notion integration the capabilities to read, "
             "insert "
             "and update content, and to read users without e-mail addresses.";
    case 404:
      return "Notion does not find it, or does not show it to the integration. Share the database "
             "with it: \"...\", then Connections.";
    case 409:
      return "Somebody changed the same in Notion at that moment. Try again.";
    default:
      return "Notion has trouble (HTTP " + std::to_string(status) + "). Try again in a moment.";
  }
}

int our_status(int status) {
  if (status == 400 || status == 404) return status;
  return status == 409 ? status::kUnavailable : status::kBadGateway;
}

}  // namespace

FormError busy_error(Duration busy_for) {
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(busy_for).count();
  return {status::kUnavailable,
          "Notion is busy, try again in " + std::to_string(std::max<long>(seconds, 1)) + " s"};
}

NotionVerdict judge_notion(const Response& response) {
  if (response.problem != TransportProblem::kNone) return without_answer(response);
  const int status = response.status;
  const nlohmann::json body = parse_json(response.body);  // may be HTML of a proxy
  const std::string code = text_member(body, "code");
  // The code and the request's id are Notion's words and no one's data; its message may quote both.
  const std::string detail = "Notion: HTTP " + std::to_string(status) + " " + excerpt(code, 60) +
                             " " + excerpt(text_member(body, "request_id"), 60);
  if (status == 200) {
    return {.error = FormError(status::kBadGateway, "Notion's answer could not be read. Try again.",
                               detail),
            .may_pass = true};
  }
  const bool busy = status == 429 || status == kOverloaded;
  NotionVerdict verdict{
      FormError(our_status(status), words(status, text_member(body, "message")), detail)};
  verdict.error.code = code;
  verdict.certainly_not_done =
      busy || (status >= 400 && status < 500 && status != 408 && status != 409);
  verdict.may_pass = busy || status == 408 || status == 409 || status >= 500;
  verdict.holds_all = busy;
  if (busy || status == status::kUnavailable) verdict.asked = retry_after(response);
  if (busy && !verdict.asked) verdict.asked = std::chrono::seconds(1);
  if (busy) {
    FormError error = busy_error(*verdict.asked);
    error.code = code;
    verdict.error = error;
  }
  return verdict;
}

}  // namespace source_sentry
