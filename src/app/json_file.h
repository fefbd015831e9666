#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

namespace source_sentry {

/// Reads a JSON file, whatever its name ends in. Throws a ConnectorError that names the file and
/// the place of the mistake; `what` is the file's part in the run: "configuration".
nlohmann::json read_json_file(const std::string& path, const std::string& what);

/// What to tell people about a file with secrets that others on this machine can read; nothing when
/// there is nothing they could change about it: the file is somebody else's, or on a file system
/// mounted read-only, or no file at all (a pipe).
std::optional<std::string> exposure_warning(const std::string& path);

}  // namespace source_sentry
