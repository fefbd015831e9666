#pragma once

#include <string>

#include "json/record_splitter.h"

namespace source_sentry {

/// Takes what can be used from a page that is no valid JSON as a whole: those records of the list
/// `body` that are valid each on its own. The others count among `page.not_objects`. False, and
/// `page` is empty, when the list cannot be followed from its `[` to the body's end, as one that
/// was cut off, or when nothing of it is valid. The records are slices of `body`.
bool salvage_records(const std::string& body, RecordSplitter& splitter, RecordPage& page);

}  // namespace source_sentry
