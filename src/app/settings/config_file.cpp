#include "app/settings/config_file.h"

#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "app/settings/json_file.h"

namespace source_sentry {
namespace {

/// A map's members are a record's, in the order in which the file has them; only a text keeps it.
void keep_order_of_maps(const std::string& text, nlohmann::json& document) {
  constexpr const char* kStreams = "mapped_streams";
  constexpr const char* kMap = "map";
  if (!document.is_object() || !document.contains(kStreams)) return;
  nlohmann::json& streams = document[kStreams];
  const auto as_written = nlohmann::ordered_json::parse(text)[kStreams];
  for (std::size_t at = 0; streams.is_array() && at < streams.size(); ++at) {
    if (!streams[at].is_object() || !streams[at].contains(kMap)) continue;
    if (streams[at][kMap].is_object()) streams[at][kMap] = as_written[at][kMap].dump();
  }
}

}  // namespace

ConfigFile::ConfigFile(const std::string& path) : path_(path) {
  if (path_.empty()) return;
  try {
    const std::string file_is = "The configuration file " + path_;
    const std::string text = text_of_file(path_, file_is);
    document_ = parse_json_file(text, file_is);
    keep_order_of_maps(text, document_);
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
