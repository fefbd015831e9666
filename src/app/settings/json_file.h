#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace source_sentry {

/// Reads a JSON file, whatever its name ends in. Throws a ConnectorError that names the file and
/// the place of the mistake; `what` is the file's role in the run: "configuration".
nlohmann::json read_json_file(const std::string& path, const std::string& what);

}  // namespace source_sentry
