#pragma once

#include <string_view>

#include "http/http.h"

namespace source_sentry {

/// An answer from its text, so that seeds can be read: `429`, then lines `name: value`, and from
/// the first line on that is none the body. `separator` stands between lines.
Response answer_of(std::string_view text, char separator = '\n');

}  // namespace source_sentry
