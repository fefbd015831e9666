#include "live/server/channel.h"

#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <utility>

namespace source_sentry {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

asio::mutable_buffer buffer_of(std::span<char> into) {
  return asio::buffer(into.data(), into.size());
}

class PlainChannel final : public Channel {
 public:
  explicit PlainChannel(tcp::socket socket) : socket_(std::move(socket)) {}

  void handshake(Done done) override { succeed(std::move(done)); }

  void read_some(std::span<char> into, Done done) override {
    socket_.async_read_some(buffer_of(into), std::move(done));
  }

  void write(const std::string& text, Done done) override {
    asio::async_write(socket_, asio::buffer(text), std::move(done));
  }

  void end_output(Done done) override {
    error_code ignored;
    socket_.shutdown(tcp::socket::shutdown_send, ignored);
    succeed(std::move(done));
  }

  void read_rest(std::span<char> into, Done done) override { read_some(into, std::move(done)); }

  tcp::socket& socket() override { return socket_; }

 private:
  void succeed(Done done) {
    asio::post(socket_.get_executor(), [done = std::move(done)] { done({}, 0); });
  }

  tcp::socket socket_;
};

class SecureChannel final : public Channel {
 public:
  SecureChannel(tcp::socket socket, const TlsContext::Shared& context)
      : stream_(std::move(socket), *context) {}

  void handshake(Done done) override {
    stream_.async_handshake(asio::ssl::stream_base::server,
                            [done = std::move(done)](error_code error) { done(error, 0); });
  }

  void read_some(std::span<char> into, Done done) override {
    stream_.async_read_some(buffer_of(into), std::move(done));
  }

  void write(const std::string& text, Done done) override {
    asio::async_write(stream_, asio::buffer(text), std::move(done));
  }

  void end_output(Done done) override {
    // Its end is the client's own farewell, or whatever it sends instead; either will do.
    stream_.async_shutdown([this, done = std::move(done)](error_code) {
      error_code ignored;
      socket().shutdown(tcp::socket::shutdown_send, ignored);
      done({}, 0);
    });
  }

  void read_rest(std::span<char> into, Done done) override {
    socket().async_read_some(buffer_of(into), std::move(done));
  }

  tcp::socket& socket() override { return stream_.next_layer(); }

 private:
  asio::ssl::stream<tcp::socket> stream_;
};

}  // namespace

std::unique_ptr<Channel> plain_channel(tcp::socket socket) {
  return std::make_unique<PlainChannel>(std::move(socket));
}

std::unique_ptr<Channel> tls_channel(tcp::socket socket, const TlsContext::Shared& context) {
  return std::make_unique<SecureChannel>(std::move(socket), context);
}

}  // namespace source_sentry
