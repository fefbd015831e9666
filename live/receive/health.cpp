#include "live/receive/health.h"

#include "live/server/answer_text.h"

namespace source_sentry {
namespace {

constexpr int kOk = 200;
constexpr int kNotFound = 404;
constexpr int kMethodNotAllowed = 405;
constexpr int kUnavailable = 503;

bool is_known(const std::string& path) {
  return path == "/healthz" || path == "/readyz" || path == "/metrics";
}

}  // namespace

RequestHandler::Admission HealthHandler::admit(const RequestHead& head) {
  if (!is_known(head.path)) return {.refusal = plain_answer(kNotFound)};
  if (head.method != "GET" && head.method != "HEAD") {
    HttpAnswer answer = plain_answer(kMethodNotAllowed);
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
    return respond(plain_answer(sources_.is_healthy() ? kOk : kUnavailable));
  }
  const std::optional<std::string> why_not = sources_.why_not_ready();
  if (!why_not) return respond(plain_answer(kOk));
  respond({.status = kUnavailable, .body = *why_not + "\n"});
}

}  // namespace source_sentry
