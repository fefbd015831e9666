#include "engine/fetch/route.h"

#include "base/percent.h"

namespace source_sentry {

std::string Route::target(const std::string& fixed, const Window* window,
                          const std::string& cursor) const {
  std::string text = path;
  char separator = '?';
  const auto add = [&](const std::string& parameters) {
    if (parameters.empty()) return;
    text += separator;
    text += parameters;
    separator = '&';
  };
  add(fixed);
  if (window != nullptr && window_query) add(window_query(*window));
  if (!cursor.empty()) add("cursor=" + percent_encode(cursor));
  return text;
}

}  // namespace source_sentry
