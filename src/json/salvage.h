#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "json/record_splitter.h"

namespace source_sentry {

/// What could not be kept of a list.
struct Salvaged {
  std::size_t left_out = 0;  ///< elements
  /// The last element is one of them. It may be all that followed, with any number of records.
  bool ends_badly = false;
};

/// Makes a valid list of what can be used from a page that is not valid JSON as a whole: those
/// records of the list `body` that are each valid on their own, as they came. Nothing, and `body`
/// is spoiled, when the list cannot be followed from its `[` to the body's end (it was cut off,
/// say), or when none of it is valid.
std::optional<Salvaged> salvage_records(std::string& body, RecordSplitter& splitter);

}  // namespace source_sentry
