#pragma once

#include <optional>
#include <string>

namespace source_sentry {

/// All of a file's bytes. Nothing where it cannot be read, a directory among others; `reason` then
/// says why in the system's words.
std::optional<std::string> read_file(const std::string& path, std::string& reason);

}  // namespace source_sentry
