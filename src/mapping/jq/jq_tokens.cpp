#include "mapping/jq/jq_tokens.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "base/text.h"

namespace source_sentry {
namespace {

using TokenKind = JqToken::Kind;

bool is_name_begin(char c) { return is_letter_or_digit(c) ? c < '0' || c > '9' : c == '_'; }
bool is_name(char c) { return is_letter_or_digit(c) || c == '_'; }
bool is_number_begin(char c) { return c >= '0' && c <= '9'; }

std::size_t end_of_text(std::string_view text, std::size_t at);

/// The place after the bracket that closes the interpolation whose inside begins at `at`.
std::size_t end_of_interpolation(std::string_view text, std::size_t at) {
  std::size_t depth = 1;
  while (at < text.size()) {
    if (text[at] == '"') {
      at = end_of_text(text, at);
      continue;
    }
    if (text[at] == '#') {
      at = std::min(text.find('\n', at), text.size());
      continue;
    }
    if (text[at] == '(') ++depth;
    if (text[at] == ')' && --depth == 0) return at + 1;
    ++at;
  }
  return at;
}

/// The place after the string whose opening quote is at `at`; the text's end where it has no end.
std::size_t end_of_text(std::string_view text, std::size_t at) {
  for (++at; at < text.size(); ++at) {
    if (text[at] == '"') return at + 1;
    if (text[at] != '\\') continue;
    ++at;
    if (at < text.size() && text[at] == '(') at = end_of_interpolation(text, at + 1) - 1;
  }
  return text.size();
}

std::size_t end_of_name(std::string_view text, std::size_t at) {
  while (at < text.size() &&
         (is_name(text[at]) || (text.substr(at).starts_with("::") && at + 2 < text.size() &&
                                is_name_begin(text[at + 2])))) {
    at += text[at] == ':' ? 2 : 1;
  }
  return at;
}

std::size_t end_of_digits(std::string_view text, std::size_t at) {
  while (at < text.size() && is_number_begin(text[at])) ++at;
  return at;
}

std::size_t end_of_jq_number(std::string_view text, std::size_t at) {
  at = end_of_digits(text, at);
  if (at < text.size() && text[at] == '.') at = end_of_digits(text, at + 1);
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    std::size_t digits = at + 1;
    if (digits < text.size() && (text[digits] == '+' || text[digits] == '-')) ++digits;
    if (digits < text.size() && is_number_begin(text[digits])) at = end_of_digits(text, digits);
  }
  return at;
}

std::size_t length_of_sign(std::string_view text) {
  constexpr std::array<std::string_view, 15> kLong = {
      "?//", "//=", "//", "|=", "+=", "-=", "*=", "/=", "%=", "==", "!=", "<=", ">=", "..", "<<"};
  for (const std::string_view sign : kLong) {
    if (text.starts_with(sign)) return sign == "<<" ? 1 : sign.size();
  }
  return 1;
}

/// The kind of the token at `at`, and where it ends in `end`.
TokenKind read_token(std::string_view text, std::size_t at, std::size_t& end) {
  const char c = text[at];
  const char next = at + 1 < text.size() ? text[at + 1] : '\0';
  const auto take = [&](std::size_t to, TokenKind kind) {
    end = to;
    return kind;
  };
  if (c == '"') return take(end_of_text(text, at), TokenKind::kString);
  if (is_number_begin(c) || (c == '.' && is_number_begin(next))) {
    return take(end_of_jq_number(text, at), TokenKind::kNumber);
  }
  if (c == '.' && is_name_begin(next)) {
    end = at + 1;
    while (end < text.size() && is_name(text[end])) ++end;
    return TokenKind::kField;
  }
  if (c == '$' && is_name_begin(next)) return take(end_of_name(text, at + 1), TokenKind::kVariable);
  if (c == '@' && is_name_begin(next)) return take(end_of_name(text, at + 1), TokenKind::kFormat);
  if (is_name_begin(c)) return take(end_of_name(text, at), TokenKind::kWord);
  end = at + length_of_sign(text.substr(at));
  return std::string_view(".?|,:;=<>!+-*/%$()[]{}").find(c) != std::string_view::npos
             ? TokenKind::kSign
             : TokenKind::kUnknown;
}

/// Whether `tokens` end in the pattern of an `as`, so that `?//` separates patterns.
bool is_behind_pattern(const std::vector<JqToken>& tokens) {
  int depth = 0;
  for (std::size_t at = tokens.size(); at-- > 0;) {
    const JqToken& token = tokens[at];
    if (token.is(")") || token.is("]") || token.is("}")) ++depth;
    if ((token.is("(") || token.is("[") || token.is("{")) && depth-- == 0) return false;
    if (depth == 0 && token.is("as")) return true;
    if (depth == 0 && token.is("|")) return false;
  }
  return false;
}

}  // namespace

