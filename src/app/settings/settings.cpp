#include "app/settings/settings.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <utility>

#include "app/settings/environment.h"
#include "app/settings/sentry_files.h"
#include "base/file.h"
#include "base/json_member.h"
#include "base/json_text.h"
#include "base/secrets/login.h"
#include "base/text.h"
#include "http/base_url.h"
#include "sentry/config_keys.h"

namespace source_sentry {
namespace {

using Json = nlohmann::json;

/// What sentry-cli reads (docs.sentry.io/cli/configuration, and its src/config.rs): the variable,
/// and the name in its files, which is the section and the key of an ini file.
struct Known {
  const char* key;
  const char* variable;
  const char* name;
};
constexpr std::array<Known, 4> kKnown = {{
    {"auth_token", "SENTRY_AUTH_TOKEN", "auth.token"},
    {"organization", "SENTRY_ORG", "defaults.org"},
    {"project", "SENTRY_PROJECT", "defaults.project"},
    {"hostname", "SENTRY_URL", "defaults.url"},
}};
/// sentry-cli looks for both, in this order, in the current folder and then in each one above it.
constexpr std::array<const char*, 2> kIniFiles = {".sentryclirc", "sentrycli.ini"};

/// A flag's text as the kind of value that its key wants. What does not fit stays text, so that the
/// check of the configuration says what was expected.
Json value_of(const std::string& key, const std::string& text) {
  const auto& keys = config_keys();
  const auto known =
      std::find_if(keys.begin(), keys.end(), [&](const auto& one) { return one.name == key; });
  if (known == keys.end() || known->type == "string") return text;
  Json parsed = parse_json(text);
  // Only texts can be written in a row.
  const bool in_a_row = known->type == "array" && known->of == "string";
  if (!in_a_row) return parsed.is_discarded() ? Json(text) : parsed;
  if (parsed.is_array()) return parsed;
  Json list = Json::array();
  for (std::string_view rest = text; !trim(rest).empty();) {
    const std::string_view one = rest.substr(0, rest.find(','));
    list.push_back(std::string(trim(one)));
    rest.remove_prefix(std::min(one.size() + 1, rest.size()));
  }
  return list;
}

/// Whether an Airbyte platform calls like this: it must get the same from every machine.
bool is_airbytes_way(const Invocation& invocation) {
  using Command = Invocation::Command;
  if (invocation.config_file.empty()) return false;
  if (invocation.command == Command::kRead) return !invocation.catalog_file.empty();
  return invocation.command == Command::kCheck || invocation.command == Command::kDiscover;
}

/// Whether all of it is UTF-8.
bool is_text(const Json& value) {
  try {
    return !value.dump().empty();
  } catch (const Json::type_error&) {
    return false;
  }
}

std::string folder_of(const std::string& path) {
  return std::filesystem::path(path).parent_path().string();
}

bool is_in(const std::string& path, const std::string& folder) {
  return !folder.empty() && folder_of(path) == folder;
}

}  // namespace

SettingSources sources_of_process() {
  SettingSources sources;
  sources.variable = [](const std::string& name) { return environment(name.c_str()); };
  sources.file = [](const std::string& path) -> std::optional<std::string> {
    std::error_code unknown;
    if (!std::filesystem::exists(path, unknown)) return std::nullopt;
    std::string reason = "it is not a regular file";
    const bool regular = std::filesystem::is_regular_file(path, unknown);
    auto text = regular ? read_file(path, reason) : std::nullopt;
    if (text) return text;
    throw ConnectorError(FailureKind::kConfig, "The settings in " + path + " cannot be read: " +
                                                   reason + ". Make it readable, or remove it.");
  };
  std::error_code unknown;
  sources.folder = std::filesystem::current_path(unknown).string();
  if (const std::string home = environment("HOME"); !home.empty()) {
    sources.home = std::filesystem::weakly_canonical(home, unknown).string();
  }
  return sources;
}

Settings::Settings(const Invocation& invocation, const ConfigFile& config,
                   const SettingSources& sources)
    : config_(config), config_given_(!invocation.config_file.empty()) {
  using Command = Invocation::Command;
  if (invocation.command == Command::kNone || invocation.command == Command::kSpec) return;
  try {
    add_flags(invocation);
    if (config_given_) add_config(config.document(), invocation.config_file);
    if (is_airbytes_way(invocation) || !document_.is_object()) return;
    add_environment(sources);
    add_properties(sources);
    add_ini(sources);
    refuse_foreign_address();
  } catch (const ConnectorError& error) {
    error_ = error;
  }
}

const Json& Settings::document() const {
  if (error_) throw *error_;
  return document_;
}

const Settings::Source* Settings::source_of(const std::string& key) const {
  const auto found = sources_.find(key);
  return found == sources_.end() ? nullptr : &found->second;
}

Secrets Settings::secrets() const { return secrets_of(document_); }

void Settings::add(const std::string& key, Json value, const Source& source) {
  if (sources_.contains(key)) return;
  // Those of one source may both be there: the form has a field for each.
  if (key == "project" || key == "projects") {
    const auto* other = source_of(key == "project" ? "projects" : "project");
    if (other != nullptr && other->origin != source.origin) return;
  }
  // Only a configuration file was seen to be text.
  if (!is_text(value)) {
    throw ConnectorError(FailureKind::kConfig, "The setting " + key + " from " + source.name +
                                                   " is not text in UTF-8. Correct it.");
  }
  document_[key] = std::move(value);
  sources_.emplace(key, source);
}

void Settings::add_flags(const Invocation& invocation) {
  // The last one counts.
  for (auto flag = invocation.settings.rbegin(); flag != invocation.settings.rend(); ++flag) {
    add(flag->key, value_of(flag->key, flag->value), {Origin::kFlag, flag->flag});
  }
}

void Settings::add_config(const Json& document, const std::string& path) {
  if (!document.is_object()) {
    document_ = document;  // which is refused as it would be without flags
    return;
  }
  for (const auto& [key, value] : document.items()) {
    if (!value.is_null()) {
      add(key, value, {Origin::kConfig, path});
    } else if (!sources_.contains(key)) {
      document_[key] = nullptr;  // the same as a missing one, but for keys that nobody knows
    }
  }
}

void Settings::add_environment(const SettingSources& sources) {
  for (const Known& known : kKnown) {
    const std::string value = sources.variable(known.variable);
    if (!value.empty()) add(known.key, value, {Origin::kVariable, known.variable});
  }
}

void Settings::add_named(const NamedValues& values, const Source& source) {
  for (const Known& known : kKnown) {
    const auto found = values.find(known.name);
    if (found != values.end() && !found->second.empty()) add(known.key, found->second, source);
  }
}

void Settings::add_properties(const SettingSources& sources) {
  const std::string named = sources.variable("SENTRY_PROPERTIES");
  const std::string path = named.empty() ? sources.folder + "/sentry.properties" : named;
  const auto text = sources.file(path);
  if (text) {
    const bool ours = !named.empty() || is_in(path, sources.home);
    add_named(read_properties(*text), {ours ? Origin::kFile : Origin::kFolderFile, path});
  } else if (!named.empty()) {
    warnings_.push_back("There is no file " + named + ", which SENTRY_PROPERTIES names.");
  }
}

/// The first file that is found in the current folder or above it, and then the one in the home
/// folder.
void Settings::add_ini(const SettingSources& sources) {
  const auto take = [&](const std::string& path, Origin origin) {
    const auto text = sources.file(path);
    if (text) add_named(read_ini(*text), {origin, path});
    return text.has_value();
  };
  bool found = false;
  for (std::filesystem::path folder = sources.folder; !found; folder = folder.parent_path()) {
    for (const char* name : kIniFiles) {
      const std::string path = (folder / name).string();
      found = found || take(path, is_in(path, sources.home) ? Origin::kFile : Origin::kFolderFile);
    }
    if (folder == folder.parent_path()) break;
  }
  if (!sources.home.empty()) take(sources.home + "/" + kIniFiles.front(), Origin::kFile);
}

/// Whoever unpacks somebody's archive and reads inside it must not send a token to that one's
/// server.
void Settings::refuse_foreign_address() const {
  const Source* address = source_of("hostname");
  const Source* token = source_of("auth_token");
  if (address == nullptr || address->origin != Origin::kFolderFile || token == nullptr) return;
  const bool together =
      token->origin == Origin::kFolderFile && folder_of(token->name) == folder_of(address->name);
  const std::string written = text_member(document_, "hostname");
  const auto url = parse_base_url(trim(written));
  const auto usual = parse_base_url("sentry.io");
  if (together || (url && url->text() == usual->text())) return;
  throw ConnectorError(
      FailureKind::kConfig,
      "The address " + without_login(written) + " is from " + address->name +
          ", which was found in the current folder or above it, and the token is from " +
          token->name +
          ". A token is not sent to an address that came with a folder. If it is yours, name it "
          "with --url, SENTRY_URL or hostname in the configuration.");
}

}  // namespace source_sentry
