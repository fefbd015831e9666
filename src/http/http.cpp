#include "http/http.h"

namespace source_sentry {

std::optional<std::string_view> Response::header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (key == name) return value;
  }
  return std::nullopt;
}

std::optional<Instant> Response::server_time() const {
  const auto date = header("date");
  return date ? parse_http_date(*date) : std::nullopt;
}

void Response::clear() {
  problem = TransportProblem::kNone;
  problem_text.clear();
  status = 0;
  headers.clear();
  body.clear();
}

}  // namespace source_sentry
