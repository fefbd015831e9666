#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "base/error.h"
#include "base/secrets.h"

namespace source_sentry {

/// The configuration file, read once, since it may be a pipe: `--config <(...)` keeps a token off
/// the disk.
class ConfigFile {
 public:
  /// Reads it; an empty path is that of a command that takes none. Never throws for what the file
  /// is or says.
  explicit ConfigFile(const std::string& path);

  /// Throws a ConnectorError where the file could not be read or is no JSON.
  const nlohmann::json& document() const;

  /// What must not be printed, as far as it can be told before the configuration is checked.
  Secrets secrets() const;

  /// What to tell people about a file that others on this machine can read; nothing where there is
  /// nothing they could change about it: the file is somebody else's, or on a file system mounted
  /// read-only, or no file at all.
  std::optional<std::string> exposure_warning() const;

 private:
  std::string path_;
  nlohmann::json document_;
  std::optional<ConnectorError> error_;
};

}  // namespace source_sentry
