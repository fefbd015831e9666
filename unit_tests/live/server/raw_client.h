#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

#include "base/descriptor.h"

namespace source_sentry {

/// A client that sends whatever bytes it likes. It gives up after a time that no test should need.
class RawClient {
 public:
  /// `from`: its own address, of which a machine has many (127.0.0.0/8).
  explicit RawClient(std::uint16_t port, const std::string& from = "127.0.0.1",
                     const std::string& to = "127.0.0.1")
      : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const sockaddr_in own = address(from, 0);
    const sockaddr_in other = address(to, port);
    if (bind(socket_.get(), reinterpret_cast<const sockaddr*>(&own), sizeof own) != 0 ||
        connect(socket_.get(), reinterpret_cast<const sockaddr*>(&other), sizeof other) != 0) {
      throw std::runtime_error("no connection");
    }
  }

  /// False where the other end is gone.
  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t n = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (n <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(n));
    }
    return true;
  }

  void end_output() { shutdown(socket_.get(), SHUT_WR); }
  int fd() const { return socket_.get(); }

  /// The next answer with its head; what there is of it where the connection ends before.
  std::string answer() {
    while (true) {
      const std::size_t head = received_.find("\r\n\r\n");
      if (head != received_.npos) {
        const std::size_t whole = head + 4 + length_of(received_.substr(0, head));
        if (received_.size() >= whole) {
          std::string answer = received_.substr(0, whole);
          received_.erase(0, whole);
          return answer;
        }
      }
      if (!receive()) return std::exchange(received_, {});
    }
  }

  /// Its status; 0 where there was none.
  int status() {
    const std::string text = answer();
    return text.starts_with("HTTP/1.1 ") ? std::stoi(text.substr(9, 3)) : 0;
  }

  /// Waits until the server ends the connection, and returns what came before.
  std::string rest() {
    while (receive()) {
    }
    return std::exchange(received_, {});
  }

 private:
  static sockaddr_in address(const std::string& text, std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    inet_pton(AF_INET, text.c_str(), &address.sin_addr);
    return address;
  }

  static std::size_t length_of(const std::string& head) {
    constexpr std::string_view kName = "Content-Length: ";
    const std::size_t at = head.find(kName);
    return at == head.npos ? 0 : std::stoul(head.substr(at + kName.size()));
  }

  bool receive() {
    pollfd wanted{.fd = socket_.get(), .events = POLLIN, .revents = 0};
    constexpr int kTooLong = 60'000;
    if (poll(&wanted, 1, kTooLong) <= 0) throw std::runtime_error("the server is silent");
    std::array<char, 4096> piece{};
    const ssize_t n = recv(socket_.get(), piece.data(), piece.size(), 0);
    if (n <= 0) return false;
    received_.append(piece.data(), static_cast<std::size_t>(n));
    return true;
  }

  Descriptor socket_;
  std::string received_;
};

}  // namespace source_sentry
