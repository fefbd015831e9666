#include "mapping/expression/expression.h"

#include <nlohmann/json.hpp>
#include <optional>

#include "mapping/expression/needed_members.h"
#include "mapping/jq/jq_tokens.h"

namespace source_sentry {
namespace {

constexpr const char* kTooDeep = "The record is nested too deeply for jq";
constexpr const char* kTooLarge = "The result is larger than 64 MB, or nested too deeply";

/// The JSON of an expression that is one literal.
std::optional<std::string> literal_of(const std::vector<JqToken>& tokens) {
  using Kind = JqToken::Kind;
  const auto is_number = [](const JqToken& token) {
    return token.kind == Kind::kNumber && nlohmann::json::accept(token.text);
  };
  if (tokens.size() == 1) {
    const JqToken& only = tokens.front();
    const bool is_word = only.is("true") || only.is("false") || only.is("null");
    if (is_word || is_number(only) || only.is_plain_string()) return only.text;
  }
  if (tokens.size() == 2) {
    const JqToken& first = tokens[0];
    const JqToken& second = tokens[1];
    if (first.is("-") && is_number(second)) return "-" + second.text;
    if (first.is("[") && second.is("]")) return "[]";
    if (first.is("{") && second.is("}")) return "{}";
  }
  return std::nullopt;
}

}  // namespace

Expression::Expression(std::string text) : text_(std::move(text)) {
  std::vector<JqToken> tokens = jq_tokens(text_);
  spell_for_jq_1_6(tokens);
  if (auto path = PlainPath::of(tokens)) {
    way_ = std::move(*path);
  } else if (auto literal = literal_of(tokens)) {
    way_ = std::move(*literal);
  } else {
    way_ = NeedsJq{needed_members(tokens)};
  }
}

Expression Expression::literal(std::string json) {
  Expression expression(json);
  expression.way_ = std::move(json);
  return expression;
}

void Expression::check(JqPrograms& programs) const {
  if (needs_jq()) {
    programs.get(text_);
  } else {
    check_characters(text_);
  }
}

Evaluated Expression::first(MappedRow& row, JqPrograms& programs, std::string& lent) const {
  if (const std::string* constant = literal()) return {*constant, {}};
  if (const PlainPath* plain = path()) {
    PathValue found = row.find(*plain);
    if (!found.error.empty()) return {{}, std::move(found.error)};
    return {found.value, {}};
  }
  Evaluated evaluated;
  lent.clear();
  evaluated.error = each(row, programs, [&](std::string_view output) {
    lent = output;
    evaluated.value = lent;
    return false;
  });
  return evaluated;
}

std::string Expression::each(MappedRow& row, JqPrograms& programs,
                             const std::function<bool(std::string_view)>& take) const {
  if (!needs_jq()) {
    std::string unused;
    Evaluated evaluated = first(row, programs, unused);
    if (evaluated.worked()) take(evaluated.value);
    return std::move(evaluated.error);
  }
  programs.get(text_);  // an expression that cannot be compiled is told of first
  const auto& members = std::get<NeedsJq>(way_).members;
  const JqValue* input = members ? row.for_jq(*members) : row.for_jq();
  if (input == nullptr) return kTooDeep;
  std::string printed;
  bool too_large = false;
  std::string error = programs.run(text_, *input, [&](const JqValue& output) {
    printed.clear();
    too_large = !output.print(printed);
    return !too_large && take(printed);
  });
  return too_large ? kTooLarge : error;
}

}  // namespace source_sentry
