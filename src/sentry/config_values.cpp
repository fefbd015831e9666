#include "sentry/config_values.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/json_member.h"
#include "base/text.h"

namespace source_sentry {

void refuse_key(const std::string& key, const std::string& wrong) {
  throw ConnectorError(FailureKind::kConfig,
                       std::string(kConfigErrorPrefix) + "'" + key + "' " + wrong);
}

std::string kind_of(const nlohmann::json& value) {
  switch (value.type()) {
    case nlohmann::json::value_t::string:
      return "a string";
    case nlohmann::json::value_t::boolean:
      return "true or false";
    case nlohmann::json::value_t::array:
      return "a list";
    case nlohmann::json::value_t::object:
      return "an object";
    case nlohmann::json::value_t::null:
      return "null";
    case nlohmann::json::value_t::number_float:
      return "a number with a fraction";
    default:
      return "a number";
  }
}

std::optional<std::string> text_value(const nlohmann::json& document, const char* key,
                                      const std::string& expected) {
  const nlohmann::json* value = member(document, key);
  if (value == nullptr) return std::nullopt;
  if (!value->is_string()) {
    refuse_key(key, "must be a string, " + expected + ", not " + kind_of(*value) + ".");
  }
  return std::string(trim(value->get<std::string>()));  // pasted, often with a line end
}

std::size_t whole_number(const nlohmann::json& document, const std::string& name,
                         std::size_t otherwise, std::size_t least, std::size_t most,
                         const std::string& within) {
  const nlohmann::json* value = member(document, name);
  const std::string key = within + name;
  if (value == nullptr) return otherwise;
  const std::string expected =
      "must be a whole number from " + std::to_string(least) + " to " + std::to_string(most);
  if (!value->is_number()) refuse_key(key, expected + ", not " + kind_of(*value) + ".");
  // However it is written: forms and YAML turn 5 into 5.0. Out of range it may have any size.
  const auto written = value->get<double>();
  if (written != std::floor(written)) refuse_key(key, expected + ", not " + kind_of(*value) + ".");
  if (written < static_cast<double>(least) || written > static_cast<double>(most)) {
    refuse_key(key, expected + ", not " + value->dump() + ".");
  }
  return static_cast<std::size_t>(written);
}

std::optional<Instant> date_value(const nlohmann::json& document, const char* key) {
  const auto written = text_value(document, key, "a date such as 2024-01-31");
  if (!written || written->empty()) return std::nullopt;
  const auto when = parse_date_or_instant(*written);
  if (!when) {
    refuse_key(key, "is \"" + *written +
                        "\", which is not a date. Write it as 2024-01-31 or 2024-01-31T12:00:00Z.");
  }
  return when;
}

Duration duration_value(const nlohmann::json& document, const char* key, Duration otherwise) {
  const auto written = text_value(document, key, "a duration such as PT10M");
  if (!written || written->empty()) return otherwise;
  const auto span = parse_duration(*written);
  if (!span) {
    refuse_key(key,
               "is \"" + *written +
                   "\", which is not a duration of whole weeks, days, hours, minutes and seconds. "
                   "Write PT10M for ten minutes, PT6H for six hours, P7D for seven days.");
  }
  return *span;
}

bool flag_value(const nlohmann::json& document, const char* key) {
  const nlohmann::json* value = member(document, key);
  if (value == nullptr) return false;
  if (!value->is_boolean()) refuse_key(key, "must be true or false, not " + kind_of(*value) + ".");
  return value->get<bool>();
}

}  // namespace source_sentry
