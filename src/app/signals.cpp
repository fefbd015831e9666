#include "app/signals.h"

#include <pthread.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <ctime>
#include <utility>

namespace source_sentry {
namespace {

/// PyAirbyte waits 10 seconds after its SIGTERM before it kills for good, and calls that an error.
constexpr timespec kGrace{5, 0};
/// Sent by ourselves, to the watching thread alone, when there is nothing left to watch.
constexpr int kDone = SIGUSR1;

sigset_t watched_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP, kDone}) sigaddset(&set, signal);
  return set;
}

}  // namespace

struct SignalWatch::State {
  std::atomic<int> caught = 0;
};

SignalWatch::SignalWatch(std::stop_source stop) : state_(std::make_unique<State>()) {
  std::signal(SIGPIPE, SIG_IGN);  // NOLINT(cert-err33-c)
  const sigset_t set = watched_signals();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  thread_ = std::jthread([this, stop = std::move(stop)]() mutable { watch(stop); });
}

SignalWatch::~SignalWatch() { pthread_kill(thread_.native_handle(), kDone); }

int SignalWatch::caught() const { return state_->caught; }

void SignalWatch::watch(std::stop_source& stop) {
  const sigset_t set = watched_signals();
  int signal = sigwaitinfo(&set, nullptr);
  if (signal == kDone) return;
  state_->caught = signal;
  stop.request_stop();
  // A second signal means it, and so does the end of the grace.
  signal = sigtimedwait(&set, nullptr, &kGrace);
  if (signal != kDone) die_by(state_->caught);
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
