#include "live/server/listening_socket.h"

#include <boost/asio/ip/v6_only.hpp>

#include "base/error.h"

namespace source_sentry {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

}  // namespace

tcp::acceptor listen_on(const std::string& address, std::uint16_t port,
                        const asio::any_io_executor& executor) {
  error_code error;
  const asio::ip::address parsed = asio::ip::make_address(address, error);
  if (error) {
    throw ConnectorError(FailureKind::kConfig,
                         "\"" + address + "\" is no address to listen on. Give an IP address of " +
                             "this machine, such as 127.0.0.1, or 0.0.0.0 or :: for all of them.");
  }
  const tcp::endpoint endpoint(parsed, port);
  tcp::acceptor acceptor(executor);
  acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error && parsed.is_v6()) acceptor.set_option(asio::ip::v6_only(false), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(tcp::acceptor::max_listen_connections, error);
  if (error) {
    throw ConnectorError(FailureKind::kConfig,
                         "Listening on " + address + ", port " + std::to_string(port) +
                             ", failed: " + error.message() +
                             ". Give an address of this machine and a port that is free.");
  }
  return acceptor;
}

std::string peer_of(const tcp::socket& socket) {
  error_code error;
  const asio::ip::address address = socket.remote_endpoint(error).address();
  if (error) return {};
  if (address.is_v6() && address.to_v6().is_v4_mapped()) {
    return asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6()).to_string();
  }
  return address.to_string();
}

}  // namespace source_sentry
