#include "app/cli.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <functional>
#include <iostream>
#include <string_view>
#include <utility>
#include <vector>

#include "app/settings/stream_choice.h"
#include "base/login.h"
#include "base/version.h"
#include "sentry/config_keys.h"
#include "sentry/projects/near_names.h"

namespace source_sentry {
namespace {

/// Airbyte's own connectors accept `--conf` for `--config`, as Python's argparse does; CLI11 does
/// not.
std::vector<std::string> with_whole_flags(int argc, const char* const* argv) {
  constexpr std::array<std::string_view, 16> kFlags = {
      "--config", "--catalog",  "--state",         "--output",
      "--format", "--compress", "--partition-by",  "--rotate",
      "--dedupe", "--progress", "--exit-code",     "--debug",
      "--help",   "--version",  "--manifest-path", "--components-path"};
  std::vector<std::string> arguments;
  for (int i = 1; i < argc; ++i) {
    std::string argument = argv[i];
    const std::string name = argument.substr(0, argument.find('='));
    if (name.starts_with("--") && name.size() > 2 &&
        std::find(kFlags.begin(), kFlags.end(), name) == kFlags.end()) {
      std::string_view match;
      int matches = 0;
      for (const std::string_view flag : kFlags) {
        if (flag.starts_with(name)) {
          match = flag;
          ++matches;
        }
      }
      if (matches == 1) argument.replace(0, name.size(), match);
    }
    arguments.push_back(std::move(argument));
  }
  std::reverse(arguments.begin(), arguments.end());  // CLI11 takes them from the back
  return arguments;
}

/// Why a token does not belong on the command line.
CLI::ValidationError secret_given(const std::string& flag) {
  return CLI::ValidationError(
      flag,
      "a secret on the command line can be seen by other users in the list of processes, and "
      "stays in the shell's history. Set the environment variable SENTRY_AUTH_TOKEN, or put it "
      "into a file that only you can read and name that with --config.");
}

/// Throws for a flag that brings a token along, before anything else can print it.
void refuse_secrets(const std::vector<std::string>& arguments) {
  for (const std::string& argument : arguments) {
    std::string name = argument.substr(0, argument.find('='));
    std::replace(name.begin(), name.end(), '_', '-');
    if (name.starts_with("--") && name.ends_with("token")) throw secret_given(name);
  }
}

/// What --set says.
SettingFlag setting_of(const std::string& text) {
  const std::string key = text.substr(0, text.find('='));
  if (key.size() == text.size()) {
    throw CLI::ValidationError("--set", "must be KEY=VALUE, such as num_workers=10.");
  }
  std::vector<std::string> keys;
  for (const ConfigKey& known : config_keys()) keys.push_back(known.name);
  if (std::find(keys.begin(), keys.end(), key) == keys.end()) {
    throw CLI::ValidationError("--set",
                               "There is no key \"" + key + "\"." + did_you_mean(key, keys));
  }
  const std::string value = text.substr(key.size() + 1);
  if (key == "auth_token" || !login_of(value).empty()) throw secret_given("--set " + key);
  return {"--set " + key, key, value};
}

/// An option whose text `take` reads into what it stands for; false where it cannot.
void add_option(CLI::App& command, const char* flag, const char* type, const std::string& help,
                const std::function<bool(const std::string&)>& take) {
  command
      .add_option_function<std::string>(
          flag,
          [=](const std::string& text) {
            if (!take(text))
              throw CLI::ValidationError(flag, std::string("must be ") + type + ", not " + text);
          },
          help)
      ->type_name(type);
}

/// Flags for settings: for those that most people need each one of its own, and one for the others.
void add_setting_options(CLI::App& command, std::vector<SettingFlag>& settings) {
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

void add_file_options(CLI::App& read, FileOptions& files) {
  add_option(read, "--format", "jsonl|csv", "How the files of --output are written",
             [&files](const std::string& text) {
               const auto format = parse_format(text);
               files.format = format.value_or(files.format);
               return format.has_value();
             });
  add_option(read, "--compress", "none|gzip|zstd", "How they are compressed",
             [&files](const std::string& text) {
               const auto compression = parse_compression(text);
               files.compression = compression.value_or(files.compression);
               return compression.has_value();
             });
  add_option(read, "--partition-by", "day", "Write one for each day of a stream's cursor",
             [&files](const std::string& text) { return files.by_day = text == "day"; });
  add_option(read, "--rotate", "SIZE|TIME", "Begin another after so much, such as 256MB or 1d",
             [&files](const std::string& text) { return parse_rotation(text, files); });
  read.add_flag("--dedupe", files.dedupe,
                "Write the newest copy of each record, too, as STREAM.latest.jsonl");
}

/// An argument as it may be repeated: without a flag's value, and without what may be a token.
std::string repeatable(const std::string& argument) {
  constexpr std::size_t kLongest = 24;  // tokens are longer: 32 bytes in hexadecimal, sntrys_...
  const std::string name =
      argument.starts_with("-") ? argument.substr(0, argument.find('=')) : argument;
  return name.size() <= kLongest && !name.starts_with("sntry") ? name : "****";
}

/// What is wrong with arguments that no flag and no command takes, in reading order; nothing where
/// there is none.
std::optional<std::string> unexpected_in(const CLI::App& app) {
  const auto& parsed = app.get_subcommands();
  const std::vector<std::string> rest = app.remaining(true);
  if (rest.empty()) return std::nullopt;
  std::string list;
  std::vector<std::string> flags, known;
  for (const std::string& argument : rest) {
    list.append(list.empty() ? "" : " ").append(repeatable(argument));
    if (argument.starts_with("--")) flags.push_back(repeatable(argument));
  }
  if (parsed.empty() && !rest.front().starts_with('-')) {
    for (const CLI::App* command : app.get_subcommands(nullptr)) {
      known.push_back(command->get_name());
    }
    const std::string wanted = repeatable(rest.front());
    const std::string near = did_you_mean(wanted, known);
    std::string all;
    for (const std::string& name : known) all.append(all.empty() ? "" : ", ").append(name);
    return "There is no command \"" + wanted + "\"." +
           (near.empty() ? " The commands are " + all + "." : near);
  }
  std::vector<const CLI::App*> apps = {&app};
  apps.insert(apps.end(), parsed.begin(), parsed.end());
  for (const CLI::App* one : apps) {
    for (const CLI::Option* option : one->get_options()) {
      if (option->get_group().empty()) continue;  // hidden
      for (const std::string& name : option->get_lnames()) known.push_back("--" + name);
    }
  }
  return "Not expected here: " + list + "." + did_you_mean(flags, known);
}

}  // namespace

std::optional<Invocation> parse_command_line(int argc, const char* const* argv, int& exit_code) {
  using Command = Invocation::Command;
  Invocation invocation;
  std::string ignored;
  CLI::App app(
      "An Airbyte source for Sentry. Prints Airbyte protocol messages, one JSON line each.",
      "source-sentry");
  app.set_version_flag("--version", std::string("source-sentry ") + kVersion);
  app.fallthrough();
  app.add_flag("--debug", invocation.debug, "Log more");
  // Both matter only to connectors that interpret a manifest.
  app.add_option("--manifest-path", ignored)->group("");
  app.add_option("--components-path", ignored)->group("");

  const auto command = [&](const char* name, const char* help, Command which) {
    CLI::App* sub = app.add_subcommand(name, help);
    sub->final_callback([&invocation, which] { invocation.command = which; });
    return sub;
  };
  command("spec", "Print the specification of the configuration", Command::kSpec);
  CLI::App* check = command("check", "Test a configuration against the server", Command::kCheck);
  CLI::App* discover = command("discover", "Print the catalog of streams", Command::kDiscover);
  CLI::App* read = command("read", "Read streams and print their records", Command::kRead);
  CLI::App* config = command("config", "Print the settings and their sources", Command::kConfig);
  config->add_flag("--json", invocation.json, "For programs");
  for (CLI::App* sub : {check, discover, read, config}) {
    sub->add_option("--config", invocation.config_file, "The configuration, JSON")
        ->type_name("FILE");
    add_setting_options(*sub, invocation.settings);
  }
  CLI::Option* catalog =
      read->add_option("--catalog", invocation.catalog_file,
                       "The streams to read: a configured catalog, or the output of discover")
          ->type_name("FILE");
  read->add_option("--streams", invocation.streams,
                   "Their names instead, or patterns such as 'project*' and '!events'")
      ->type_name("NAME,...")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->excludes(catalog);
  read->add_flag("--full-refresh", invocation.full_refresh,
                 "Read every stream whole, also those that could resume");
  CLI::Option* state =
      read->add_option("--state", invocation.state_file, "The state of an earlier read, JSON")
          ->type_name("FILE");
  read->add_option("--output", invocation.output_folder,
                   "Write the records into files of this folder, which keeps the state, too")
      ->type_name("DIR")
      ->excludes(state);
  add_file_options(*read, invocation.files);
  check->add_flag("--exit-code", invocation.exit_code, "End with 1 if the check fails");
  read->add_option("--progress", invocation.progress,
                   "How progress is shown on stderr: auto, bar, plain, json or off")
      ->type_name("HOW")
      ->check(CLI::IsMember({"auto", "bar", "plain", "json", "off"}));
  app.require_subcommand(0, 1);
  app.allow_extras();  // CLI11 would name them in reverse order; see unexpected_in

  try {
    auto arguments = with_whole_flags(argc, argv);
    refuse_secrets(arguments);
    app.parse(std::move(arguments));
    if (const auto wrong = unexpected_in(app)) {
      throw CLI::ExtrasError(*wrong, CLI::ExitCodes::ExtrasError);
    }
    if (const auto wrong = unknown_streams(invocation.streams)) {
      throw CLI::ValidationError("--streams", *wrong);
    }
  } catch (const CLI::ParseError& error) {
    // CLI11's own codes start at 100; Airbyte's clients know 0 and 2.
    exit_code = app.exit(error, std::cout, std::cerr) == 0 ? 0 : 2;
    return std::nullopt;
  }
  if (invocation.command == Command::kNone) {
    std::cerr << app.help();
    exit_code = 1;
    return std::nullopt;
  }
  return invocation;
}

}  // namespace source_sentry
