#include "app/usage/completion.h"

namespace source_sentry {
namespace {

using Values = OptionOutline::Values;

/// `text` within single quotes, with what _arguments would understand escaped.
std::string zsh_quoted(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '\'') {
      out += "'\\''";
    } else {
      if (c == '[' || c == ']' || c == ':' || c == '\\') out += '\\';
      out += c;
    }
  }
  return out;
}

/// What completes a value of this kind, as _arguments wants it behind the colons.
std::string zsh_action(const OptionOutline& option) {
  switch (option.values) {
    case Values::kFiles:
      return "_files";
    case Values::kFolders:
      return "_files -/";
    case Values::kListed:
      return "(" + joined(option.listed, " ") + ")";
    case Values::kStream:
      return "(" + names_of_streams() + ")";
    case Values::kStreams:
      return "_source_sentry_streams";
    case Values::kAny:
    case Values::kNone:
      break;
  }
  return " ";
}

/// The lines for _arguments, each with its continuation.
std::string specs_of(const Outline& outline, const CommandOutline& command) {
  std::string out;
  for (const OptionOutline& flag : flags_of(outline, command)) {
    const std::string help = "[" + zsh_quoted(flag.help) + "]";
    const std::string value =
        flag.values == Values::kNone ? "" : ":" + zsh_quoted(flag.type) + ":" + zsh_action(flag);
    const std::string repeats = flag.repeats ? "*" : "";
    for (const std::string& name : {flag.letter, flag.name}) {
      if (name.empty()) continue;
      const bool may_be_joined = name.starts_with("--") && !value.empty();  // --flag=value
      out.append("        '").append(repeats).append(name).append(may_be_joined ? "=" : "");
      out.append(help).append(value).append("' \\\n");
    }
  }
  for (const OptionOutline& argument : command.arguments) {
    out += "        '" + std::string(argument.repeats ? "*" : "") + ":" +
           zsh_quoted(argument.name) + ":" + zsh_action(argument) + "' \\\n";
  }
  return out;
}

constexpr const char* kZshStreams = R"(
# The names of streams, with commas between them, each with or without a "!" before it.
_source_sentry_streams() {
  compset -P '*,'
  compset -P '\!'
  compadd -q -S '' -- @STREAMS@
}
)";

}  // namespace

std::string zsh_completion(const Outline& outline) {
  std::string out =
      "#compdef source-sentry\n"
      "# Completion of source-sentry for zsh, from `source-sentry completion zsh`.\n" +
      with_value(kZshStreams, "@STREAMS@", names_of_streams()) +
      "\n_source-sentry() {\n"
      "  local context state state_descr line\n"
      "  typeset -A opt_args\n"
      "  _arguments -C \\\n" +
      specs_of(outline, outline.program) +
      "        '1:command:->command' '*::argument:->arguments'\n"
      "  case $state in\n"
      "    command)\n"
      "      local -a commands=(\n";
  for (const CommandOutline& command : outline.commands) {
    out += "        '" + command.name + ":" + zsh_quoted(command.help) + "'\n";
  }
  out +=
      "      )\n"
      "      _describe command commands ;;\n"
      "    arguments)\n"
      "      case $line[1] in\n";
  for (const CommandOutline& command : outline.commands) {
    out += "      " + command.name + ")\n        _arguments \\\n" + specs_of(outline, command) +
           "        && return ;;\n";
  }
  return out +
         "      esac ;;\n"
         "  esac\n"
         "}\n\n"
         "# By itself where the shell has loaded this file for the first completion, or sourced "
         "it.\n"
         "if [[ $funcstack[1] == _source-sentry ]]; then\n"
         "  _source-sentry \"$@\"\n"
         "else\n"
         "  compdef _source-sentry source-sentry\n"
         "fi\n";
}

}  // namespace source_sentry
