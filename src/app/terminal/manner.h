#pragma once

#include <string>

#include "app/settings/invocation.h"

namespace source_sentry {

/// What the program finds around it.
struct Surroundings {
  bool stdout_is_terminal = false;
  bool stderr_is_terminal = false;
  std::string term;       ///< the kind of terminal, as TERM says
  bool no_color = false;  ///< whether NO_COLOR is set to anything
};

/// How progress is shown.
enum class ProgressForm {
  kNone,
  kBar,    ///< lines at the end of the terminal that change
  kPlain,  ///< a line for each stream now and then
  kJson,   ///< the same as JSON
};

/// How to speak to whoever runs the program.
struct Manner {
  /// A person reads stderr. Otherwise a platform does: it gets the protocol's messages, and stderr
  /// stays as silent as it can.
  bool person = false;
  bool alone = false;   ///< stdout carries no logs and errors
  bool colour = false;  ///< on stderr
  bool infos = false;   ///< plain news, besides warnings and errors
  ProgressForm progress = ProgressForm::kNone;
};

/// Decides it. A person is spoken to if records go to files, if progress or --exit-code was asked
/// for, if stdout is a terminal, and by each command that Airbyte does not know.
Manner manner_of(const Invocation& invocation, const Surroundings& around);

/// What surrounds this process.
Surroundings surroundings();

}  // namespace source_sentry
