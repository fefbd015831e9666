#include "live/server/tls_context.h"

#include <openssl/ssl.h>

#include <string>
#include <utility>

#include "base/error.h"

namespace source_sentry {
namespace {

namespace ssl = boost::asio::ssl;
using boost::system::error_code;

void require_usable(const error_code& error, const std::string& what, const std::string& advice) {
  if (!error) return;
  throw ConnectorError(FailureKind::kConfig, what + " cannot be used. " + advice, error.message());
}

TlsContext::Shared load(const ServerTls& files) {
  auto context = std::make_shared<ssl::context>(ssl::context::tls_server);
  error_code error;
  // Without this OpenSSL would ask for a passphrase on the terminal.
  context->set_password_callback(
      [](std::size_t, ssl::context::password_purpose) { return std::string(); }, error);
  context->use_certificate_chain_file(files.certificate_file, error);
  require_usable(error, "The TLS certificate " + files.certificate_file,
                 "Give a PEM file with the certificate and those of its chain.");
  context->use_private_key_file(files.key_file, ssl::context::pem, error);
  require_usable(error, "The TLS key " + files.key_file,
                 "Give a PEM file with the key of the certificate, without a passphrase.");
  SSL_CTX* const native = context->native_handle();
  SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION);
  SSL_CTX_set_options(native, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
  SSL_CTX_set_mode(native, SSL_MODE_RELEASE_BUFFERS);
  return context;
}

}  // namespace

TlsContext::TlsContext(ServerTls files) : files_(std::move(files)), context_(load(files_)) {}

void TlsContext::reload() {
  Shared fresh = load(files_);
  const std::scoped_lock lock(mutex_);
  context_ = std::move(fresh);
}

TlsContext::Shared TlsContext::current() const {
  const std::scoped_lock lock(mutex_);
  return context_;
}

}  // namespace source_sentry
