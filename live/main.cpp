#include <unistd.h>

#include <cstdlib>
#include <exception>
#include <iostream>
#include <stop_token>
#include <string>

#include "app/commands/guarded.h"
#include "app/core_dumps.h"
#include "app/last_words.h"
#include "app/settings/connection.h"
#include "app/settings/environment.h"
#include "app/settings/settings.h"
#include "app/terminal/console.h"
#include "app/terminal/manner.h"
#include "live/app/endpoints.h"
#include "live/app/listener.h"
#include "live/app/options.h"
#include "live/notion/ui_schema.h"
#include "protocol/emitter.h"
#include "protocol/log_sink.h"

namespace source_sentry {
namespace {

int run(const ListenOptions& options) {
  if (options.command == ListenOptions::Command::kUiSchema) {
    std::cout << ui_schema(options.prefix) << "\n";
    return 0;
  }
  const SignalLoop signals;  // before any thread
  std::stop_source stop;
  SystemClock clock;
  const ConfigFile config(options.invocation.config_file);
  const Settings settings(options.invocation, config, sources_of_process());
  Emitter emitter(STDOUT_FILENO, clock, known_secrets(settings), stop);
  const bool debug = options.invocation.debug || environment("LOG_LEVEL") == "debug";
  const Surroundings around = surroundings();
  // People read a terminal, and programs everything else.
  Console console(STDERR_FILENO,
                  {.colour = around.stderr_is_terminal && !around.no_color,
                   .infos = true,
                   .debug = debug,
                   .json = !around.stderr_is_terminal},
                  [] { return terminal_size(STDERR_FILENO); });
  emitter.address(console, true);
  const LogToEmitter logs(emitter, debug);
  return guarded(emitter, [&] {
    if (options.command == ListenOptions::Command::kDoctor) {
      return run_doctor(options, settings, emitter, stop.get_token());
    }
    return run_listener(options, settings, emitter, signals, stop.get_token());
  });
}

}  // namespace
}  // namespace source_sentry

int main(int argc, char** argv) {
  using namespace source_sentry;
  prepare_last_words();
  forbid_core_dumps();
  try {
    int exit_code = 0;
    const auto options = parse_listen_options(argc, argv, exit_code);
    return options ? run(*options) : exit_code;
  } catch (const std::exception& error) {
    std::cerr << "source-sentry-listen: " << error.what() << "\n";
    return 1;
  }
}
