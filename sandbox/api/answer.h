#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sandbox/api/paging.h"

namespace sandbox {

using Headers = std::vector<std::pair<std::string, std::string>>;

/// What a route answers, before the wire: no compression, no faults, no rate headers yet.
struct Answer {
  int status = 200;
  std::string body;
  std::string content_type = "application/json";
  Headers headers;
  std::optional<PageLinks> links;  ///< becomes the Link header
};

/// Thrown where Sentry's code raises an API exception: parsing of parameters and look-ups.
class Refusal {
 public:
  explicit Refusal(Answer answer) : answer_(std::move(answer)) {}
  const Answer& answer() const { return answer_; }

 private:
  Answer answer_;
};

/// `{"detail": "..."}` with a status.
Answer detail_answer(int status, std::string_view detail);

/// 404 without a body: unknown routes, wrong silo, features that are off (sentry-api.md 1.4).
Answer nothing_here();

/// 404 for things that do not exist, or that one may not know of.
Answer no_such_resource();

/// 403 without a hint.
Answer forbidden();

/// 500 as unhandled exceptions give it.
Answer internal_error(std::string_view what);

/// The page a browser would be shown, with status 200: what a proxy or an expired session gives.
Answer login_page();

}  // namespace sandbox
