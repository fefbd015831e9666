#include "app/usage/outline.h"

#include <CLI/CLI.hpp>

#include "app/usage/texts.h"

namespace source_sentry {
namespace {

using Values = OptionOutline::Values;

Values values_of(const std::string& type) {
  if (type.empty()) return Values::kNone;
  if (type == "FILE") return Values::kFiles;
  if (type == "DIR") return Values::kFolders;
  if (type == "STREAM" || type == "STREAM...") return Values::kStream;
  if (type == "STREAM,...") return Values::kStreams;
  return listed_values(type).empty() ? Values::kAny : Values::kListed;
}

OptionOutline outline_of(const CLI::Option& option) {
  OptionOutline outline;
  if (option.get_type_size() != 0) {
    const std::string type = option.get_type_name();
    outline.type = type.substr(0, type.find(':'));  // behind that CLI11 puts the values' bounds
  }
  outline.listed = listed_values(outline.type);
  if (!option.get_lnames().empty()) {
    outline.name = "--" + option.get_lnames().front();
    if (!option.get_snames().empty()) outline.letter = "-" + option.get_snames().front();
  } else if (!option.get_snames().empty()) {
    outline.name = "-" + option.get_snames().front();
  } else if (outline.type.empty() || !outline.listed.empty()) {
    outline.name = option.get_name(true);
  } else {
    outline.name = outline.type;
  }
  outline.help = option.get_description();
  outline.group = option.get_group();
  outline.values = values_of(outline.type);
  outline.repeats = option.get_expected_max() > 1;
  outline.required = option.get_required();
  return outline;
}

CommandOutline command_outline_of(const CLI::App& app, const std::string& name) {
  CommandOutline outline{name, app.get_description(), {}, {}};
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_group().empty()) continue;
    (option->nonpositional() ? outline.flags : outline.arguments).push_back(outline_of(*option));
  }
  return outline;
}

}  // namespace

Outline outline_of(const CLI::App& app) {
  Outline outline{command_outline_of(app, ""), {}};
  for (const CLI::App* command : app.get_subcommands(nullptr)) {
    if (!command->get_group().empty()) {
      outline.commands.push_back(command_outline_of(*command, command->get_name()));
    }
  }
  return outline;
}

}  // namespace source_sentry
