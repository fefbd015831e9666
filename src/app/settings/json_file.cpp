#include "app/settings/json_file.h"

#include <nlohmann/json.hpp>

#include "app/settings/json_mistake.h"
#include "base/error.h"
#include "base/file.h"
#include "base/json_text.h"
#include "base/text.h"

namespace source_sentry {

std::string text_of_file(const std::string& path, const std::string& file_is) {
  std::string reason;
  auto read = read_file(path, reason);
  if (!read)
    throw ConnectorError(FailureKind::kConfig, file_is + " cannot be read: " + reason + ".");
  return *std::move(read);
}

nlohmann::json read_json_file(const std::string& path, const std::string& what) {
  const std::string file_is = "The " + what + " file " + path;
  return parse_json_file(text_of_file(path, file_is), file_is);
}

nlohmann::json parse_json_file(const std::string& text, const std::string& file_is) {
  if (trim(text).empty()) throw ConnectorError(FailureKind::kConfig, file_is + " is empty.");
  if (const auto at = too_deep_at(text)) {
    throw ConnectorError(FailureKind::kConfig,
                         file_is + " is nested more than " + std::to_string(kDeepestJson) +
                             " levels deep, at byte " + std::to_string(*at + 1) +
                             ": no file that Airbyte or this connector writes is.");
  }
  try {
    return nlohmann::json::parse(text);
  } catch (const nlohmann::json::parse_error& error) {
    // The parser's own message quotes the text, which may hold a token.
    const auto mistake = json_mistake(text).value_or(
        JsonMistake{error.byte > 0 ? error.byte - 1 : 0, "something is wrong here."});
    throw ConnectorError(
        FailureKind::kConfig,
        file_is + " is not valid JSON, at " + place_in(text, mistake.at) + ": " + mistake.cause);
  } catch (const nlohmann::json::out_of_range&) {
    throw ConnectorError(FailureKind::kConfig,
                         file_is + " holds a number that is out of range, at byte " +
                             std::to_string(out_of_range_at(text).value_or(0) + 1) +
                             ". Correct that number.");
  }
}

}  // namespace source_sentry
