#include "app/settings/config_file.h"

#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "app/settings/json_file.h"

namespace source_sentry {

ConfigFile::ConfigFile(const std::string& path) : path_(path) {
  if (path_.empty()) return;
  try {
    document_ = read_json_file(path_, "configuration");
  } catch (const ConnectorError& error) {
    error_ = error;
  }
}

const nlohmann::json& ConfigFile::document() const {
  if (error_) throw *error_;
  return document_;
}

std::optional<std::string> ConfigFile::exposure_warning() const {
  struct stat about {};
  struct statvfs mount {};
  constexpr mode_t kOthersRead = S_IRGRP | S_IROTH;
  if (stat(path_.c_str(), &about) != 0 || statvfs(path_.c_str(), &mount) != 0) return std::nullopt;
  const bool ours_to_change =
      S_ISREG(about.st_mode) && about.st_uid == geteuid() && (mount.f_flag & ST_RDONLY) == 0;
  if (!ours_to_change || (about.st_mode & kOthersRead) == 0) return std::nullopt;
  return "Other users of this machine can read the configuration file " + path_ +
         ", which holds a token. Prevent that: chmod 600 " + path_;
}

}  // namespace source_sentry
