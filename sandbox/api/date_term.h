#pragma once

#include <optional>
#include <string_view>
#include <variant>

#include "sandbox/api/search_query.h"
#include "sandbox/world/model.h"

namespace sandbox {

/// A span of time that a term on a date key stands for: [from, to) with either end open.
struct DateSpan {
  std::optional<Instant> from;
  std::optional<Instant> to;
  bool from_inclusive = true;
  bool to_inclusive = false;
};

/// Reads the value of a term on a date key: absolute with a comparison, absolute without one (a
/// whole day, or five minutes around), or relative (`-7d` since then, `+7d` before then).
std::variant<DateSpan, QueryError> parse_date_term(const SearchTerm& term,
                                                   std::string_view spelling, Instant now);

/// The same span in whole seconds: the event store's times have no fraction, and its searches cut
/// the given one off too, so `lastSeen:>` misses the rest of that second.
DateSpan cut_to_seconds(DateSpan span);

/// Whether a time lies in a span.
bool contains(const DateSpan& span, Instant when);

}  // namespace sandbox
