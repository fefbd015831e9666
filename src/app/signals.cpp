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

/// PyAirbyte waits 10 seconds after its SIGTERM before it kills for good, and calls that an error.
constexpr timespec kGrace{5, 0};

/// What ends a process by default and can be told from a fault of the program. SIGXCPU says that
/// the limit of processor time is near, once a second from then on.
constexpr std::array kEnding = {SIGTERM, SIGINT,    SIGHUP,  SIGQUIT, SIGXCPU,
                                SIGALRM, SIGVTALRM, SIGPROF, SIGIO,   SIGPWR};
/// They mean nothing here, and their default would end the process. For the first two, writing
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

  /// The next signal, or 0 when the time is up; both also when the watch is over. Without a limit
  /// where `most` is null. A process that was stopped and goes on (Ctrl-Z, fg) waits anew.
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
    // Where no thread is to be had, or no memory to ask for one, signals do what they do to any
    // process.
    pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
  }
}

SignalWatch::~SignalWatch() {
  if (!thread_.joinable()) return;
  // Any signal to that thread alone wakes it, so none has to be set apart for this.
  state_->over = true;
  pthread_kill(thread_.native_handle(), SIGTERM);
}

int SignalWatch::caught() const { return state_->caught; }

void SignalWatch::watch(std::stop_source& stop) {
  const int first = State::next(nullptr);
  if (state_->over) return;
  state_->caught = first;
  stop.request_stop();
  // A second signal means it, and so does the end of the grace.
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
  _exit(128 + signal);  // for signals that a parent has made harmless
}

}  // namespace source_sentry
