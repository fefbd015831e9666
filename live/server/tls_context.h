#pragma once

#include <boost/asio/ssl/context.hpp>
#include <memory>
#include <mutex>

#include "live/server/http_server.h"

namespace source_sentry {

/// The certificate that clients are shown, and its key. Thread-safe.
class TlsContext {
 public:
  using Shared = std::shared_ptr<boost::asio::ssl::context>;

  /// Throws a ConnectorError where the files are not usable.
  explicit TlsContext(ServerTls files);

  /// Reads the files again, see HttpServer::reload_tls.
  void reload();

  /// What a new connection uses. Those that are open keep what they began with.
  Shared current() const;

 private:
  const ServerTls files_;
  mutable std::mutex mutex_;
  Shared context_;
};

}  // namespace source_sentry
