#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "sandbox/api/route.h"
#include "sandbox/server/clock.h"
#include "sandbox/server/control.h"
#include "sandbox/server/faults.h"
#include "sandbox/server/limits.h"
#include "sandbox/server/live_world.h"
#include "sandbox/server/request_log.h"
#include "sandbox/server/wire.h"

namespace sandbox {

/// What the dispatcher looks at of an HTTP request.
struct Incoming {
  std::string method;
  std::string target;
  std::string body;
  std::string authorization;
  std::string accept_encoding;
  std::string user_agent;
  std::string remote_addr;
};

/// How the server as a whole behaves.
struct Behaviour {
  Settings settings;
  std::string prefix;  ///< public path in front of everything, without a slash at the end
  int latency_ms = 0;
  bool gzip = true;
};

/// Turns requests into answers: control routes, then for the API authentication, limits, scopes,
/// look-ups, the route's handler, and finally whatever fault is due. Safe from several threads.
class Dispatcher {
 public:
  Dispatcher(Behaviour behaviour, LiveWorld& world, SandboxClock& clock, RateLimiter& limiter,
             FaultBook& faults, RequestLog& log, Control& control)
      : behaviour_(std::move(behaviour)),
        world_(world),
        clock_(clock),
        limiter_(limiter),
        faults_(faults),
        log_(log),
        control_(control) {}

  Outgoing dispatch(const Incoming& in, const std::stop_token& stop);

 private:
  struct Request;  // one API request, taken apart

  Outgoing dispatch_api(const Incoming& in, std::string_view path, std::string_view query,
                        const std::stop_token& stop);
  Answer real_answer(Request& request);
  Answer routed_answer(Request& request);
  Answer faulty_answer(const Fault& fault, const Request& request) const;
  void falsify(const Fault& fault, Answer& answer, const Request& request);
  void add_link(Answer& answer, const Request& request) const;
  Outgoing finish(Answer answer, const Incoming& in, const std::optional<Fault>& fault) const;

  Behaviour behaviour_;
  LiveWorld& world_;
  SandboxClock& clock_;
  RateLimiter& limiter_;
  FaultBook& faults_;
  RequestLog& log_;
  Control& control_;
  std::mutex last_mutex_;
  std::map<const RouteSpec*, std::string> last_;  ///< documents that a fault has kept back
};

}  // namespace sandbox
