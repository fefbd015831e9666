#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "base/error.h"

namespace source_sentry {

/// The configuration file, read once, since it may be a pipe: `--config <(...)` keeps a token off
/// the disk.
class ConfigFile {
 public:
  /// Reads it; the path is empty for a command that takes none. Never throws because of what the
  /// file is or says.
  explicit ConfigFile(const std::string& path);

  /// Throws a ConnectorError where the file could not be read or is not JSON.
  const nlohmann::json& document() const;

  /// What to tell people about a file that others on this machine can read; nothing where they
  /// could not change that: the file belongs to another user, is on a file system mounted
  /// read-only, or is not a regular file.
  std::optional<std::string> exposure_warning() const;

 private:
  std::string path_;
  nlohmann::json document_;
  std::optional<ConnectorError> error_;
};

}  // namespace source_sentry
