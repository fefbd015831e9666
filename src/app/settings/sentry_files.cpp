#include "app/settings/sentry_files.h"

#include <algorithm>

#include "base/text.h"

namespace source_sentry {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

/// Calls `take` with each line that is not empty, without the white space around it.
template <typename Take>
void for_each_line(std::string_view text, Take take) {
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    if (const std::string_view content = trim(line); !content.empty()) take(content);
  }
}

std::string_view without_quotes(std::string_view value) {
  const bool quoted = value.size() >= 2 && value.front() == value.back() &&
                      (value.front() == '"' || value.front() == '\'');
  return quoted ? value.substr(1, value.size() - 2) : value;
}

}  // namespace

NamedValues read_ini(std::string_view text) {
  NamedValues values;
  std::string section;
  for_each_line(text, [&](std::string_view line) {
    if (line.front() == ';' || line.front() == '#') return;
    if (line.front() == '[') {
      section = std::string(trim(line.substr(1, line.find(']') - 1))) + ".";
      return;
    }
    const std::size_t at = line.find_first_of("=:");
    if (at == line.npos) return;
    values[section + std::string(trim(line.substr(0, at)))] =
        without_quotes(trim(line.substr(at + 1)));
  });
  return values;
}

NamedValues read_properties(std::string_view text) {
  NamedValues values;
  for_each_line(text, [&](std::string_view line) {
    if (line.front() == '#' || line.front() == '!') return;
    const std::size_t at = line.find_first_of("=: \t");
    std::string_view rest = trim(line.substr(std::min(at, line.size())));
    if (!rest.empty() && (rest.front() == '=' || rest.front() == ':')) {
      rest = trim(rest.substr(1));
    }
    std::string value;
    for (std::size_t i = 0; i < rest.size(); ++i) {
      if (rest[i] == '\\' && i + 1 < rest.size()) ++i;
      value += rest[i];
    }
    values[std::string(line.substr(0, at))] = value;
  });
  return values;
}

}  // namespace source_sentry
