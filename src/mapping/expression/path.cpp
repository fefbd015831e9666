#include "mapping/expression/path.h"

#include <algorithm>
#include <charconv>

#include "mapping/jq/jq_tokens.h"

namespace source_sentry {
namespace {

using PathStep = PlainPath::Step;

/// The step that begins at token `at`, which moves behind it; nothing where none does.
std::optional<PathStep> step_at(const std::vector<JqToken>& tokens, std::size_t& at) {
  const auto token = [&](std::size_t ahead) -> const JqToken& {
    static const JqToken kNone;
    return at + ahead < tokens.size() ? tokens[at + ahead] : kNone;
  };
  const auto take = [&](std::size_t count, PathStep step) {
    at += count;
    return std::optional<PathStep>(std::move(step));
  };
  if (token(0).kind == JqToken::Kind::kField) return take(1, token(0).text.substr(1));
  const std::size_t dot = token(0).is(".") ? 1 : 0;
  if (dot == 1 && token(1).is_plain_string()) return take(2, inside_of(token(1)));
  if (!token(dot).is("[")) return std::nullopt;
  if (dot == 0 && at == 0) return std::nullopt;  // a list
  if (token(dot + 1).is_plain_string() && token(dot + 2).is("]")) {
    return take(dot + 3, inside_of(token(dot + 1)));
  }
  const std::size_t sign = token(dot + 1).is("-") ? 1 : 0;
  const std::string& digits = token(dot + 1 + sign).text;
  std::int64_t index = 0;
  const auto end = std::from_chars(digits.data(), digits.data() + digits.size(), index);
  const bool is_whole = !digits.empty() && end.ptr == digits.data() + digits.size();
  if (!is_whole || end.ec != std::errc() || !token(dot + 2 + sign).is("]")) return std::nullopt;
  return take(dot + 3 + sign, sign == 1 ? -index : index);
}

/// The element with that index; empty where there is none.
std::string_view element_at(std::string_view array, std::int64_t index) {
  const auto elements = elements_of(array);
  if (index < 0) index += static_cast<std::int64_t>(elements.size());
  const bool exists = index >= 0 && index < static_cast<std::int64_t>(elements.size());
  return exists ? elements[static_cast<std::size_t>(index)] : std::string_view();
}

/// The last member with that key; empty where there is none.
std::string_view last_value(std::string_view object, std::string_view key) {
  std::string_view value;
  for (const Member& member : top_level_members(object)) {
    if (has_key(member, key)) value = member.value;
  }
  return value;
}

/// What the step leads to; empty where that is missing. `error`: why it cannot be taken.
std::string_view follow(std::string_view json, const PathStep& step, std::string& error) {
  if (json.starts_with('n')) return {};
  if (const auto* key = std::get_if<std::string>(&step)) {
    if (json.starts_with('{')) return last_value(json, *key);
    error.append("Cannot index ").append(jq_kind(json)).append(" with string \"");
    error.append(*key).append("\"");
    return {};
  }
  if (json.starts_with('[')) return element_at(json, std::get<std::int64_t>(step));
  error.append("Cannot index ").append(jq_kind(json)).append(" with number");
  return {};
}

std::string without_steps(std::string_view json, const std::vector<PathStep>& steps,
                          std::size_t from) {
  const auto rest_of = [&](std::string_view value, std::string& out) {
    out += without_steps(value, steps, from + 1);
  };
  const bool is_last = from + 1 == steps.size();
  std::string out;
  if (const auto* key = std::get_if<std::string>(&steps[from]); key && json.starts_with('{')) {
    for (const Member& member : top_level_members(json)) {
      const bool is_it = has_key(member, *key);
      if (is_it && is_last) continue;
      out.append(out.empty() ? "{\"" : ",\"").append(member.key).append("\":");
      is_it ? rest_of(member.value, out) : static_cast<void>(out.append(member.value));
    }
    return out.empty() ? "{}" : out + "}";
  }
  const auto* index = std::get_if<std::int64_t>(&steps[from]);
  if (index == nullptr || !json.starts_with('[')) return std::string(json);
  const std::string_view chosen = element_at(json, *index);
  for (const std::string_view element : elements_of(json)) {
    const bool is_it = element.data() == chosen.data();
    if (is_it && is_last) continue;
    out += out.empty() ? '[' : ',';
    is_it ? rest_of(element, out) : static_cast<void>(out.append(element));
  }
  return out.empty() ? "[]" : out + "]";
}

}  // namespace

std::optional<PlainPath> PlainPath::of(const std::vector<JqToken>& tokens) {
  if (tokens.size() == 1 && tokens.front().is(".")) return PlainPath();
  std::vector<Step> steps;
  for (std::size_t at = 0; at < tokens.size();) {
    std::optional<Step> step = step_at(tokens, at);
    if (!step) return std::nullopt;
    steps.push_back(std::move(*step));
  }
  if (steps.empty()) return std::nullopt;
  return PlainPath(std::move(steps));
}

std::optional<PlainPath> PlainPath::before(const std::vector<JqToken>& tokens) {
  std::vector<Step> steps;
  for (std::size_t at = 0; at < tokens.size();) {
    std::optional<Step> step = step_at(tokens, at);
    if (!step) break;
    steps.push_back(std::move(*step));
  }
  if (steps.empty()) return std::nullopt;
  return PlainPath(std::move(steps));
}

std::optional<PlainPath> PlainPath::of_dotted(std::string_view text) {
  std::vector<Step> steps;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find('.', begin), text.size());
    if (end == begin) return std::nullopt;
    steps.emplace_back(std::string(text.substr(begin, end - begin)));
    begin = end + 1;
  }
  return PlainPath(std::move(steps));
}

std::string_view PlainPath::only_key() const {
  const auto* key = steps_.size() == 1 ? std::get_if<std::string>(&steps_.front()) : nullptr;
  return key != nullptr ? std::string_view(*key) : std::string_view();
}

PathValue PlainPath::find(std::string_view json, std::size_t from) const {
  PathValue found;
  for (; from < steps_.size(); ++from) {
    json = follow(json, steps_[from], found.error);
    if (json.empty()) {  // null from here on, whatever follows
      return found;
    }
  }
  found.value = json;
  return found;
}

std::string PlainPath::without(std::string_view json) const {
  return is_whole() ? std::string(json) : without_steps(json, steps_, 0);
}

bool has_key(const Member& member, std::string_view key) {
  if (member.key.find('\\') == std::string_view::npos) return member.key == key;
  std::string quoted;
  quoted.append(1, '"').append(member.key).append(1, '"');
  return text_of_value(quoted) == key;
}

std::string_view jq_kind(std::string_view value) {
  switch (value.empty() ? 'n' : value.front()) {
    case 'n':
      return "null";
    case 't':
    case 'f':
      return "boolean";
    case '"':
      return "string";
    case '[':
      return "array";
    case '{':
      return "object";
    default:
      return "number";
  }
}

}  // namespace source_sentry
