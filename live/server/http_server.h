#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace source_sentry {

/// The first part of a request, before its body. Texts are as they came: nothing is decoded, and
/// `//` or `%2e` are not normalised.
struct RequestHead {
  std::string method;
  std::string path;   ///< up to the `?`
  std::string query;  ///< behind it; empty where there is none
  std::vector<std::pair<std::string, std::string>> headers;  ///< names in lower case
  std::string peer;                                          ///< the address that it came from

  /// The values of all headers of that name (in lower case).
  std::vector<std::string_view> values(std::string_view name) const;
};

struct HttpRequest : RequestHead {
  std::string body;
};

struct HttpAnswer {
  int status = 200;
  std::string body{};
  std::string content_type = "text/plain";
  std::vector<std::pair<std::string, std::string>> headers{};
};

/// What answers requests. Called from the server's threads, several at a time.
class RequestHandler {
 public:
  virtual ~RequestHandler() = default;

  /// How many bytes of body the request may have; or the answer that it gets without its body being
  /// read.
  struct Admission {
    std::size_t most_body = 0;
    std::optional<HttpAnswer> refusal{};
  };
  virtual Admission admit(const RequestHead& head) = 0;

  /// Must call `respond` once, now or later, from any thread. Must not block.
  /// Where it is called later than that, or when the client or the server is gone, nothing happens.
  using Respond = std::function<void(HttpAnswer)>;
  virtual void handle(HttpRequest request, Respond respond) = 0;

  /// The server itself has refused something from `peer`: it was no proper request (its answer's
  /// status), or too slow (408, which nobody is told).
  virtual void refused(const std::string& /*peer*/, int /*status*/) {}
};

/// What one client, or many, may use up. All times are total ones: a byte now and then wins none.
struct ServerLimits {
  std::chrono::milliseconds head_time{3'000};      ///< from the first byte of a request to its body
  std::chrono::milliseconds request_time{10'000};  ///< from its first byte to its last
  std::chrono::milliseconds answer_time{60'000};   ///< what a handler may take
  std::chrono::milliseconds write_time{5'000};     ///< an answer, until the client has taken it in
  std::chrono::milliseconds idle_time{5'000};      ///< a connection between two requests
  std::chrono::milliseconds linger_time{1'000};    ///< a client, to end after its last answer
  std::size_t head_bytes = std::size_t{16} << 10;
  std::size_t headers = 64;
  std::size_t body_bytes = std::size_t{256} << 20;  ///< of all bodies in memory; beyond it: 503
  /// Where there are so many, a new one takes the place of that which has been silent or unfinished
  /// for longest.
  std::size_t connections = 256;
  std::size_t connections_of_one = 32;  ///< by address; those of IPv6 count by their /64
  std::vector<std::string> proxies{};   ///< addresses that may have as many as there are
  std::size_t threads = 2;
};

struct ServerTls {
  std::string certificate_file;  ///< with its chain
  std::string key_file;
};

/// An HTTP/1.1 server for the open internet: total deadlines, strict requests, bounded memory.
class HttpServer {
 public:
  /// Listens at once on an address such as 127.0.0.1 or ::, which is all of IPv4 and IPv6; `port`
  /// 0: any free one. The handler outlives the server. Throws a ConnectorError where the address
  /// cannot be had, or the files of `tls` are not usable.
  HttpServer(const std::string& address, std::uint16_t port, const ServerLimits& limits,
             const std::optional<ServerTls>& tls, RequestHandler& handler);
  /// Ends at once.
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  std::uint16_t port() const;

  /// Reads the certificate files again; what they held before stays in use where they are not
  /// usable, and that is thrown as a ConnectorError.
  void reload_tls();

  /// Takes no more connections, lets requests under way end within `grace`, and then closes all.
  void stop(std::chrono::milliseconds grace);

  std::size_t connections() const;  ///< open ones

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace source_sentry
