#pragma once

#include <csignal>
#include <functional>
#include <stop_token>

namespace source_sentry {

/// Keeps the signals that a service is told by from ending the process. Must exist before any other
/// thread is started, since threads inherit what is blocked here.
class SignalLoop {
 public:
  SignalLoop();

  /// Waits for SIGTERM, SIGINT, or a stop for another reason, and calls `reload` for each SIGHUP.
  void wait(const std::stop_token& stop, const std::function<void()>& reload) const;

  /// From now on a further SIGTERM or SIGINT ends the process at once.
  void give_back() const;

 private:
  sigset_t waited_{};
};

}  // namespace source_sentry
