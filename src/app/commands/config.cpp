#include "sentry/config.h"

#include <algorithm>
#include <iostream>
#include <nlohmann/json.hpp>

#include "app/commands/commands.h"
#include "app/settings/environment.h"
#include "base/error.h"
#include "base/text.h"
#include "sentry/config_keys.h"

namespace source_sentry {
namespace {

/// One key as it is shown.
struct Shown {
  std::string key, value, kind, source;
};

const char* kind_of(Settings::Origin origin) {
  switch (origin) {
    case Settings::Origin::kFlag:
      return "flag";
    case Settings::Origin::kConfig:
      return "config";
    case Settings::Origin::kVariable:
      return "variable";
    case Settings::Origin::kFile:
    case Settings::Origin::kFolderFile:
      break;
  }
  return "file";
}

std::string text_of(const nlohmann::json& value) {
  using Json = nlohmann::json;
  if (value.is_string()) return value.get<std::string>();
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

/// What has a value, in the order of the form; keys that nobody knows come last.
std::vector<Shown> shown_settings(const Settings& settings) {
  const Secrets secrets = settings.secrets();
  const nlohmann::json& document = settings.document();
  std::vector<Shown> list;
  const auto show = [&](const std::string& key) {
    const Settings::Source* source = settings.source_of(key);
    if (source == nullptr) return false;
    const std::string value = text_of(document.at(key));
    const bool is_secret = key == "auth_token" || key == "secrets";
    list.push_back(
        {key, is_secret ? "****" : secrets.redact(value), kind_of(source->origin), source->name});
    return true;
  };
  for (const ConfigKey& key : config_keys()) {
    if (!show(key.name) && !key.default_value.empty()) {
      list.push_back({key.name, key.default_value, "default", ""});
    }
  }
  for (const auto& [key, value] : document.items()) {
    const bool known = std::any_of(list.begin(), list.end(),
                                   [&, &name = key](const Shown& one) { return one.key == name; });
    if (!known) show(key);
  }
  return list;
}

void print_table(const std::vector<Shown>& list) {
  std::size_t keys = 0, values = 0;
  constexpr std::size_t kWidest = 40;
  for (const Shown& one : list) {
    keys = std::max(keys, one.key.size());
    values = std::max(values, std::min(one.value.size(), kWidest));
  }
  for (const Shown& one : list) {
    std::string line = without_controls(one.key);
    line.resize(std::max(line.size(), keys) + 2, ' ');
    const std::size_t begin = line.size();
    line += without_controls(one.value);
    line.resize(std::max(line.size(), begin + values) + 2, ' ');
    std::cout << line << one.kind << (one.source.empty() ? "" : " ") << without_controls(one.source)
              << "\n";
  }
}

void print_json(const std::vector<Shown>& list) {
  using Json = nlohmann::ordered_json;
  Json all = Json::object();
  for (const Shown& one : list) {
    all[one.key] = {{"value", one.value}, {"from", one.kind}};
    if (!one.source.empty()) all[one.key]["name"] = one.source;
  }
  std::cout << all.dump(2, ' ', false, Json::error_handler_t::replace) << "\n";
}

}  // namespace

int run_config(const CommandContext& context) {
  const Settings& settings = context.settings;
  try {
    if (!settings.document().is_object()) read_config(settings.document(), in_cloud());
    const auto list = shown_settings(settings);
    context.invocation.json ? print_json(list) : print_table(list);
    std::cout.flush();
    for (const std::string& warning : settings.warnings()) std::cerr << warning << "\n";
    if (const auto warning = unknown_keys(settings.document())) std::cerr << *warning << "\n";
    read_config(settings.document(), in_cloud());
    if (mistyped_keys(settings.document())) return 1;
    return 0;
  } catch (const ConnectorError& error) {
    std::cerr << "source-sentry: " << without_controls(settings.secrets().redact(error.message()))
              << "\n";
    return 1;
  }
}

}  // namespace source_sentry
