#pragma once

#include <optional>

#include "app/settings/invocation.h"

namespace source_sentry {

/// Reads the arguments of the Airbyte protocol: a command, then its flags in any order, as `--flag
/// value` or `--flag=value`, or shortened as long as it is unambiguous. When there is nothing left
/// to do (help, version, a usage error) it prints its text and returns nothing, with the exit code
/// in `exit_code`: 0, 1 where no command is given, or 2 for a usage error.
std::optional<Invocation> parse_command_line(int argc, const char* const* argv, int& exit_code);

}  // namespace source_sentry
