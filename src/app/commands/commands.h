#pragma once

#include <stop_token>

#include "app/settings/invocation.h"
#include "app/settings/settings.h"
#include "app/terminal/console.h"
#include "app/terminal/manner.h"
#include "protocol/emitter.h"

namespace source_sentry {

/// What a command works with. All of it outlives the command.
struct CommandContext {
  const Invocation& invocation;
  const Settings& settings;
  Emitter& emitter;
  std::stop_token stop;
  Console* person = nullptr;  ///< null where none is spoken to
  ProgressForm progress = ProgressForm::kNone;
};

/// The commands, each in a file of its own. Each returns the process's exit code and reports
/// whatever goes wrong through the emitter, so none throws.
int run_spec(const CommandContext& context);
int run_check(const CommandContext& context);
int run_discover(const CommandContext& context);
int run_read(const CommandContext& context);
/// Prints the settings and their sources for people, or as JSON; no protocol.
int run_config(const CommandContext& context);
/// Prints the table of streams, needs no settings; no protocol.
int run_streams(const CommandContext& context);
/// Prints a few records of a stream and what its schema says of them; no protocol.
int run_preview(const CommandContext& context);
/// Prints what a read would cost; no protocol.
int run_plan(const CommandContext& context);

}  // namespace source_sentry
