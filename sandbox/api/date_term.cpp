#include "sandbox/api/date_term.h"

#include <algorithm>
#include <string>

namespace sandbox {
namespace {

namespace chrono = std::chrono;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

QueryError bad_date(std::string_view spelling, std::string_view value) {
  return {std::string(spelling) + ": Invalid date: " + std::string(value) +
          ". Expected +/-duration (e.g. +1h) or ISO 8601-like (e.g. 2024-01-16T12:30:00.000Z)."};
}

/// `-7d`: a sign, digits and one of w, d, h, m.
std::optional<Duration> parse_relative(std::string_view text) {
  if (text.size() < 3 || (text[0] != '-' && text[0] != '+')) return std::nullopt;
  const std::string_view digits = text.substr(1, text.size() - 2);
  if (digits.size() > 6 || !std::all_of(digits.begin(), digits.end(), is_digit))
    return std::nullopt;
  const int count = std::stoi(std::string(digits));
  switch (text.back()) {
    case 'm':
      return chrono::minutes(count);
    case 'h':
      return chrono::hours(count);
    case 'd':
      return chrono::days(count);
    case 'w':
      return chrono::weeks(count);
    default:
      return std::nullopt;
  }
}

struct ParsedDate {
  Instant when;
  bool only_date = false;
};

/// The ISO 8601 of search queries: a date, or a date and time with up to six digits of fraction,
/// then `Z`, `+hh:mm`, `-hh:mm` or nothing. Narrower than what parameters accept.
std::optional<ParsedDate> parse_search_date(std::string_view text) {
  constexpr std::size_t kDate = 10;
  constexpr std::size_t kTime = 19;
  if (text.size() == kDate) {
    const auto day = source_sentry::parse_instant(std::string(text) + "T00:00:00");
    if (!day) return std::nullopt;
    return ParsedDate{*day, true};
  }
  if (text.size() < kTime || text[kDate] != 'T') return std::nullopt;
  std::string_view tail = text.substr(kTime);
  if (tail.starts_with('.')) {
    std::size_t digits = 1;
    while (digits < tail.size() && is_digit(tail[digits])) ++digits;
    if (digits == 1 || digits > 7) return std::nullopt;
    tail.remove_prefix(digits);
  }
  const bool zone = tail.size() == 6 && (tail[0] == '+' || tail[0] == '-') && tail[3] == ':';
  if (!tail.empty() && tail != "Z" && !zone) return std::nullopt;
  const auto when = source_sentry::parse_instant(text);
  if (!when) return std::nullopt;
  return ParsedDate{*when, false};
}

}  // namespace

std::variant<DateSpan, QueryError> parse_date_term(const SearchTerm& term,
                                                   std::string_view spelling, Instant now) {
  const std::string& value = term.values.front();
  if (term.values.size() > 1 || term.negated) return bad_date(spelling, value);
  DateSpan span;
  if (term.compare == Operator::kEqual) {
    if (const auto ago = parse_relative(value)) {
      (value[0] == '-' ? span.from : span.to) = now - *ago;
      span.to_inclusive = true;
      return span;
    }
  }
  const auto date = parse_search_date(value);
  if (!date) return bad_date(spelling, value);
  switch (term.compare) {
    case Operator::kEqual:
      // A day means all of it; a time means about then (sentry/search/utils.py).
      span.from = date->only_date ? date->when : date->when - chrono::minutes(5);
      span.to = date->only_date ? date->when + chrono::days(1) : date->when + chrono::minutes(6);
      break;
    case Operator::kGreater:
    case Operator::kGreaterOrEqual:
      span.from = date->when;
      span.from_inclusive = term.compare == Operator::kGreaterOrEqual;
      break;
    case Operator::kLess:
    case Operator::kLessOrEqual:
      span.to = date->when;
      span.to_inclusive = term.compare == Operator::kLessOrEqual;
      break;
  }
  return span;
}

DateSpan cut_to_seconds(DateSpan span) {
  for (auto* edge : {&span.from, &span.to}) {
    if (*edge) *edge = chrono::floor<chrono::seconds>(**edge);
  }
  return span;
}

bool contains(const DateSpan& span, Instant when) {
  if (span.from && (span.from_inclusive ? when < *span.from : when <= *span.from)) return false;
  return !(span.to && (span.to_inclusive ? when > *span.to : when >= *span.to));
}

}  // namespace sandbox
