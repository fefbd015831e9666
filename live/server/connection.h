#pragma once

#include <array>
#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "live/server/channel.h"
#include "live/server/http_server.h"
#include "live/server/request_body.h"
#include "live/server/request_head.h"

namespace source_sentry {

class Connection;

/// What connections share.
struct ConnectionHost {
  const ServerLimits limits;
  RequestHandler& handler;
  std::atomic<std::size_t> body_bytes = 0;  // of all bodies in memory
  std::function<void(Connection&)> ended;   // called once for each connection
};

/// One client: reads a request, has it answered, and reads the next. Everything happens on the
/// executor of its channel's socket, one thing at a time; the functions below may be called from
/// anywhere.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  /// `context` runs the channel, and lives as long as anyone may still answer a request. `host`
  /// lives until the connection has ended.
  Connection(std::shared_ptr<boost::asio::io_context> context, std::unique_ptr<Channel> channel,
             std::string peer, ConnectionHost& host);

  void start();
  /// Ends it after the request under way, if there is one.
  void wind_down();
  void close();

  /// The answer of the request with that number; too late for it is no harm.
  void bring(std::uint64_t request, HttpAnswer answer);

  /// Which of several goes first where one must: the lesser. Nothing where a request is being
  /// answered.
  using Turn = std::pair<bool, std::chrono::steady_clock::time_point>;
  std::optional<Turn> turn_to_go() const;
  const std::string& peer() const { return peer_; }

 private:
  using Time = std::chrono::steady_clock::time_point;
  enum class Phase { kIdle, kGreeting, kHead, kBody, kHandling, kWriting, kLingering, kClosed };

  using Step = void (Connection::*)(std::size_t);

  void post(Step step);
  Channel::Done then(Step step);
  void run(Step step, std::size_t size);
  void enter(Phase phase, Time deadline);
  void on_deadline();

  // Steps of a request, in their order. What they are told is how many bytes were read or written.
  void greet(std::size_t);
  void next_request(std::size_t);
  void read();
  void on_read(std::size_t size);
  void begin_head();
  void look_for_head();
  void on_head(const std::string& raw);
  void take_body(std::size_t);
  bool within_budget();
  void handle();
  void on_answer(std::uint64_t request, const HttpAnswer& answer);
  void write(const HttpAnswer& answer);
  void on_written(std::size_t);
  void linger(std::size_t);

  void refuse(int status);
  void do_wind_down(std::size_t);
  void do_close(std::size_t);
  void release_body();

  // The first of all: what follows needs it for its own end.
  const std::shared_ptr<boost::asio::io_context> context_;
  const std::unique_ptr<Channel> channel_;
  const std::string peer_;
  ConnectionHost& host_;
  boost::asio::steady_timer timer_;

  std::atomic<Phase> phase_ = Phase::kGreeting;
  std::atomic<Time> since_;  // when the request began, or the silence before it
  std::array<char, std::size_t{16} << 10> piece_{};
  std::string input_;           // what was read and not yet used
  std::size_t scanned_ = 0;     // of these, while looking for a head
  std::uint64_t request_ = 0;   // counts them, so that a late answer finds only its own
  std::uint64_t deadline_ = 0;  // counts them, so that an old timer does nothing
  std::size_t held_ = 0;        // its part of the host's body_bytes
  CheckedHead head_{};
  bool head_only_ = false;  // the request is a HEAD
  std::unique_ptr<RequestBody> body_;
  std::string output_;
  bool last_ = false;  // no request follows the one under way
};

}  // namespace source_sentry
