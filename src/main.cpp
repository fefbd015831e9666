#include <fcntl.h>
#include <malloc.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstring>
#include <exception>
#include <filesystem>
#include <iostream>
#include <memory>
#include <new>
#include <optional>
#include <stop_token>
#include <string_view>

#include "app/cli.h"
#include "app/commands/commands.h"
#include "app/core_dumps.h"
#include "app/last_words.h"
#include "app/settings/connection.h"
#include "app/settings/environment.h"
#include "app/settings/settings.h"
#include "app/settings/stream_choice.h"
#include "app/signals.h"
#include "app/terminal/console.h"
#include "app/terminal/manner.h"
#include "app/usage/commands.h"
#include "base/error.h"
#include "protocol/emitter.h"
#include "protocol/log_sink.h"

namespace source_sentry {
namespace {

using Command = Invocation::Command;

/// Takes the places of standard streams that the caller has closed, so that no connection gets one
/// of their numbers and is written to in their place. A write to what is read-only fails.
void occupy_standard_streams() {
  for (int file = 0; file >= 0 && file <= STDERR_FILENO;) {
    file = open("/dev/null", O_RDONLY);  // the lowest free number
    if (file > STDERR_FILENO) close(file);
  }
}

/// Each thread's arena keeps what its largest page took. With two for all of them, two hundred
/// projects take less than half of the memory, and no more processor time: threads wait for the
/// server, not for memory.
void share_memory() {
#ifdef M_ARENA_MAX
  mallopt(M_ARENA_MAX, 2);
  // What a very large page took goes back to the system. By itself the allocator raises both limits
  // with such a page and keeps holes of its size: 125 MB in place of 78 for packed 20 MB pages.
  // Setting the first stops it from raising the second, which starts at 128 KiB.
  constexpr int kLargest = 8 << 20;
  mallopt(M_MMAP_THRESHOLD, kLargest);
  mallopt(M_TRIM_THRESHOLD, kLargest / 2);
#endif
}

/// Kept in reserve for the message when memory runs out.
std::unique_ptr<char[]> reserve;
std::atomic_flag reserve_is_gone;

/// Frees the reserve, once, and lets the allocation that brought us here fail.
[[noreturn]] void run_out_of_memory() {
  if (!reserve_is_gone.test_and_set()) reserve.reset();
  throw std::bad_alloc();
}

void keep_a_reserve() {
  constexpr std::size_t kReserve = 1 << 20;
  reserve = std::make_unique<char[]>(kReserve);
  std::set_new_handler(run_out_of_memory);
}

int run(const CommandContext& context) {
  switch (context.invocation.command) {
    case Command::kSpec:
      return run_spec(context);
    case Command::kCheck:
      return run_check(context);
    case Command::kDiscover:
      return run_discover(context);
    case Command::kRead:
      return run_read(context);
    case Command::kConfig:
      return run_config(context);
    case Command::kStreams:
      return run_streams(context);
    case Command::kPreview:
      return run_preview(context);
    case Command::kPlan:
      return run_plan(context);
    case Command::kNone:
      break;
  }
  return 1;
}

bool needs_settings(Command command) {
  return command != Command::kSpec && command != Command::kConfig && command != Command::kStreams;
}

/// A call that names nothing to work with is wrong usage.
int no_settings() {
  std::cerr
      << "source-sentry: There are no settings. Name a configuration with --config FILE, or an "
         "organization with --org and its token in the environment variable "
         "SENTRY_AUTH_TOKEN.\nRun with --help for more information.\n";
  return 2;
}

/// What is wrong with the streams that the command line names; nothing where all of them exist. A
/// mistake in the configuration is told by the command.
std::optional<std::string> wrong_streams(const Invocation& invocation, const Settings& settings) {
  try {
    return unknown_streams(invocation.streams, streams_of(settings));
  } catch (const ConnectorError&) {
    return std::nullopt;
  }
}

/// The whole program; whatever is still open at the end is settled here.
int main_with(const Invocation& invocation) {
  std::stop_source stop;
  const SignalWatch signals(stop);
  SystemClock clock;
  const ConfigFile config(invocation.config_file);
  const Settings settings(invocation, config, sources_of_process());
  if (const auto wrong = wrong_streams(invocation, settings)) {
    const bool named =
        invocation.command == Command::kStreams || invocation.command == Command::kPreview;
    std::cerr << (named ? "stream" : "--streams") << ": " << *wrong
              << "\nRun with --help for more information.\n";
    return 2;
  }
  if (settings.empty() && needs_settings(invocation.command)) return no_settings();
  const Secrets secrets = known_secrets(settings);
  Emitter emitter(STDOUT_FILENO, clock, secrets, stop);
  const LastWords last_words(emitter);
  const bool debug = invocation.debug || environment("LOG_LEVEL") == "debug";
  const Manner manner = manner_of(invocation, surroundings());
  Console console(STDERR_FILENO,
                  {manner.colour, manner.infos, debug, manner.progress == ProgressForm::kJson},
                  [] { return terminal_size(STDERR_FILENO); });
  if (manner.person) emitter.address(console, manner.alone);
  int code = 1;
  try {
    const LogToEmitter logs(emitter, debug);
    code = run({invocation, settings, emitter, stop.get_token(), manner.person ? &console : nullptr,
                manner.progress});
  } catch (const std::bad_alloc&) {
    std::terminate();  // there was no memory for a message except the last one
  } catch (const std::exception& error) {
    std::cerr << "source-sentry: " << secrets.redact(error.what()) << "\n";
  }
  if (emitter.health() == Emitter::Health::kReaderGone) SignalWatch::die_by(SIGPIPE);
  if (emitter.health() == Emitter::Health::kFailed) {
    std::cerr << "source-sentry: stdout cannot be written: "
              << std::strerror(emitter.error_number())  // NOLINT(concurrency-mt-unsafe)
              << "\n";
    return 1;
  }
  if (signals.caught() != 0) SignalWatch::die_by(signals.caught());
  return code;
}

/// Becomes source-sentry-listen, the one beside this executable or that of PATH. Returns the exit
/// code where there is none.
int become_listener(char** argv) {
  std::error_code unknown;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", unknown);
  std::string name = "source-sentry-listen";
  const std::string beside = (self.parent_path() / name).string();
  argv[1] = name.data();
  execv(beside.c_str(), argv + 1);
  execvp(name.c_str(), argv + 1);
  std::cerr << "source-sentry: There is no " << name
            << ", which takes in webhooks: it is a package of its own. docs/live.md says how to "
               "install it.\n";
  return 1;
}

/// Before everything else in the program, since its constants take memory, too.
[[gnu::constructor(101)]] void at_first() { prepare_last_words(); }

}  // namespace
}  // namespace source_sentry

int main(int argc, char** argv) {
  source_sentry::share_memory();
  source_sentry::forbid_core_dumps();
  source_sentry::occupy_standard_streams();
  if (argc > 1 && std::string_view(argv[1]) == source_sentry::kListenCommand) {
    return source_sentry::become_listener(argv);
  }
  try {
    source_sentry::keep_a_reserve();
    int exit_code = 0;
    const auto invocation = source_sentry::parse_command_line(argc, argv, exit_code);
    return invocation ? source_sentry::main_with(*invocation) : exit_code;
  } catch (const std::exception& error) {
    std::cerr << "source-sentry: " << error.what() << "\n";
    return 1;
  }
}
