#include "mapping/dialects/port_quotes.h"

namespace source_sentry {
namespace {

bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

}  // namespace

std::string with_double_quotes(std::string_view expression) {
  std::string out(expression);
  for (std::size_t at = 0; at < expression.size(); ++at) {
    if (expression[at] != '\'') continue;
    const bool is_first = at == 0;
    const bool is_last = at + 1 == expression.size();
    const char before = is_first ? ' ' : expression[at - 1];
    const char after = is_last ? ' ' : expression[at + 1];
    const bool opens = is_space(before) && !is_last && !is_space(after) && after != '"';
    const bool closes = is_space(after) && !is_first && !is_space(before) && before != '"';
    if (opens || closes) out[at] = '"';
  }
  return out;
}

}  // namespace source_sentry
