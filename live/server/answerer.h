#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <utility>

#include "live/server/connection.h"

namespace source_sentry {

/// Brings the answer of one request to its connection, if that is still there, from any thread;
/// "the server has failed" where everyone has let go of it without one.
class Answerer {
 public:
  Answerer(std::weak_ptr<Connection> connection, std::uint64_t request)
      : connection_(std::move(connection)), request_(request) {}
  ~Answerer();
  Answerer(const Answerer&) = delete;
  Answerer& operator=(const Answerer&) = delete;

  /// The first one counts.
  void answer(HttpAnswer answer);

 private:
  const std::weak_ptr<Connection> connection_;
  const std::uint64_t request_;
  std::atomic<bool> used_ = false;
};

}  // namespace source_sentry
