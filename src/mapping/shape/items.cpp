#include "mapping/shape/items.h"

#include <vector>

#include "mapping/jq/jq_tokens.h"

namespace source_sentry {
namespace {

using JqTokenList = std::vector<JqToken>;

int bracket_change(const JqToken& token) {
  if (token.is("(") || token.is("[") || token.is("{")) return 1;
  return token.is(")") || token.is("]") || token.is("}") ? -1 : 0;
}

/// What is inside a bracket that the expression begins with; the expression where there is none.
JqTokenList inside_of_bracket(const JqTokenList& tokens) {
  if (tokens.empty() || !tokens.front().is("(")) return tokens;
  int depth = 0;
  for (std::size_t at = 0; at < tokens.size(); ++at) {
    depth += bracket_change(tokens[at]);
    if (depth == 0) return JqTokenList(tokens.begin() + 1, tokens.begin() + static_cast<long>(at));
  }
  return tokens;
}

std::vector<JqTokenList> stages_of(const JqTokenList& tokens) {
  std::vector<JqTokenList> stages(1);
  int depth = 0;
  for (const JqToken& token : tokens) {
    depth += bracket_change(token);
    if (depth == 0 && token.is("|")) {
      stages.emplace_back();
    } else {
      stages.back().push_back(token);
    }
  }
  return stages;
}

bool is_passed_over(const JqTokenList& stage) {
  if (stage.empty()) return true;
  if (stage.front().kind == JqToken::Kind::kVariable) return true;
  if (!stage.front().is(".")) return false;
  return stage.size() == 1 || (stage.size() == 3 && stage[1].is("as"));
}

}  // namespace

std::optional<PlainPath> place_of_items(std::string_view expression) {
  for (const JqTokenList& stage : stages_of(inside_of_bracket(jq_tokens(expression)))) {
    if (!is_passed_over(stage)) return PlainPath::before(stage);
  }
  return std::nullopt;
}

}  // namespace source_sentry
