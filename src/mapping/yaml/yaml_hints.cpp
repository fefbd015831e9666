#include "mapping/yaml/yaml_hints.h"

#include <algorithm>

#include "base/text.h"

namespace source_sentry {
namespace {

/// Line `number`, from 0; empty where there is none.
std::string_view line_of(std::string_view text, int number) {
  for (; number > 0; --number) {
    const std::size_t end = text.find('\n');
    if (end == text.npos) return {};
    text.remove_prefix(end + 1);
  }
  return text.substr(0, text.find('\n'));
}

/// The column at which the line's content begins, behind the dash of a list's element.
std::size_t content_column(std::string_view line) {
  return std::min(
      line.find_first_not_of(line.find('-') == line.find_first_not_of(' ') ? " -" : " "),
      line.size());
}

bool is_blank(std::string_view line) {
  const std::string_view content = trim(line);
  return content.empty() || content.starts_with('#');
}

bool is_key(std::string_view line) {
  const std::string_view content = trim(line);
  return content.ends_with(':') || content.find(": ") != content.npos;
}

}  // namespace

std::string yaml_place(const std::string& name, int line, int column) {
  return name + ", line " + std::to_string(line + 1) + ", column " + std::to_string(column + 1) +
         ": ";
}

int column_of_mistake(std::string_view text, int line, int column) {
  const std::string_view here = line_of(text, line);
  const auto at = static_cast<std::size_t>(std::max(column, 0));
  if (at >= here.size() || here[at] != ':') return column;
  // Behind what opened before it.
  const std::string_view before = here.substr(0, at);
  const std::size_t colon = before.rfind(": ");
  const std::size_t sign = before.find_last_of("{[,");
  std::size_t begin = content_column(here);
  if (colon != before.npos) begin = std::max(begin, colon + 1);
  if (sign != before.npos) begin = std::max(begin, sign + 1);
  begin = before.find_first_not_of(" \t", begin);
  return begin == before.npos ? column : static_cast<int>(begin);
}

std::string yaml_hint(std::string_view text, int line, const std::string& said) {
  const std::string_view here = line_of(text, line);
  const std::size_t content = std::min(here.find_first_not_of(" \t"), here.size());
  if (here.substr(0, content).find('\t') != here.npos) {
    return "a tab in the indentation, where YAML takes blanks only";
  }
  int above = line - 1;
  while (above >= 0 && is_blank(line_of(text, above))) --above;
  if (above >= 0) {
    const std::string_view before = line_of(text, above);
    const bool has_value = !trim(before).ends_with(':');
    if (is_key(here) && is_key(before) && has_value &&
        content_column(here) > content_column(before)) {
      return "a key is indented deeper than the one above it";
    }
    if (is_key(here) && content_column(here) < content_column(before)) {
      return "a key is indented to no level that is open (the one above it may be indented deeper "
             "than it should be)";
    }
  }
  return "this is not YAML (" + said + ")";
}

}  // namespace source_sentry
