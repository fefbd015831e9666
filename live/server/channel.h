#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/system/error_code.hpp>
#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string>

#include "live/server/tls_context.h"

namespace source_sentry {

/// Bytes from and to one client, in the clear or through TLS. All is done on the executor of its
/// socket, where each `Done` is called; one reading and one writing at a time.
class Channel {
 public:
  using Done = std::function<void(boost::system::error_code, std::size_t)>;

  virtual ~Channel() = default;

  virtual void handshake(Done done) = 0;
  /// Reads what there is, at least one byte.
  virtual void read_some(std::span<char> into, Done done) = 0;
  /// Writes all of the text, which stays where it is until then.
  virtual void write(const std::string& text, Done done) = 0;
  /// Tells the client that nothing more comes.
  virtual void end_output(Done done) = 0;
  /// What the client still sends, past TLS: to be thrown away.
  virtual void read_rest(std::span<char> into, Done done) = 0;

  virtual boost::asio::ip::tcp::socket& socket() = 0;
};

std::unique_ptr<Channel> plain_channel(boost::asio::ip::tcp::socket socket);
std::unique_ptr<Channel> tls_channel(boost::asio::ip::tcp::socket socket,
                                     const TlsContext::Shared& context);

}  // namespace source_sentry
