#pragma once

#include <memory>
#include <stop_token>
#include <thread>

namespace source_sentry {

/// Turns SIGTERM, SIGINT, SIGHUP and whatever else would end the process into a stop request,
/// so that a run can end its lines and states. If it has not ended a few seconds later (the
/// pipe's reader does not read), the signal's default action ends the process. SIGPIPE and
/// SIGXFSZ are ignored: writing reports them; and so are SIGUSR1 and SIGUSR2, which mean
/// nothing here.
///
/// Where no thread can be had for it, it watches nothing: a signal ends the process at once.
///
/// Must exist before any other thread is started, since threads inherit the signals blocked here.
class SignalWatch {
 public:
  explicit SignalWatch(std::stop_source stop);
  ~SignalWatch();
  SignalWatch(const SignalWatch&) = delete;
  SignalWatch& operator=(const SignalWatch&) = delete;

  /// The signal that came; 0 for none.
  int caught() const;

  /// Lets `signal` do what it does to a process that does not handle it.
  [[noreturn]] static void die_by(int signal);

 private:
  void watch(std::stop_source& stop);

  struct State;
  std::unique_ptr<State> state_;
  std::jthread thread_;
};

}  // namespace source_sentry
