#pragma once

#include <memory>
#include <stop_token>
#include <string>

#include "sandbox/options.h"
#include "sandbox/server/dispatcher.h"

namespace httplib {
class Server;
}

namespace sandbox {

/// The HTTP front: hands requests to the dispatcher and its answers to the wire. The only part that
/// knows cpp-httplib.
class Server {
 public:
  explicit Server(const Options& options);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// Takes the port. The port taken, or nothing when that failed.
  std::optional<int> bind();

  /// Serves until `stop`. All handlers have returned when it does.
  void run(Dispatcher& dispatcher);

  /// From any thread: ends `run`, waking whatever waits.
  void stop();

 private:
  const Options& options_;
  std::unique_ptr<httplib::Server> http_;
  int listener_ = -1;  // its socket, once there is one
  std::stop_source stopping_;
};

}  // namespace sandbox
