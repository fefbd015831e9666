#include <map>

#include "app/usage/completion.h"

namespace source_sentry {
namespace {

using Values = OptionOutline::Values;

/// What the function's head does: it finds the word that is completed, the flag before it, and the
/// command. bash makes words of `--flag=value` in three pieces.
constexpr const char* kBashHead =
    R"(# Completion of source-sentry for bash, from `source-sentry completion bash`.

# Completes the last name of a list such as issues,events or '!events'.
_source_sentry_list() {
  local name=${cur##*,}
  local before=${cur%"$name"}
  if [[ $name == '!'* ]]; then
    before+='!' name=${name:1}
  fi
  mapfile -t COMPREPLY < <(compgen -P "$before" -W "$1" -- "$name")
  compopt -o nospace
}

_source_sentry() {
  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} command='' words='' i
  if [[ $cur == = ]]; then
    cur=''
  elif [[ $prev == = ]]; then
    prev=${COMP_WORDS[COMP_CWORD - 2]}
  fi
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    case ${COMP_WORDS[i]} in
      @COMMANDS@)
        command=${COMP_WORDS[i]}
        break
        ;;
    esac
  done
  case "$command $prev" in
)";

constexpr const char* kBashTail = R"(  esac
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
}

complete -F _source_sentry source-sentry
)";

/// The lines that complete a value of this kind.
std::string bash_action(const OptionOutline& option) {
  const auto of = [](const char* what) {
    return "compopt -o filenames; mapfile -t COMPREPLY < <(compgen " + std::string(what) +
           " -- \"$cur\"); return";
  };
  switch (option.values) {
    case Values::kFiles:
      return of("-f");
    case Values::kFolders:
      return of("-d");
    case Values::kListed:
      return "words='" + joined(option.listed, " ") + "'";
    case Values::kStream:
      return "words='" + names_of_streams() + "'";
    case Values::kStreams:
      return "_source_sentry_list '" + names_of_streams() + "'; return";
    case Values::kAny:
    case Values::kNone:
      break;
  }
  return "return";
}

/// The branches for the values of flags: those with the same action together.
std::string value_branches(const Outline& outline) {
  std::map<std::string, std::vector<std::string>> flags;
  for (const CommandOutline& command : outline.commands) {
    for (const OptionOutline& flag : flags_of(outline, command)) {
      if (flag.values == Values::kNone) continue;
      for (const std::string& name : {flag.letter, flag.name}) {
        if (!name.empty())
          flags[bash_action(flag)].push_back("'" + command.name + " " + name + "'");
      }
    }
  }
  std::string out;
  for (const auto& [action, names] : flags) {
    out += "    " + joined(names, " | ") + ")\n      " + action + " ;;\n";
  }
  return out;
}

std::string names_of_flags(const Outline& outline, const CommandOutline& command) {
  std::string all;
  for (const OptionOutline& flag : flags_of(outline, command)) {
    all.append(all.empty() ? "" : " ").append(flag.name);
    if (!flag.letter.empty()) all.append(" ").append(flag.letter);
  }
  return all;
}

/// What may come where no flag waits for its value: arguments, and flags where a dash was typed or
/// nothing else may come.
std::string word_branches(const Outline& outline, const std::vector<std::string>& names) {
  std::string out;
  const auto branch = [&](const CommandOutline& command, const std::string& words) {
    const std::string flags = names_of_flags(outline, command);
    out += "    \"" + command.name + " \"*)\n";
    if (!words.empty()) out += "      " + words + "\n";
    out += "      [[ $cur == -* || -z $words ]] && words='" + flags + "' ;;\n";
  };
  for (const CommandOutline& command : outline.commands) {
    branch(command, command.arguments.empty() ? "" : bash_action(command.arguments.front()));
  }
  branch(outline.program, "words='" + joined(names, " ") + "'");
  return out;
}

}  // namespace

std::string bash_completion(const Outline& outline) {
  std::vector<std::string> names;
  for (const CommandOutline& command : outline.commands) names.push_back(command.name);
  return with_value(kBashHead, "@COMMANDS@", joined(names, " | ")) + value_branches(outline) +
         word_branches(outline, names) + kBashTail;
}

}  // namespace source_sentry
