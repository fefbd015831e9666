#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace sandbox {

/// How a term compares.
enum class Operator { kEqual, kGreater, kGreaterOrEqual, kLess, kLessOrEqual };

/// One term of an issue search: `key:value`, `!key:value`, `key:>value`, `key:[a,b]`, or text
/// without a key.
struct SearchTerm {
  std::string
      key;  ///< in one spelling (`lastSeen` and `last_seen` are `last_seen`); empty for text
  bool negated = false;
  Operator compare = Operator::kEqual;
  std::vector<std::string> values;  ///< one, or those of a list
  bool quoted = false;
};

/// Why a query is refused: what follows `Error parsing search query: `.
struct QueryError {
  std::string reason;
};

/// Splits a query into terms. Knows the syntax, not what keys mean.
std::variant<std::vector<SearchTerm>, QueryError> parse_search(std::string_view query);

/// A term on a number: whether `count` satisfies it. Nothing when the value is no number.
std::optional<bool> number_matches(const SearchTerm& term, std::int64_t count);

}  // namespace sandbox
