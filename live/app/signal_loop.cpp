#include "live/app/signal_loop.h"

#include <pthread.h>

#include <ctime>

namespace source_sentry {

SignalLoop::SignalLoop() {
  sigemptyset(&waited_);
  for (const int one : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&waited_, one);
  pthread_sigmask(SIG_BLOCK, &waited_, nullptr);
  // Writing reports them.
  for (const int one : {SIGPIPE, SIGXFSZ}) std::signal(one, SIG_IGN);
}

void SignalLoop::wait(const std::stop_token& stop, const std::function<void()>& reload) const {
  constexpr long kLook = 200'000'000;  // nanoseconds
  const timespec look{.tv_sec = 0, .tv_nsec = kLook};
  while (!stop.stop_requested()) {
    const int caught = sigtimedwait(&waited_, nullptr, &look);
    if (caught == SIGTERM || caught == SIGINT) return;
    if (caught == SIGHUP) reload();
  }
}

void SignalLoop::give_back() const { pthread_sigmask(SIG_UNBLOCK, &waited_, nullptr); }

}  // namespace source_sentry
