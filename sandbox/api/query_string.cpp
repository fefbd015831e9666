#include "sandbox/api/query_string.h"

#include <algorithm>

#include "base/percent.h"

namespace sandbox {
namespace {

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::string form_encode(std::string_view text) {
  std::string out = source_sentry::percent_encode(text);
  for (std::size_t at = out.find("%20"); at != std::string::npos; at = out.find("%20", at + 1)) {
    out.replace(at, 3, "+");
  }
  return out;
}

}  // namespace

std::string percent_decode(std::string_view text, bool plus_is_space) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const int high = i + 2 < text.size() ? hex_value(text[i + 1]) : -1;
    const int low = i + 2 < text.size() ? hex_value(text[i + 2]) : -1;
    if (text[i] == '%' && high >= 0 && low >= 0) {
      out += static_cast<char>(high * 16 + low);
      i += 2;
    } else {
      out += plus_is_space && text[i] == '+' ? ' ' : text[i];
    }
  }
  return out;
}

QueryString::QueryString(std::string_view raw) {
  while (!raw.empty()) {
    const std::size_t end = std::min(raw.find('&'), raw.size());
    const std::string_view part = raw.substr(0, end);
    raw.remove_prefix(std::min(end + 1, raw.size()));
    if (part.empty()) continue;
    const std::size_t equals = std::min(part.find('='), part.size());
    const std::string_view value = part.substr(std::min(equals + 1, part.size()));
    pairs_.emplace_back(percent_decode(part.substr(0, equals), true), percent_decode(value, true));
  }
}

std::optional<std::string_view> QueryString::get(std::string_view name) const {
  const auto found = std::find_if(pairs_.rbegin(), pairs_.rend(),
                                  [&](const auto& pair) { return pair.first == name; });
  if (found == pairs_.rend()) return std::nullopt;
  return found->second;
}

std::vector<std::string_view> QueryString::all(std::string_view name) const {
  std::vector<std::string_view> values;
  for (const auto& [key, value] : pairs_) {
    if (key == name) values.emplace_back(value);
  }
  return values;
}

std::string QueryString::encoded_without(std::string_view name) const {
  std::vector<std::string_view> names;
  for (const auto& [key, value] : pairs_) {
    if (key != name && std::find(names.begin(), names.end(), key) == names.end()) {
      names.emplace_back(key);
    }
  }
  std::string out;
  for (const std::string_view key : names) {
    for (const std::string_view value : all(key)) {
      if (!out.empty()) out += '&';
      out += form_encode(key) + "=" + form_encode(value);
    }
  }
  return out;
}

}  // namespace sandbox
