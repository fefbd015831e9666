#include "live/server/answerer.h"

#include "live/server/answer_text.h"
#include "live/server/status.h"

namespace source_sentry {

Answerer::~Answerer() {
  try {
    answer(plain_answer(status::kFailed));
  } catch (...) {  // the deadline ends the connection
  }
}

void Answerer::answer(HttpAnswer answer) {
  if (used_.exchange(true)) return;
  if (const auto connection = connection_.lock()) connection->bring(request_, std::move(answer));
}

}  // namespace source_sentry