bool JqToken::is_plain_string() const {
  if (kind != TokenKind::kString || text.size() < 2 || text.back() != '"') return false;
  for (std::size_t at = 1; at + 1 < text.size(); ++at) {
    if (static_cast<unsigned char>(text[at]) < 0x20) return false;
    if (text[at] == '\\' && text[++at] == '(') return false;
  }
  return nlohmann::json::accept(text);
}

std::string inside_of(const JqToken& token) {
  return nlohmann::json::parse(token.text).get<std::string>();
}

std::vector<std::string> interpolated_in(const JqToken& string) {
  std::vector<std::string> inside;
  const std::string& text = string.text;
  for (std::size_t at = 1; at < text.size(); ++at) {
    if (text[at] != '\\' || ++at >= text.size() || text[at] != '(') continue;
    const std::size_t end = end_of_interpolation(text, at + 1);
    inside.push_back(text.substr(at + 1, end - at - 2));
    at = end - 1;
  }
  return inside;
}

bool ends_term(const JqToken& token) {
  constexpr std::array<std::string_view, 14> kKeywords = {
      "and", "or",   "as",   "def",  "reduce", "foreach", "try",
      "if",  "then", "elif", "else", "catch",  "label",   "import"};
  switch (token.kind) {
    case TokenKind::kWord:
      return !holds(kKeywords, token.text);
    case TokenKind::kSign:
      return token.is("]") || token.is(")") || token.is("}") || token.is("?");
    default:
      return token.kind != TokenKind::kUnknown && token.kind != TokenKind::kNumber;
  }
}

std::vector<JqToken> jq_tokens(std::string_view expression) {
  std::vector<JqToken> tokens;
  for (std::size_t at = 0; at < expression.size();) {
    const char c = expression[at];
    if (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
      ++at;
    } else if (c == '#') {
      at = std::min(expression.find('\n', at), expression.size());
    } else {
      std::size_t end = at;
      const TokenKind kind = read_token(expression, at, end);
      tokens.push_back({kind, std::string(expression.substr(at, end - at)), at});
      at = end;
    }
  }
  return tokens;
}

void spell_for_jq_1_6(std::vector<JqToken>& tokens) {
  std::vector<JqToken> spelled;
  std::vector<bool> else_seen;  // of each open `if`
  for (std::size_t at = 0; at < tokens.size(); ++at) {
    JqToken& token = tokens[at];
    const bool is_word = token.kind == TokenKind::kWord;
    if (token.is(".") && at + 1 < tokens.size() && tokens[at + 1].is("[") && !spelled.empty() &&
        ends_term(spelled.back())) {
      continue;
    }
    if (is_word && token.is("if")) else_seen.push_back(false);
    if (is_word && token.is("else") && !else_seen.empty()) else_seen.back() = true;
    if (is_word && token.is("end") && !else_seen.empty()) {
      if (!else_seen.back()) {
        spelled.push_back({TokenKind::kWord, "else", token.offset});
        spelled.push_back({TokenKind::kSign, ".", token.offset});
      }
      else_seen.pop_back();
    }
    if (token.is("?//") && !is_behind_pattern(spelled)) {
      spelled.push_back({TokenKind::kSign, "?", token.offset});
      token = {TokenKind::kSign, "//", token.offset + 1};
    }
    spelled.push_back(std::move(token));
  }
  tokens = std::move(spelled);
}

}  // namespace source_sentry
