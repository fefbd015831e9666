#include "app/terminal/manner.h"

#include <unistd.h>

#include "app/settings/environment.h"

namespace source_sentry {
namespace {

bool is_of_protocol(Invocation::Command command) {
  using Command = Invocation::Command;
  return command == Command::kSpec || command == Command::kCheck || command == Command::kDiscover ||
         command == Command::kRead;
}

ProgressForm form_of(const std::string& wanted, bool can_draw, const Surroundings& around) {
  if (wanted == "off") return ProgressForm::kNone;
  if (wanted == "json") return ProgressForm::kJson;
  if (wanted == "plain") return ProgressForm::kPlain;
  if (can_draw) return ProgressForm::kBar;
  // Somebody watches a terminal that cannot draw. Without one it is a log that somebody may read
  // later, and the summary is enough for that.
  const bool watched = around.stderr_is_terminal && !around.stdout_is_terminal;
  return wanted == "bar" || watched ? ProgressForm::kPlain : ProgressForm::kNone;
}

}  // namespace

Manner manner_of(const Invocation& invocation, const Surroundings& around) {
  const std::string& wanted = invocation.progress;
  const bool to_files = !invocation.output_folder.empty();
  const bool is_human = !is_of_protocol(invocation.command) || invocation.json;
  // No platform knows --exit-code.
  const bool asked = (!wanted.empty() && wanted != "off") || invocation.exit_code;
  const bool draws = around.stderr_is_terminal && !around.term.empty() && around.term != "dumb";
  Manner manner;
  manner.person = to_files || is_human || asked || around.stdout_is_terminal;
  if (!manner.person) return manner;
  manner.alone = to_files || is_human;
  manner.colour = draws && !around.no_color;
  // Records that go to the same terminal would run over lines that change.
  const bool is_free = to_files || !around.stdout_is_terminal;
  if (invocation.command == Invocation::Command::kRead) {
    Surroundings seen = around;
    seen.stdout_is_terminal = !is_free;
    manner.progress = form_of(wanted, draws && is_free, seen);
  }
  manner.infos = invocation.debug || manner.progress == ProgressForm::kJson ||
                 (around.stderr_is_terminal && manner.progress == ProgressForm::kNone && !is_human);
  return manner;
}

Surroundings surroundings() {
  return {isatty(STDOUT_FILENO) == 1, isatty(STDERR_FILENO) == 1, environment("TERM"),
          !environment("NO_COLOR").empty()};
}

}  // namespace source_sentry
