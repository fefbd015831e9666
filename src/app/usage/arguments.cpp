#include "app/usage/arguments.h"

#include <CLI/CLI.hpp>
#include <algorithm>

#include "sentry/projects/near_names.h"

namespace source_sentry {
namespace {

/// Adds the flags of `app`, "--config" and the like, and where `hidden` also those that no help
/// shows.
void add_flags(const CLI::App& app, bool hidden, std::vector<std::string>& flags) {
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_group().empty() && !hidden) continue;
    for (const std::string& name : option->get_lnames()) flags.push_back("--" + name);
  }
}

/// The flags that the arguments may name: the program's, and those of the command among them, or of
/// all where there is none.
std::vector<std::string> flags_for(const CLI::App& app, const std::vector<std::string>& arguments) {
  const std::vector<const CLI::App*> commands = app.get_subcommands(nullptr);
  const auto named = std::find_first_of(
      arguments.begin(), arguments.end(), commands.begin(), commands.end(),
      [](const auto& text, const CLI::App* command) { return command->get_name() == text; });
  std::vector<std::string> flags;
  add_flags(app, true, flags);
  for (const CLI::App* command : commands) {
    if (named == arguments.end() || command->get_name() == *named) add_flags(*command, true, flags);
  }
  std::sort(flags.begin(), flags.end());
  flags.erase(std::unique(flags.begin(), flags.end()), flags.end());
  return flags;
}

/// An argument as it may be repeated: without a flag's value, and without what may be a token.
std::string repeatable(const std::string& argument) {
  constexpr std::size_t kLongest = 24;  // tokens are longer: 32 bytes in hexadecimal, sntrys_...
  const std::string name =
      argument.starts_with("-") ? argument.substr(0, argument.find('=')) : argument;
  return name.size() <= kLongest && !name.starts_with("sntry") ? name : "****";
}

/// What to say where the first argument should be a command.
std::string no_such_command(const CLI::App& app, const std::string& wanted) {
  std::vector<std::string> known;
  for (const CLI::App* command : app.get_subcommands(nullptr)) known.push_back(command->get_name());
  const std::string near = did_you_mean(wanted, known);
  std::string all;
  for (const std::string& name : known) all.append(all.empty() ? "" : ", ").append(name);
  return "There is no command \"" + wanted + "\"." +
         (near.empty() ? " The commands are " + all + "." : near);
}

}  // namespace

std::vector<std::string> with_whole_flags(const CLI::App& app, std::vector<std::string> arguments) {
  const std::vector<std::string> flags = flags_for(app, arguments);
  for (std::string& argument : arguments) {
    const std::string name = argument.substr(0, argument.find('='));
    if (!name.starts_with("--") || name.size() == 2) continue;
    // They are sorted: those that begin so follow each other, the same one first.
    const auto match = std::lower_bound(flags.begin(), flags.end(), name);
    if (match == flags.end() || *match == name || !match->starts_with(name)) continue;
    const auto next = std::next(match);
    if (next != flags.end() && next->starts_with(name)) continue;
    argument.replace(0, name.size(), *match);
  }
  return arguments;
}

std::optional<std::string> unexpected_in(const CLI::App& app) {
  const auto& parsed = app.get_subcommands();
  const std::vector<std::string> rest = app.remaining(true);
  if (rest.empty()) return std::nullopt;
  if (parsed.empty() && !rest.front().starts_with('-')) {
    return no_such_command(app, repeatable(rest.front()));
  }
  std::string list;
  std::vector<std::string> flags, known;
  for (const std::string& argument : rest) {
    list.append(list.empty() ? "" : " ").append(repeatable(argument));
    if (argument.starts_with("--")) flags.push_back(repeatable(argument));
  }
  add_flags(app, false, known);
  for (const CLI::App* command : parsed) add_flags(*command, false, known);
  return "Not expected here: " + list + "." + did_you_mean(flags, known);
}

}  // namespace source_sentry
