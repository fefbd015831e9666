#pragma once

#include <optional>
#include <string>

#include "base/time.h"
#include "http/http.h"
#include "live/notion/api/form_error.h"

namespace source_sentry {

/// What an answer that is not the wanted one means.
struct NotionVerdict {
  FormError error;
  bool certainly_not_done = false;  ///< refused, or never sent
  bool may_pass = false;            ///< the same call may succeed later
  std::optional<Duration> asked{};  ///< how long Notion asks to wait
  bool holds_all = false;           ///< and all other calls with it
};

/// `busy_for`: the error of somebody who cannot wait that long.
FormError busy_error(Duration busy_for);

/// The answer is not 200 with a JSON object.
NotionVerdict judge_notion(const Response& response);

}  // namespace source_sentry
