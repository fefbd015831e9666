#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace source_sentry {

/// What a dialect's text says, in the native form: what `preview --translated` prints.
struct Translation {
  nlohmann::ordered_json mapped_streams = nlohmann::ordered_json::array();
  nlohmann::ordered_json custom_streams = nlohmann::ordered_json::array();
  std::vector<std::string> mapped_places;  ///< where each mapped stream comes from, for messages
  std::vector<std::string> custom_places;  ///< the same of custom streams
  std::vector<std::string> notes;          ///< what is worth knowing, one line each
  std::vector<std::string> warnings;       ///< what will not be done
};

/// The text of a dialect's key: `value` itself, or, where it is one line that names a file, what
/// the file has. Throws ConnectorError where the file cannot be read, for a line that can be
/// nothing but the name of a file and names none, and, not `files_allowed` (Airbyte Cloud), for
/// such a line.
std::string text_or_file(const std::string& value, const std::string& key, bool files_allowed);

}  // namespace source_sentry
