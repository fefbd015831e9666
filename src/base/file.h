#pragma once

#include <cstddef>
#include <optional>
#include <string>

namespace source_sentry {

/// More than any configuration, catalog, state or list of certificates has. Devices and pipes may
/// have no end.
inline constexpr std::size_t kLargestFile = std::size_t{32} << 20;

/// All of a file's bytes. Nothing where it cannot be read (such as a directory) or is larger than
/// kLargestFile; `reason` then says why, in the system's words if there are any.
std::optional<std::string> read_file(const std::string& path, std::string& reason);

}  // namespace source_sentry
