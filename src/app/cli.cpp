#include "app/cli.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <functional>
#include <iostream>
#include <string_view>
#include <vector>

#include "app/settings/stream_choice.h"
#include "base/version.h"

namespace source_sentry {
namespace {

/// Airbyte's own connectors accept `--conf` for `--config`, as Python's argparse does; CLI11 does
/// not.
std::vector<std::string> with_whole_flags(int argc, const char* const* argv) {
  constexpr std::array<std::string_view, 15> kFlags = {
      "--config",   "--catalog",      "--state",   "--output",        "--format",
      "--compress", "--partition-by", "--rotate",  "--progress",      "--exit-code",
      "--debug",    "--help",         "--version", "--manifest-path", "--components-path"};
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

/// An option whose text `take` reads into what it stands for; false where it cannot.
void add_option(CLI::App& command, const char* flag, const char* type, const std::string& help,
                const std::function<bool(const std::string&)>& take) {
  command
      .add_option_function<std::string>(
          flag,
          [=](const std::string& text) {
            if (!take(text))
              throw CLI::ValidationError(std::string("must be ") + type + ", not " + text, flag);
          },
          help)
      ->type_name(type);
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
  const auto needs = [&](CLI::App* sub, const char* flag, std::string& file, const char* help) {
    return sub->add_option(flag, file, help)->required()->type_name("FILE");
  };
  command("spec", "Print the specification of the configuration", Command::kSpec);
  CLI::App* check = command("check", "Test a configuration against the server", Command::kCheck);
  CLI::App* discover = command("discover", "Print the catalog of streams", Command::kDiscover);
  CLI::App* read = command("read", "Read streams and print their records", Command::kRead);
  for (CLI::App* sub : {check, discover, read}) {
    needs(sub, "--config", invocation.config_file, "The configuration, JSON");
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

  try {
    app.parse(with_whole_flags(argc, argv));
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
