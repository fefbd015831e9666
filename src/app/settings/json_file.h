#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace source_sentry {

/// The text of a file. Throws a ConnectorError that begins with `file_is`: "The state file x.json".
std::string text_of_file(const std::string& path, const std::string& file_is);

/// Reads a JSON file, whatever its name ends in. Throws a ConnectorError that names the file and
/// the place of the mistake; `what` is the file's role in the run: "configuration".
nlohmann::json read_json_file(const std::string& path, const std::string& what);

/// The same for a file's text.
nlohmann::json parse_json_file(const std::string& text, const std::string& file_is);

}  // namespace source_sentry
