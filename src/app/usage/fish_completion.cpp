#include "app/usage/completion.h"

namespace source_sentry {
namespace {

using Values = OptionOutline::Values;

/// `text` within single quotes.
std::string fish_quoted(const std::string& text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  return out + "'";
}

/// How complete(1) is told to complete a value of this kind.
std::string fish_values(const OptionOutline& option) {
  switch (option.values) {
    case Values::kFiles:
      return " -r -F";
    case Values::kFolders:
      return " -x -a '(__fish_complete_directories)'";
    case Values::kListed:
      return " -x -a " + fish_quoted(joined(option.listed, " "));
    case Values::kStream:
      return " -x -a " + fish_quoted(names_of_streams());
    case Values::kStreams:
      return " -x -a '(__source_sentry_streams)'";
    case Values::kAny:
      return " -x";
    case Values::kNone:
      break;
  }
  return "";
}

std::string fish_lines(const CommandOutline& command, const std::string& condition) {
  const std::string begin = "complete -c source-sentry" + condition;
  std::string out;
  for (const OptionOutline& flag : command.flags) {
    const bool is_long = flag.name.starts_with("--");
    out += begin + (is_long ? " -l " + flag.name.substr(2) : " -s " + flag.name.substr(1));
    if (!flag.letter.empty()) out += " -s " + flag.letter.substr(1);
    out += fish_values(flag) + " -d " + fish_quoted(flag.help) + "\n";
  }
  for (const OptionOutline& argument : command.arguments)
    out += begin + fish_values(argument) + "\n";
  return out;
}

constexpr const char* kFishHead =
    R"(# Completion of source-sentry for fish, from `source-sentry completion fish`.

# The names of streams behind the commas that are typed already, each with or without a "!".
function __source_sentry_streams
    set -l typed (string replace -r '^--streams=' '' -- (commandline -ct))
    set -l before (string replace -r '[^,!]*$' '' -- $typed)
    printf '%s\n' $before{@STREAMS@}
end

complete -c source-sentry -f
)";

}  // namespace

std::string fish_completion(const Outline& outline) {
  std::string names = names_of_streams();
  for (char& c : names) c = c == ' ' ? ',' : c;
  std::string out = with_value(kFishHead, "@STREAMS@", names);
  out += fish_lines(outline.program, "");
  for (const CommandOutline& command : outline.commands) {
    out += "complete -c source-sentry -n __fish_use_subcommand -a " + command.name + " -d " +
           fish_quoted(command.help) + "\n";
  }
  for (const CommandOutline& command : outline.commands) {
    CommandOutline own = command;
    std::erase_if(own.flags, [](const OptionOutline& flag) { return flag.name == "--help"; });
    out += fish_lines(own, " -n '__fish_seen_subcommand_from " + command.name + "'");
  }
  return out;
}

}  // namespace source_sentry
