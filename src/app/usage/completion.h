#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "app/usage/outline.h"

namespace source_sentry {

/// The scripts by which a shell completes commands, flags and their values: those that are listed,
/// streams, and names of files and folders. Each is to be sourced, or put where the shell looks for
/// completions. They ask nothing of the program, so they are as old as the program that made them.
std::string bash_completion(const Outline& outline);
std::string zsh_completion(const Outline& outline);
std::string fish_completion(const Outline& outline);

/// That of `shell`: "bash", "zsh" or "fish".
std::string completion_for(const std::string& shell, const Outline& outline);

/// The streams' names, in one line.
std::string names_of_streams();

/// The flags that may follow the command: its own, and those of the program that it lacks.
std::vector<OptionOutline> flags_of(const Outline& outline, const CommandOutline& command);

/// `text` with `value` in place of `mark`, which it holds once.
std::string with_value(std::string text, std::string_view mark, const std::string& value);

/// The texts with `between` them.
std::string joined(const std::vector<std::string>& texts, const char* between);

}  // namespace source_sentry
