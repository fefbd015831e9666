#pragma once

#include <string>
#include <string_view>

#include "sandbox/api/answer.h"
#include "sandbox/server/clock.h"
#include "sandbox/server/faults.h"
#include "sandbox/server/live_world.h"
#include "sandbox/server/request_log.h"

namespace sandbox {

/// The routes that tests steer the sandbox with, below /_sandbox/.
class Control {
 public:
  /// Keeps references to what it steers; `options` is the JSON that `GET options` answers.
  Control(LiveWorld& world, SandboxClock& clock, FaultBook& faults, RequestLog& log,
          std::string options)
      : world_(world), clock_(clock), faults_(faults), log_(log), options_(std::move(options)) {}

  /// `path` is what follows /_sandbox/.
  Answer answer(std::string_view method, std::string_view path, std::string_view query,
                std::string_view body);

 private:
  Answer answer_or_throw(std::string_view method, std::string_view path, std::string_view query,
                         std::string_view body);
  Answer set_clock(std::string_view body);

  LiveWorld& world_;
  SandboxClock& clock_;
  FaultBook& faults_;
  RequestLog& log_;
  std::string options_;
};

}  // namespace sandbox
