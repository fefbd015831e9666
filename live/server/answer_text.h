#pragma once

#include <string>

#include "live/server/http_server.h"

namespace source_sentry {

/// An answer as it goes over the wire. `with_body`: not for HEAD. `keep_alive`: whether another
/// request may follow. A header that would break the answer's form is left out.
std::string to_wire(const HttpAnswer& answer, bool with_body, bool keep_alive);

/// The answer of that status with its name as text.
HttpAnswer plain_answer(int status);

}  // namespace source_sentry
