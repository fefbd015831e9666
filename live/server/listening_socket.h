#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <cstdint>
#include <string>

namespace source_sentry {

/// A socket that listens, see HttpServer's constructor.
boost::asio::ip::tcp::acceptor listen_on(const std::string& address, std::uint16_t port,
                                         const boost::asio::any_io_executor& executor);

/// The address at the other end, that of IPv4 also where it came mapped into IPv6; empty where the
/// other end is gone.
std::string peer_of(const boost::asio::ip::tcp::socket& socket);

}  // namespace source_sentry
