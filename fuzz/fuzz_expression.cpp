// Any text as an expression: what is wrong with it is told, and what only selects finds what jq
// would.

#include <optional>
#include <string>

#include "json_text.h"
#include "mapping/expression/expression.h"

namespace source_sentry {
namespace {

constexpr std::string_view kRecord =
    R"({"a":{"b":[1,{"c":"x"}],"d":null},"id":"5","list":[true,false],"x-y":{"z":[1.5]}})";

/// What jq itself gives first; nothing where it fails.
std::optional<nlohmann::json> by_jq(const std::string& text) {
  JqPrograms programs;
  std::optional<nlohmann::json> first;
  const auto input = parse_for_jq(kRecord);
  const std::string error = programs.run(text, *input, [&](const JqValue& value) {
    std::string json;
    if (value.print(json)) first = nlohmann::json::parse(json);
    return false;
  });
  return error.empty() ? first : std::nullopt;
}

}  // namespace

void fuzz(std::string_view input) {
  const std::string text(input);
  const Expression expression(text);
  JqPrograms programs;
  try {
    expression.check(programs);
  } catch (const ExpressionError& error) {
    require(error.what()[0] != '\0', "a refusal says why");
    return;
  }
  // A program may have no end.
  if (expression.path() == nullptr) return;
  MappedRow row(kRecord);
  std::string lent;
  const Evaluated found = expression.first(row, programs, lent);
  std::optional<nlohmann::json> expected;
  try {
    expected = by_jq(text);
  } catch (const ExpressionError&) {
    return;  // jq 1.6 takes `.e1` for a number that it then cannot read; later ones take the path
  }
  require(found.worked() == expected.has_value(), "a path leads where jq's leads");
  if (expected) {
    require(nlohmann::json::parse(found.value) == *expected, "and finds the same there");
  }
}

}  // namespace source_sentry
