#include "mapping/yaml/yaml_scalar.h"

#include <charconv>
#include <cmath>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>

namespace source_sentry {
namespace {

using OrderedJson = nlohmann::ordered_json;

constexpr std::string_view kDecimalDigits = "0123456789";

template <typename Number>
std::optional<OrderedJson> whole(std::string_view digits, int base) {
  Number number{};
  const char* const end = digits.data() + digits.size();
  const auto read = std::from_chars(digits.data(), end, number, base);
  if (digits.empty() || read.ptr != end || read.ec != std::errc()) return std::nullopt;
  return OrderedJson(number);
}

std::optional<OrderedJson> integer(std::string_view text) {
  if (text.starts_with("0o")) return whole<std::uint64_t>(text.substr(2), 8);
  if (text.starts_with("0x")) return whole<std::uint64_t>(text.substr(2), 16);
  if (text.starts_with('-')) return whole<std::int64_t>(text, 10);
  if (text.starts_with('+')) text.remove_prefix(1);
  return text.starts_with('-') ? std::nullopt : whole<std::uint64_t>(text, 10);
}

/// [-+]? ( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )?
std::optional<OrderedJson> real(std::string_view text) {
  if (text.find_first_of(".eE") == text.npos) return std::nullopt;
  if (text.find_first_of(kDecimalDigits) == text.npos) return std::nullopt;
  if (text.find_first_not_of("0123456789+-.eE") != text.npos) return std::nullopt;
  if (text.starts_with('+')) text.remove_prefix(1);
  double number = 0;
  const char* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, number);
  if (read.ptr != end || read.ec != std::errc() || !std::isfinite(number)) return std::nullopt;
  return OrderedJson(number);
}

}  // namespace

nlohmann::ordered_json plain_scalar(const std::string& text) {
  for (const char* word : {"", "~", "null", "Null", "NULL"}) {
    if (text == word) return nullptr;
  }
  for (const char* word : {"true", "True", "TRUE"}) {
    if (text == word) return true;
  }
  for (const char* word : {"false", "False", "FALSE"}) {
    if (text == word) return false;
  }
  if (auto number = integer(text)) return *number;
  if (auto number = real(text)) return *number;
  return text;
}

}  // namespace source_sentry
