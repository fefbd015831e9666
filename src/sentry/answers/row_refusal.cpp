#include "sentry/answers/row_refusal.h"

#include <algorithm>
#include <array>

namespace source_sentry {

bool may_be_of_one_row(const Response& refusal) {
  constexpr std::array<int, 4> kOfAnyRequest = {401, 407, 408, 429};
  const int status = refusal.status;
  if (refusal.problem != TransportProblem::kNone) return false;
  if (status == 200 || status == 203) return true;  // refused, so it is a web page
  return status >= 400 && status < 500 &&
         std::find(kOfAnyRequest.begin(), kOfAnyRequest.end(), status) == kOfAnyRequest.end();
}

}  // namespace source_sentry
