#include "live/receive/health.h"

#include "live/server/answer_text.h"
#include "live/server/status.h"

namespace source_sentry {
namespace {

bool is_known(const std::string& path) {
  return path == "/healthz" || path == "/readyz" || path == "/metrics";
}

}  // namespace

RequestHandler::Admission HealthHandler::admit(const RequestHead& head) {
  if (!is_known(head.path)) return {.refusal = plain_answer(status::kNotFound)};
  if (head.method != "GET" && head.method != "HEAD") {
    HttpAnswer answer = plain_answer(status::kMethodNotAllowed);
    answer.headers.emplace_back("Allow", "GET, HEAD");
    return {.refusal = answer};
  }
  return {};
}

void HealthHandler::handle(HttpRequest request, Respond respond) {
  if (request.path == "/metrics") {
    return respond({.body = sources_.metrics(), .content_type = "text/plain; version=0.0.4"});
  }
  if (request.path == "/healthz") {
    return respond(plain_answer(sources_.is_healthy() ? status::kOk : status::kUnavailable));
  }
  const std::optional<std::string> why_not = sources_.why_not_ready();
  if (!why_not) return respond(plain_answer(status::kOk));
  respond({.status = status::kUnavailable, .body = *why_not + "\n"});
}

}  // namespace source_sentry
