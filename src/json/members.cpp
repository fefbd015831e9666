#include "json/members.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/text.h"

namespace source_sentry {
namespace {

/// The position behind the string whose opening quote is at `at`.
std::size_t end_of_string(std::string_view text, std::size_t at) {
  for (++at; at < text.size() && text[at] != '"'; ++at) {
    if (text[at] == '\\') ++at;
  }
  return at + 1;
}

}  // namespace

std::size_t end_of_value(std::string_view text, std::size_t at) {
  int depth = 0;
  while (at < text.size()) {
    switch (text[at]) {
      case '"':
        at = end_of_string(text, at);
        continue;
      case '{':
      case '[':
        ++depth;
        break;
      case '}':
      case ']':
        if (depth-- == 0) return at;
        break;
      case ',':
        if (depth == 0) return at;
        break;
      default:
        break;
    }
    ++at;
  }
  return at;
}

std::vector<Member> top_level_members(std::string_view object) {
  std::vector<Member> members;
  std::size_t at = object.find('"');
  while (at < object.size()) {
    const std::size_t key_end = end_of_string(object, at);
    const std::size_t value = object.find(':', key_end) + 1;
    const std::size_t value_end = end_of_value(object, value);
    members.push_back(
        {object.substr(at + 1, key_end - at - 2), trim(object.substr(value, value_end - value))});
    at = object.find('"', value_end);
  }
  return members;
}

std::string_view find_value(const std::vector<Member>& members, std::string_view key) {
  const auto found = std::find_if(members.begin(), members.end(),
                                  [&](const Member& member) { return member.key == key; });
  return found == members.end() ? std::string_view() : found->value;
}

std::string text_of_value(std::string_view value) {
  if (value.size() < 2 || value.front() != '"') return {};
  if (value.find('\\') == std::string_view::npos) {
    return std::string(value.substr(1, value.size() - 2));
  }
  const auto parsed = nlohmann::json::parse(value, nullptr, false);
  return parsed.is_string() ? parsed.get<std::string>() : std::string();
}

}  // namespace source_sentry
