#pragma once

#include <deque>
#include <mutex>
#include <string>
#include <string_view>

#include "sandbox/world/model.h"

namespace sandbox {

/// What is remembered of one request. Never a token.
struct LoggedRequest {
  std::string method;
  std::string target;  ///< path and query as they were sent
  int status = 0;      ///< 0 when the connection was closed instead of an answer
  std::string_view token_kind;
  Instant at;
  std::string accept_encoding;
  std::string user_agent;
};

/// The requests since the start or since it was emptied, control routes left out. Safe from
/// several threads.
class RequestLog {
 public:
  void add(LoggedRequest request);
  void clear();

  /// A JSON array, oldest first.
  std::string json() const;

 private:
  mutable std::mutex mutex_;
  std::deque<LoggedRequest> requests_;
};

}  // namespace sandbox
