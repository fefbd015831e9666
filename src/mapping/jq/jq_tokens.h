#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace source_sentry {

/// What jq's grammar takes an expression apart into.
struct JqToken {
  enum class Kind {
    kField,     ///< `.name`
    kWord,      ///< a function's name or a keyword
    kVariable,  ///< `$name`
    kNumber,
    kString,  ///< with its quotes and with what is interpolated in it
    kFormat,  ///< `@base64`
    kSign,    ///< an operator, a bracket, a dot
    kUnknown  ///< a character that jq does not know
  };
  Kind kind = Kind::kUnknown;
  std::string text;
  std::size_t offset = 0;  ///< of its first byte in the expression

  bool is(std::string_view sign) const { return text == sign; }
  bool is_plain_string() const;  ///< one without interpolation, whose end is there
};

/// The tokens of `expression`, without comments. Never fails: what is wrong is left to jq.
std::vector<JqToken> jq_tokens(std::string_view expression);

/// Turns what jq 1.7 and later take and jq 1.6 does not into what 1.6 takes: `if` without `else`, a
/// dot before a bracket (`.a.["b"]`), and `?//` where it is `?` and `//`. None of it is valid in
/// 1.6, so nothing changes its meaning.
void spell_for_jq_1_6(std::vector<JqToken>& tokens);

/// The text within a plain string's quotes; the token is one.
std::string inside_of(const JqToken& token);

/// The expressions that are interpolated in a string.
std::vector<std::string> interpolated_in(const JqToken& string);

/// Whether a term may end with that token, so that a path can go on behind it.
bool ends_term(const JqToken& token);

}  // namespace source_sentry
