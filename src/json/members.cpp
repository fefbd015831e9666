#include "json/members.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/text.h"

namespace source_sentry {
namespace {

/// The position after the string whose opening quote is at `at`; beyond the text if it has no end.
/// The C library looks for the closing quote many bytes at a time.
std::size_t end_of_string(std::string_view text, std::size_t at) {
  const std::size_t begin = at + 1;
  for (at = text.find('"', begin); at != text.npos; at = text.find('"', at + 1)) {
    std::size_t backslashes = 0;
    while (at - backslashes > begin && text[at - backslashes - 1] == '\\') ++backslashes;
    if (backslashes % 2 == 0) return at + 1;
  }
  return text.size() + 1;
}

/// The member whose key's opening quote is at `at`; `at` moves on to the next one's.
Member member_at(std::string_view object, std::size_t& at) {
  const std::size_t key_end = end_of_string(object, at);
  const std::size_t value = object.find(':', key_end) + 1;
  const std::size_t value_end = end_of_value(object, value);
  const Member member{object.substr(at + 1, key_end - at - 2),
                      trim(object.substr(value, value_end - value))};
  at = object.find('"', value_end);
  return member;
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
  while (at < object.size()) members.push_back(member_at(object, at));
  return members;
}

std::string_view member_value(std::string_view object, std::string_view key) {
  std::size_t at = object.find('"');
  while (at < object.size()) {
    const Member member = member_at(object, at);
    if (member.key == key) return member.value;
  }
  return {};
}

std::string_view find_value(const std::vector<Member>& members, std::string_view key) {
  const auto found = std::find_if(members.begin(), members.end(),
                                  [&](const Member& member) { return member.key == key; });
  return found == members.end() ? std::string_view() : found->value;
}

std::vector<std::string_view> elements_of(std::string_view array) {
  std::vector<std::string_view> elements;
  if (!array.starts_with('[')) return elements;
  for (std::size_t at = 1; at < array.size();) {
    const std::size_t end = end_of_value(array, at);
    const std::string_view element = trim(array.substr(at, end - at));
    if (!element.empty()) elements.push_back(element);
    at = end + 1;
  }
  return elements;
}

std::optional<std::string> filled(std::string_view object, std::string_view key,
                                  std::string_view text) {
  constexpr auto kReplace = nlohmann::json::error_handler_t::replace;
  const auto value = [&] { return nlohmann::json(text).dump(-1, ' ', false, kReplace); };
  std::size_t at = object.find('"');
  const bool is_empty = at >= object.size();
  while (at < object.size()) {
    const Member member = member_at(object, at);
    if (member.key != key) continue;
    if (member.value != "null" && member.value != R"("")") return std::nullopt;
    const auto begin = static_cast<std::size_t>(member.value.data() - object.data());
    return std::string(object).replace(begin, member.value.size(), value());
  }
  std::string whole(object.substr(0, object.size() - 1));  // without the closing brace
  whole.append(is_empty ? "\"" : ",\"").append(key).append("\":").append(value()).append("}");
  return whole;
}

std::string with_member(std::string_view object, std::string_view key, std::string_view json) {
  std::string whole(object.substr(0, object.rfind('}')));
  const bool is_empty = whole.find('"') == whole.npos;
  whole.append(is_empty ? "\"" : ",\"").append(key).append("\":").append(json).append("}");
  return whole;
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
