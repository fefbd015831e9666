#include "sandbox/server/server.h"

#include <httplib.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <thread>

#include "sandbox/server/connections.h"

namespace sandbox {
namespace {

/// A dripped answer goes out in pieces of this size.
constexpr std::size_t kDrop = 1024;
constexpr std::time_t kIdleSeconds = 60;
/// So many connections may wait to be accepted, as with the servers in front of a Sentry. httplib's
/// five are overrun by a single check, which then waits a second for TCP to try again.
constexpr int kBacklog = 512;
/// A reader under back-pressure may pause for long; it must not look broken.
constexpr std::time_t kWriteSeconds = 600;

Incoming read_request(const httplib::Request& request) {
  Incoming in;
  in.method = request.method;
  in.target = request.target;
  in.body = request.body;
  in.authorization = request.get_header_value("Authorization");
  in.accept_encoding = request.get_header_value("Accept-Encoding");
  in.user_agent = request.get_header_value("User-Agent");
  in.remote_addr = request.remote_addr;
  return in;
}

/// Writes a body as far as it is meant to go. Returning false makes httplib close the connection.
bool write_body(const Outgoing& out, std::size_t offset, httplib::DataSink& sink,
                const std::stop_token& stop) {
  const std::size_t left = out.sent > offset ? out.sent - offset : 0;
  const std::size_t piece = out.drip_ms > 0 ? std::min(left, kDrop) : left;
  if (piece > 0 && !sink.write(out.body.data() + offset, piece)) return false;
  if (out.drip_ms > 0) sleep_for(std::chrono::milliseconds(out.drip_ms), stop);
  const bool cut_short = offset + piece >= out.sent && out.sent < out.body.size();
  return !cut_short && !stop.stop_requested();
}

/// Writes a body in two chunks, with the answer's sum behind them as a trailer field.
bool write_chunks(const Outgoing& out, httplib::DataSink& sink) {
  std::string text;
  for (const std::string_view piece : {std::string_view(out.body).substr(0, out.body.size() / 2),
                                       std::string_view(out.body).substr(out.body.size() / 2)}) {
    if (piece.empty()) continue;
    std::array<char, 20> size{};
    const auto end = std::to_chars(size.begin(), size.end(), piece.size(), 16).ptr;
    text.append(size.begin(), end).append("\r\n").append(piece).append("\r\n");
  }
  text += "0\r\nX-Checksum: 17\r\nLink: </elsewhere>; rel=\"next\"\r\n\r\n";
  if (!sink.write(text.data(), text.size())) return false;
  sink.done();
  return true;
}

void write_answer(const httplib::Request& request, httplib::Response& response, Outgoing answer,
                  const std::stop_token& stop) {
  if (answer.close_before) cut_connection(request.remote_addr, request.remote_port);
  response.status = answer.status;
  for (const auto& [name, value] : answer.headers) {
    // httplib sets the type it is given with the body.
    if (name == "Content-Type") {
      answer.content_type = value;
    } else {
      response.headers.emplace(name, value);
    }
  }
  if (answer.body.empty()) {
    response.set_header("Content-Type", answer.content_type);
    return;
  }
  if (answer.trailer) {
    const auto whole = std::make_shared<const Outgoing>(std::move(answer));
    response.headers.emplace("Transfer-Encoding", "chunked");
    response.headers.emplace("Trailer", "X-Checksum, Link");
    // Without a length httplib adds no framing of its own, whose chunks know no trailer.
    response.set_content_provider(
        whole->content_type.c_str(),
        [whole](std::size_t, httplib::DataSink& sink) { return write_chunks(*whole, sink); });
    return;
  }
  // A provider, since set_content would let httplib compress once more; it also shows when the
  // answer is through, which is when the lease of the rate limiter ends.
  const auto shared = std::make_shared<const Outgoing>(std::move(answer));
  response.set_content_provider(
      shared->body.size(), shared->content_type.c_str(),
      [shared, stop](std::size_t offset, std::size_t, httplib::DataSink& sink) {
        return write_body(*shared, offset, sink, stop);
      });
}

}  // namespace

Server::Server(const Options& options) : options_(options) {
  if (options.tls()) {
    http_ = std::make_unique<httplib::SSLServer>(options.tls_cert.c_str(), options.tls_key.c_str());
  } else {
    http_ = std::make_unique<httplib::Server>();
  }
  http_->set_tcp_nodelay(true);
  // httplib would share the port (SO_REUSEPORT): a forgotten sandbox would answer half the
  // requests.
  http_->set_socket_options([this](socket_t socket) {
    listener_ = socket;
    const int yes = 1;
    setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
  });
  // httplib's default of five requests per connection is like no server a client will meet.
  http_->set_keep_alive_max_count(1'000'000'000);
  http_->set_keep_alive_timeout(kIdleSeconds);
  http_->set_write_timeout(kWriteSeconds);
  http_->new_task_queue = [threads = static_cast<std::size_t>(options.threads)] {
    // NOLINTNEXTLINE(cppcoreguidelines-owning-memory): httplib takes ownership of a raw pointer.
    return new httplib::ThreadPool(threads);
  };
}

Server::~Server() = default;

std::optional<int> Server::bind() {
  if (!http_->is_valid()) return std::nullopt;
  int port = options_.port;
  if (port == 0) {
    port = http_->bind_to_any_port(options_.host);
    if (port <= 0) return std::nullopt;
  } else if (!http_->bind_to_port(options_.host, port)) {
    return std::nullopt;
  }
  if (listen(listener_, kBacklog) != 0) return std::nullopt;
  return port;
}

void Server::run(Dispatcher& dispatcher) {
  const std::stop_token stop = stopping_.get_token();
  const auto handler = [&dispatcher, stop](const httplib::Request& request,
                                           httplib::Response& response) {
    write_answer(request, response, dispatcher.dispatch(read_request(request), stop), stop);
  };
  const std::string any = R"((?:.|\n)*)";
  http_->Get(any, handler);
  http_->Post(any, handler);
  http_->Put(any, handler);
  http_->Patch(any, handler);
  http_->Delete(any, handler);
  http_->Options(any, handler);
  // Ending takes the listener first; then idle connections are cut until their threads are gone.
  std::jthread cutter([stop](const std::stop_token& done) {
    while (!done.stop_requested()) {
      if (stop.stop_requested()) cut_all_connections();
      sleep_for(std::chrono::milliseconds(20), done);
    }
  });
  http_->listen_after_bind();
}

void Server::stop() {
  stopping_.request_stop();
  http_->stop();
}

}  // namespace sandbox
