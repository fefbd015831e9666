#include "files/format/csv.h"

#include <algorithm>

#include "json/members.h"

namespace source_sentry {
namespace {

constexpr std::string_view kOthers = "_other";

void add_quoted(std::string_view text, std::string& line) {
  line += '"';
  for (const char c : text) {
    if (c == '"') line += '"';
    line += c;
  }
  line += '"';
}

void add_text(std::string_view text, std::string& line) {
  if (text.empty() || text.find_first_of(",\"\r\n") != text.npos) {
    add_quoted(text, line);
  } else {
    line += text;
  }
}

void add_value(std::string_view value, std::string& line) {
  if (value.empty() || value == "null") return;
  if (value.front() != '"') {
    add_text(value, line);
    return;
  }
  const std::string text = text_of_value(value);
  // Escapes that are not text stay as they were sent.
  const bool is_text = !text.empty() || value == "\"\"";
  add_text(is_text ? std::string_view(text) : value.substr(1, value.size() - 2), line);
}

}  // namespace

std::string Csv::header() const {
  std::string line;
  for (const std::string& column : columns_) {
    add_text(column, line);
    line += ',';
  }
  return line.append(kOthers) + '\n';
}

std::string Csv::row(std::string_view record) const {
  const std::vector<Member> members = top_level_members(record);
  std::string line;
  line.reserve(record.size());
  for (const std::string& column : columns_) {
    add_value(find_value(members, column), line);
    line += ',';
  }
  std::string others;
  for (const Member& member : members) {
    if (std::find(columns_.begin(), columns_.end(), member.key) != columns_.end()) continue;
    others += others.empty() ? "{\"" : ",\"";
    others.append(member.key).append("\":").append(member.value);
  }
  if (!others.empty()) add_quoted(others + "}", line);
  line += '\n';
  return line;
}

std::string Csv::cell(std::string_view row, std::string_view column) const {
  const auto found = std::find(columns_.begin(), columns_.end(), column);
  if (found == columns_.end()) return {};
  auto left = found - columns_.begin();
  bool in_quotes = false;
  std::size_t begin = 0;
  for (std::size_t i = 0; i < row.size(); ++i) {
    if (row[i] == '"') in_quotes = !in_quotes;
    if (row[i] != ',' || in_quotes) continue;
    if (left-- == 0) return std::string(row.substr(begin, i - begin));
    begin = i + 1;
  }
  return {};
}

}  // namespace source_sentry
