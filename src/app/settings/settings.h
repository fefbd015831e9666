#pragma once

#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "app/settings/config_file.h"
#include "app/settings/invocation.h"
#include "base/error.h"
#include "base/secrets/secrets.h"

namespace source_sentry {

/// Where settings may come from beside the command line and the configuration file.
struct SettingSources {
  /// A variable of the environment; empty where it is not set.
  std::function<std::string(const std::string&)> variable;
  /// The text of a file; nothing where there is none. Throws a ConnectorError where it cannot be
  /// read.
  std::function<std::optional<std::string>(const std::string&)> file;
  std::string folder;  ///< the current one, absolute
  std::string home;    ///< absolute; empty where there is none
};

/// Those of this process.
SettingSources sources_of_process();

/// What a run is told: what flags say, then the configuration file, then the environment, then the
/// files of sentry-cli. Each key's value is that of the first of them that has it; `project` and
/// `projects` are one setting. Called the Airbyte way (`check` and `discover` with --config, `read`
/// with --config and --catalog) only the flags and the configuration file are looked at.
class Settings {
 public:
  enum class Origin {
    kFlag,
    kConfig,
    kVariable,
    kFile,        ///< one in the home folder, or that SENTRY_PROPERTIES names
    kFolderFile,  ///< one found in the current folder or above it, which anybody may have put there
  };

  struct Source {
    Origin origin;
    std::string name;  ///< "--org", "config.json", "SENTRY_ORG", "/home/me/.sentryclirc"
  };

  /// `config` must outlive the settings. Never throws because of what there is to read.
  Settings(const Invocation& invocation, const ConfigFile& config, const SettingSources& sources);

  /// Everything in the form of a configuration. Throws a ConnectorError where something could not
  /// be read, and where a token would be sent to an address that it does not belong to.
  const nlohmann::json& document() const;

  /// The configuration file among the sources.
  const ConfigFile& config_file() const { return config_; }

  /// Where the key's value comes from; null where it has none.
  const Source* source_of(const std::string& key) const;

  /// Whether nothing at all was given.
  bool empty() const { return !config_given_ && sources_.empty(); }

  /// What must not be printed.
  Secrets secrets() const;

  /// What people should know about where settings come from.
  const std::vector<std::string>& warnings() const { return warnings_; }

 private:
  void add(const std::string& key, nlohmann::json value, const Source& source);
  void add_flags(const Invocation& invocation);
  void add_config(const nlohmann::json& document, const std::string& path);
  void add_environment(const SettingSources& sources);
  void add_properties(const SettingSources& sources);
  void add_ini(const SettingSources& sources);
  void add_named(const std::map<std::string, std::string>& values, const Source& source);
  void refuse_foreign_address() const;

  const ConfigFile& config_;
  bool config_given_;
  nlohmann::json document_ = nlohmann::json::object();
  std::map<std::string, Source> sources_;
  std::vector<std::string> warnings_;
  std::optional<ConnectorError> error_;
};

}  // namespace source_sentry
