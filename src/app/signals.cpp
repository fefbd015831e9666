#include "app/signals.h"

#include <pthread.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <ctime>
#include <exception>
#include <utility>

namespace source_sentry {
namespace {

/// PyAirbyte waits 10 seconds after its SIGTERM before it kills for good, and reports an error.
constexpr timespec kGrace{5, 0};

/// Signals that end a process by default and are not a fault of the program. SIGXCPU says that the
/// limit of processor time is near, and then repeats once a second.
constexpr std::array kEnding = {SIGTERM, SIGINT,    SIGHUP,  SIGQUIT, SIGXCPU,
                                SIGALRM, SIGVTALRM, SIGPROF, SIGIO,   SIGPWR};
/// These mean nothing here, and their default would end the process. For the first two, the write
/// reports the reason.
constexpr std::array kMeaningless = {SIGPIPE, SIGXFSZ, SIGUSR1, SIGUSR2};

sigset_t ending_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : kEnding) sigaddset(&set, signal);
  return set;
}

}  // namespace

struct SignalWatch::State {
  std::atomic<int> caught = 0;
  std::atomic<bool> over = false;

  /// The next signal, or 0 when the time is up; either is possible when the watch is over. No limit
  /// where `most` is null. A process that was stopped and resumed (Ctrl-Z, fg) waits anew.
  static int next(const timespec* most) {
    const sigset_t set = ending_signals();
    for (;;) {
      const int signal =
          most == nullptr ? sigwaitinfo(&set, nullptr) : sigtimedwait(&set, nullptr, most);
      if (signal > 0) return signal;
      if (errno != EINTR) return 0;
    }
  }
};

SignalWatch::SignalWatch(std::stop_source stop) : state_(std::make_unique<State>()) {
  for (const int signal : kMeaningless) std::signal(signal, SIG_IGN);  // NOLINT(cert-err33-c)
  const sigset_t set = ending_signals();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  try {
    thread_ = std::jthread([this, stop = std::move(stop)]() mutable { watch(stop); });
  } catch (const std::exception&) {
    // Where no thread can be had, or no memory to ask for one, signals keep their default
    // effect.
    pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
  }
}

SignalWatch::~SignalWatch() {
  if (!thread_.joinable()) return;
  // Any signal to that thread alone wakes it, so none has to be reserved for this.
  state_->over = true;
  pthread_kill(thread_.native_handle(), SIGTERM);
}

int SignalWatch::caught() const { return state_->caught; }

void SignalWatch::watch(std::stop_source& stop) {
  const int first = State::next(nullptr);
  if (state_->over) return;
  state_->caught = first;
  stop.request_stop();
  // A second signal ends the process, and so does the end of the grace period.
  int again = 0;
  do {
    again = State::next(&kGrace);
  } while (again == SIGXCPU && first == SIGXCPU && !state_->over);
  if (!state_->over) die_by(first);
}

void SignalWatch::die_by(int signal) {
  std::signal(signal, SIG_DFL);  // NOLINT(cert-err33-c)
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, signal);
  pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
  kill(getpid(), signal);
  _exit(128 + signal);  // for signals that a parent has set to be ignored
}

}  // namespace source_sentry
