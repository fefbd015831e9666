#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/time.h"
#include "http/http.h"
#include "http/proxy.h"

namespace source_sentry {

/// What every connection to one server has in common.
struct ConnectionOptions {
  std::string base;              ///< "https://sentry.io/api/0/"; targets are put behind it
  std::string control_base{};    ///< the same for requests that are marked so; may be equal
  std::string token;             ///< goes into the Authorization header, and nowhere else
  std::string user_agent;        ///< "source-sentry/0.1.0"
  std::string ca_file;           ///< trusted certificates in PEM; empty: the system's
  std::string ca_certificates;   ///< the same as text; goes before `ca_file`
  std::optional<Proxy> proxy;    ///< none: connects directly, whatever the environment says
  Duration connect_timeout{};    ///< for name lookup, TCP and TLS together
  Duration idle_timeout{};       ///< how long an answer may stall before it is given up
  std::size_t largest_body = 0;  ///< in bytes after decompression
};

/// Makes clients of one server; they share name lookups and TLS sessions, not connections, which
/// libcurl cannot share between threads. Outlives its clients. Safe to use from several threads.
class CurlClientFactory {
 public:
  explicit CurlClientFactory(ConnectionOptions options);
  ~CurlClientFactory();
  CurlClientFactory(const CurlClientFactory&) = delete;
  CurlClientFactory& operator=(const CurlClientFactory&) = delete;

  std::unique_ptr<HttpClient> make();

 private:
  class Shared;
  std::shared_ptr<Shared> shared_;
};

}  // namespace source_sentry
