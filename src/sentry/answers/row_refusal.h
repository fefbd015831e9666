#pragma once

#include "http/http.h"

namespace source_sentry {

/// Whether a refusal may be of a single row of what was asked for. Servers and firewalls stumble
/// over a record's words with any of 400, 403, 404 and 422, or with a web page in place of the
/// answer (HTTP 200). A login (401, 407) is refused whatever is asked for, and time (408) or rates
/// (429) say nothing about rows.
bool may_be_of_one_row(const Response& refusal);

}  // namespace source_sentry
