#include "app/usage/setting_flags.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>

#include "base/secrets/login.h"
#include "sentry/config_keys.h"
#include "sentry/projects/near_names.h"

namespace source_sentry {
namespace {

/// Why a token, or the listener's client secret, does not belong on the command line.
CLI::ValidationError secret_given(const std::string& flag) {
  const bool is_token = !flag.ends_with("secret");
  return CLI::ValidationError(
      flag,
      std::string("a secret on the command line can be seen by other users in the list of "
                  "processes, and stays in the shell's history. Set the environment variable ") +
          (is_token ? "SENTRY_AUTH_TOKEN" : "SENTRY_CLIENT_SECRET") +
          ", or put it into a file that only you can read and name that with " +
          (is_token ? "--config." : "--secret-file."));
}

bool means_secret(const std::string& name) {
  return name.ends_with("token") || name.ends_with("secret");
}

/// What --set says.
SettingFlag setting_of(const std::string& text) {
  const std::string key = text.substr(0, text.find('='));
  if (key.size() == text.size()) {
    throw CLI::ValidationError("--set", "must be KEY=VALUE, such as num_workers=10.");
  }
  if (means_secret(key)) throw secret_given("--set " + key);
  std::vector<std::string> keys;
  for (const ConfigKey& known : config_keys()) keys.push_back(known.name);
  if (std::find(keys.begin(), keys.end(), key) == keys.end()) {
    throw CLI::ValidationError("--set",
                               "There is no key \"" + key + "\"." + did_you_mean(key, keys));
  }
  const std::string value = text.substr(key.size() + 1);
  if (!login_of(value).empty()) throw secret_given("--set " + key);
  return {"--set " + key, key, value};
}

}  // namespace

void refuse_secrets(const std::vector<std::string>& arguments) {
  for (const std::string& argument : arguments) {
    std::string name = argument.substr(0, argument.find('='));
    std::replace(name.begin(), name.end(), '_', '-');
    if (name.starts_with("--") && means_secret(name)) throw secret_given(name);
  }
}

void add_setting_flags(CLI::App& command, std::vector<SettingFlag>& settings) {
  struct Named {
    const char* flag;
    const char* key;
    const char* type;
    const char* help;
  };
  constexpr std::array<Named, 6> kNamed = {{
      {"--org", "organization", "SLUG", "The organization"},
      {"--project", "project", "SLUG", "The one project to read"},
      {"--projects", "projects", "SLUG,...", "Several, or patterns such as 'web-*' and '!web-old'"},
      {"--url", "hostname", "URL", "The address of your Sentry"},
      {"--since", "start_date", "DATE", "Nothing older is read"},
      {"--until", "end_date", "DATE", "Nothing from this day on is read"},
  }};
  for (const Named& named : kNamed) {
    command
        .add_option_function<std::string>(
            named.flag,
            [&settings, named](const std::string& text) {
              if (text.empty()) {  // and to read all projects, or from the beginning, is not meant
                throw CLI::ValidationError(named.flag, "must not be empty. Is a variable not set?");
              }
              if (!login_of(text).empty()) throw secret_given(named.flag);
              settings.push_back({named.flag, named.key, text});
            },
            named.help)
        ->type_name(named.type)
        ->group("Settings");
  }
  command
      .add_option_function<std::vector<std::string>>(
          "--set",
          [&settings](const std::vector<std::string>& texts) {
            for (const std::string& text : texts) settings.push_back(setting_of(text));
          },
          "Any other key of the configuration, such as num_workers=10")
      ->type_name("KEY=VALUE")
      ->group("Settings")
      ->allow_extra_args(false)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
}

}  // namespace source_sentry
