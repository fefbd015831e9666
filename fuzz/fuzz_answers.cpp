// Any answer that is not what was asked for: error bodies, redirects, web pages.

#include <string>

#include "answer_text.h"
#include "property.h"
#include "sentry/answers/answers.h"
#include "sentry/answers/error_body.h"

namespace source_sentry {
namespace {

constexpr std::size_t kLongestDetail = 303;

void check_verdict(const Response& response) {
  const Route route{.path = "projects/acme/web/events/",
                    .query = "full=true",
                    .what = "the events of project \"web\"",
                    .scopes = "project:read"};
  const Verdict verdict = make_judge({"https", "sentry.io", ""})(response, route);
  const bool accepted = verdict.kind == Verdict::Kind::kAccept;
  require(accepted == !verdict.error, "all but an accepted answer have an error");
  require(!accepted || (response.status >= 200 && response.status < 300),
          "only a good answer is accepted");
  require(!verdict.wait || *verdict.wait > Duration::zero(), "a wait is more than nothing");
  if (verdict.kind == Verdict::Kind::kRateLimited) {
    require(response.status == 429, "only a 429 is a rate limit");
  }
  if (!verdict.error) return;
  require(!verdict.error->message().empty(), "an error says what happened");
  require(verdict.error->message().ends_with('.'), "an error is made of sentences");
}

}  // namespace

void fuzz(std::string_view input) {
  const Response response = answer_of(input);
  const std::string detail = error_detail(response);
  require(detail.size() <= kLongestDetail, "what a server says is cut short");
  require(std::none_of(detail.begin(), detail.end(), [](char c) { return c >= 0 && c < ' '; }),
          "what a server says is one line");
  error_code(response);
  moved_to_slug(response);
  check_verdict(response);
}

}  // namespace source_sentry
