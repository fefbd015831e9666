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
  using Respond = std::function<void(HttpAnswer)>;
  virtual void handle(HttpRequest request, Respond respond) = 0;
};

/// What one client, or many, may use up.
struct ServerLimits {
  std::chrono::milliseconds head_time{3'000};      ///< from the first byte of a request to its body
  std::chrono::milliseconds request_time{10'000};  ///< from its first byte to its last
  std::chrono::milliseconds idle_time{5'000};      ///< a connection between two requests
  std::size_t head_bytes = std::size_t{16} << 10;
  std::size_t headers = 64;
  std::size_t connections = 256;
  std::size_t connections_of_one = 32;  ///< by address
  std::size_t threads = 2;
};

struct ServerTls {
  std::string certificate_file;  ///< with its chain
  std::string key_file;
};

/// An HTTP/1.1 server for the open internet: total deadlines, strict requests, bounded memory.
class HttpServer {
 public:
  /// Listens at once; `port` 0: any free one. Both outlive the server. Throws a ConnectorError where
  /// the address cannot be had, or the files of `tls` are not usable.
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
