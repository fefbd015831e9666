#include "app/cli.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <iostream>
#include <string>
#include <utility>
#include <vector>

#include "app/usage/arguments.h"
#include "app/usage/commands.h"
#include "app/usage/completion.h"
#include "app/usage/man_page.h"
#include "app/usage/outline.h"
#include "app/usage/setting_flags.h"
#include "base/version.h"

namespace source_sentry {
namespace {

/// Throws CLI11's ParseError where the arguments cannot be understood, and where they ask for help
/// or the version.
void parse(CLI::App& app, std::vector<std::string> arguments) {
  refuse_secrets(arguments);
  arguments = with_whole_flags(app, std::move(arguments));
  std::reverse(arguments.begin(), arguments.end());  // CLI11 takes them from the back
  app.parse(std::move(arguments));
  if (const auto wrong = unexpected_in(app)) {
    throw CLI::ExtrasError(*wrong, CLI::ExitCodes::ExtrasError);
  }
}

/// Prints a text that is made of the command line itself. Returns the exit code.
int print(const std::string& text) {
  std::cout << text << std::flush;
  if (std::cout) return 0;
  std::cerr << "source-sentry: stdout cannot be written.\n";
  return 1;
}

}  // namespace

std::optional<Invocation> parse_command_line(int argc, const char* const* argv, int& exit_code) {
  Invocation invocation;
  UsageTexts texts;
  CLI::App app("", "source-sentry");
  app.set_version_flag("--version", std::string("source-sentry ") + kVersion);
  add_commands(app, invocation, texts);
  app.allow_extras();  // CLI11 would name them in reverse order; see unexpected_in

  try {
    parse(app, {argv + 1, argv + std::max(argc, 1)});
  } catch (const CLI::ParseError& error) {
    // CLI11's own codes start at 100; Airbyte's clients know 0 and 2.
    exit_code = app.exit(error, std::cout, std::cerr) == 0 ? 0 : 2;
    return std::nullopt;
  }
  if (texts.wanted == UsageTexts::Wanted::kCompletion) {
    exit_code = print(completion_for(texts.shell, outline_of(app)));
    return std::nullopt;
  }
  if (texts.wanted == UsageTexts::Wanted::kManPage) {
    exit_code = print(man_page(outline_of(app)));
    return std::nullopt;
  }
  if (invocation.command == Invocation::Command::kNone) {
    std::cerr << app.help();
    exit_code = 1;
    return std::nullopt;
  }
  return invocation;
}

}  // namespace source_sentry
