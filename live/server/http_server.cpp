#include "live/server/http_server.h"

#include <algorithm>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <future>
#include <thread>

#include "live/server/channel.h"
#include "live/server/connection.h"
#include "live/server/connection_table.h"
#include "live/server/listening_socket.h"
#include "live/server/tls_context.h"

namespace source_sentry {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

/// Before the next try, where no connection could be taken: for lack of descriptors, mostly.
constexpr milliseconds kPause{50};

/// Nothing leaves a thread: what one client led to must not end the others.
void run(asio::io_context& context) {
  while (true) {
    try {
      context.run();
      return;
    } catch (...) {
    }
  }
}

}  // namespace

class HttpServer::Impl {
 public:
  Impl(const std::string& address, std::uint16_t port, const ServerLimits& limits,
       const std::optional<ServerTls>& tls, RequestHandler& handler)
      : tls_(tls ? std::make_unique<TlsContext>(*tls) : nullptr),
        context_(std::make_shared<asio::io_context>(static_cast<int>(limits.threads))),
        work_(context_->get_executor()),
        host_{.limits = limits,
              .handler = handler,
              .ended = [this](Connection& ended) { connections_.remove(ended); }},
        connections_(host_.limits),
        acceptor_(listen_on(address, port, asio::make_strand(*context_))),
        pause_(acceptor_.get_executor()),
        port_(acceptor_.local_endpoint().port()) {
    accept();
    for (std::size_t i = 0; i < std::max<std::size_t>(limits.threads, 1); ++i) {
      threads_.emplace_back([this] { run(*context_); });
    }
  }

  ~Impl() {
    stop(milliseconds(0));
    work_.reset();
    threads_.clear();
  }

  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  std::uint16_t port() const { return port_; }
  std::size_t connections() const { return connections_.size(); }

  void reload_tls() {
    if (tls_) tls_->reload();
  }

  void stop(milliseconds grace) {
    std::promise<void> closed;
    asio::post(acceptor_.get_executor(), [this, &closed] {
      error_code ignored;
      acceptor_.close(ignored);
      pause_.cancel();
      closed.set_value();
    });
    closed.get_future().wait();
    for (const auto& connection : connections_.all()) connection->wind_down();
    if (connections_.wait_until_empty(steady_clock::now() + grace)) return;
    for (const auto& connection : connections_.all()) connection->close();
    connections_.wait_until_empty(steady_clock::time_point::max());
  }

 private:
  void accept() {
    acceptor_.async_accept(
        asio::make_strand(*context_),
        [this](error_code error, tcp::socket socket) { on_accept(error, std::move(socket)); });
  }

  void on_accept(const error_code& error, tcp::socket socket) {
    if (!acceptor_.is_open()) return;
    if (error) {
      pause_.expires_after(kPause);
      pause_.async_wait([this](error_code stopped) {
        if (!stopped && acceptor_.is_open()) accept();
      });
      return;
    }
    const std::string peer = peer_of(socket);
    if (!peer.empty() && connections_.admit(peer)) {
      try {
        take(std::move(socket), peer);
      } catch (...) {  // no memory: this client is lost
        connections_.give_back(peer);
      }
    }
    accept();
  }

  void take(tcp::socket socket, const std::string& peer) {
    error_code ignored;
    socket.set_option(tcp::no_delay(true), ignored);
    std::unique_ptr<Channel> channel =
        tls_ ? tls_channel(std::move(socket), tls_->current()) : plain_channel(std::move(socket));
    const auto connection = std::make_shared<Connection>(context_, std::move(channel), peer, host_);
    connections_.add(connection);
    connection->start();
  }

  const std::unique_ptr<TlsContext> tls_;
  // Shared with whoever may still answer a request when the server is gone.
  const std::shared_ptr<asio::io_context> context_;
  asio::executor_work_guard<asio::io_context::executor_type> work_;
  ConnectionHost host_;
  ConnectionTable connections_;
  tcp::acceptor acceptor_;
  asio::steady_timer pause_;
  const std::uint16_t port_;
  std::vector<std::jthread> threads_;
};

HttpServer::HttpServer(const std::string& address, std::uint16_t port, const ServerLimits& limits,
                       const std::optional<ServerTls>& tls, RequestHandler& handler)
    : impl_(std::make_unique<Impl>(address, port, limits, tls, handler)) {}

HttpServer::~HttpServer() = default;

std::uint16_t HttpServer::port() const { return impl_->port(); }
void HttpServer::reload_tls() { impl_->reload_tls(); }
void HttpServer::stop(std::chrono::milliseconds grace) { impl_->stop(grace); }
std::size_t HttpServer::connections() const { return impl_->connections(); }

}  // namespace source_sentry
