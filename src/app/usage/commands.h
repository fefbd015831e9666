#pragma once

#include <string>

#include "app/settings/invocation.h"

namespace CLI {
class App;
}

namespace source_sentry {

/// What is wanted of the command line's own texts.
struct UsageTexts {
  enum class Wanted { kNone, kCompletion, kManPage };

  Wanted wanted = Wanted::kNone;
  std::string shell;  ///< of kCompletion: bash, zsh or fish
};

/// The command that another executable is for, which takes all arguments after it.
inline constexpr char kListenCommand[] = "listen";

/// Adds every command with its flags and help to `app`, which writes what it parses into
/// `invocation`, or into `texts`. All of them must outlive the parsing.
///
/// Completions are made from the types of flags: one in lower case, such as jsonl|csv, lists its
/// values; FILE, DIR, STREAM, STREAM... and STREAM,... name what may stand there.
void add_commands(CLI::App& app, Invocation& invocation, UsageTexts& texts);

}  // namespace source_sentry
