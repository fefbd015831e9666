#pragma once

#include <memory>

#include "protocol/emitter.h"

namespace source_sentry {

/// Sends everything that is logged through spdlog to `emitter` as LOG messages, for as long as it
/// lives. The default logger is this program's only global.
class LogToEmitter {
 public:
  LogToEmitter(Emitter& emitter, bool debug);
  ~LogToEmitter();
  LogToEmitter(const LogToEmitter&) = delete;
  LogToEmitter& operator=(const LogToEmitter&) = delete;

 private:
  class Sink;
  std::shared_ptr<Sink> sink_;
};

}  // namespace source_sentry
