#include "mapping/schema/result_type.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "mapping/jq/jq_tokens.h"

namespace source_sentry {
namespace {

using TokenKind = JqToken::Kind;
using JqTokenList = std::vector<JqToken>;

constexpr std::array<std::pair<std::string_view, std::string_view>, 46> kFunctions = {
    {{"tostring", "string"},
     {"join", "string"},
     {"ascii_downcase", "string"},
     {"ascii_upcase", "string"},
     {"sub", "string"},
     {"gsub", "string"},
     {"todate", "string"},
     {"todateiso8601", "string"},
     {"strftime", "string"},
     {"implode", "string"},
     {"tojson", "string"},
     {"type", "string"},
     {"ascii", "string"},
     {"trim", "string"},
     {"ltrim", "string"},
     {"rtrim", "string"},
     {"length", "number"},
     {"utf8bytelength", "number"},
     {"tonumber", "number"},
     {"floor", "number"},
     {"ceil", "number"},
     {"round", "number"},
     {"sqrt", "number"},
     {"now", "number"},
     {"fromdate", "number"},
     {"fromdateiso8601", "number"},
     {"mktime", "number"},
     {"abs", "number"},
     {"test", "boolean"},
     {"startswith", "boolean"},
     {"endswith", "boolean"},
     {"contains", "boolean"},
     {"inside", "boolean"},
     {"any", "boolean"},
     {"all", "boolean"},
     {"not", "boolean"},
     {"has", "boolean"},
     {"IN", "boolean"},
     {"map", "array"},
     {"keys", "array"},
     {"split", "array"},
     {"sort", "array"},
     {"sort_by", "array"},
     {"unique", "array"},
     {"to_entries", "array"},
     {"from_entries", "object"}}};

int level_change(const JqToken& token) {
  if (token.kind == TokenKind::kWord) {
    if (token.is("if")) return 1;
    return token.is("end") ? -1 : 0;
  }
  if (token.is("(") || token.is("[") || token.is("{")) return 1;
  return token.is(")") || token.is("]") || token.is("}") ? -1 : 0;
}

/// Each token of the outermost level that is not inside a bracket; brackets stay.
JqTokenList outermost(const JqTokenList& tokens) {
  JqTokenList out;
  int depth = 0;
  for (const JqToken& token : tokens) {
    const int change = level_change(token);
    if (depth == 0 || (depth == 1 && change < 0)) out.push_back(token);
    depth += change;
  }
  return out;
}

bool holds_sign(const JqTokenList& tokens, std::initializer_list<std::string_view> signs) {
  return std::any_of(tokens.begin(), tokens.end(), [&](const JqToken& token) {
    return token.kind != TokenKind::kString &&
           std::find(signs.begin(), signs.end(), token.text) != signs.end();
  });
}

/// What is behind the last bar of the outermost level.
JqTokenList last_stage(JqTokenList tokens) {
  const auto bar = std::find_if(tokens.rbegin(), tokens.rend(),
                                [](const JqToken& token) { return token.is("|"); });
  return JqTokenList(bar.base(), tokens.end());
}

bool is_call(const JqTokenList& stage) {
  if (stage.front().kind != TokenKind::kWord) return false;
  return stage.size() == 1 || (stage.size() == 3 && stage[1].is("(") && stage[2].is(")"));
}

}  // namespace

std::string_view result_type(std::string_view expression) {
  const JqTokenList stage = last_stage(outermost(jq_tokens(expression)));
  if (stage.empty() || holds_sign(stage, {"//", ",", "?//", "reduce", "foreach", "label", "def"})) {
    return {};
  }
  if (holds_sign(stage, {"and", "or", "==", "!=", "<", "<=", ">", ">="})) return "boolean";
  const bool has_text = std::any_of(stage.begin(), stage.end(), [](const JqToken& token) {
    return token.kind == TokenKind::kString || token.kind == TokenKind::kFormat;
  });
  // A path's own strings are in brackets, or behind a dot.
  const bool has_dot_before_text = holds_sign(stage, {"."});
  const bool sums_only = !holds_sign(stage, {"-", "*", "/", "%", "=", "|=", "+=", "try", "as"});
  if (has_text && !has_dot_before_text && sums_only) return "string";
  if (is_call(stage)) {
    for (const auto& [name, type] : kFunctions) {
      if (stage.front().is(name)) return type;
    }
  }
  if (stage.size() != 2) return {};
  if (stage[0].is("[") && stage[1].is("]")) return "array";
  return stage[0].is("{") && stage[1].is("}") ? "object" : std::string_view();
}

bool may_give_several(std::string_view expression) {
  const JqTokenList tokens = jq_tokens(expression);
  for (std::size_t at = 0; at + 1 < tokens.size(); ++at) {
    if (tokens[at].is("[") && tokens[at + 1].is("]")) return true;
  }
  return holds_sign(tokens, {",", "..", "range", "recurse", "inputs", "paths", "splits", "limit"});
}

}  // namespace source_sentry
