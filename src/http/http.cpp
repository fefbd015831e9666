#include "http/http.h"

namespace source_sentry {

std::optional<std::string_view> Response::header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (key == name) return value;
  }
  return std::nullopt;
}

std::optional<std::string> Response::list_header(std::string_view name) const {
  std::optional<std::string> list;
  for (const auto& [key, value] : headers) {
    if (key == name) list = list ? *list + ", " + value : value;
  }
  return list;
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
