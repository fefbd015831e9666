#include "sandbox/server/connections.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <charconv>
#include <filesystem>
#include <functional>

namespace sandbox {
namespace {

struct Peer {
  std::string address;
  int port = 0;
};

/// Calls `visit(descriptor, peer)` for every connected TCP socket of this process.
void visit_connections(const std::function<void(int, const Peer&)>& visit) {
  std::error_code failed;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd", failed)) {
    const std::string name = entry.path().filename();
    int descriptor = -1;
    std::from_chars(name.data(), name.data() + name.size(), descriptor);
    sockaddr_storage storage{};
    socklen_t length = sizeof(storage);
    auto* address = reinterpret_cast<sockaddr*>(&storage);
    if (descriptor < 0 || getpeername(descriptor, address, &length) != 0) continue;
    std::array<char, INET6_ADDRSTRLEN> text{};
    if (storage.ss_family == AF_INET) {
      const auto* v4 = reinterpret_cast<const sockaddr_in*>(&storage);
      inet_ntop(AF_INET, &v4->sin_addr, text.data(), text.size());
      visit(descriptor, {text.data(), ntohs(v4->sin_port)});
    } else if (storage.ss_family == AF_INET6) {
      const auto* v6 = reinterpret_cast<const sockaddr_in6*>(&storage);
      inet_ntop(AF_INET6, &v6->sin6_addr, text.data(), text.size());
      visit(descriptor, {text.data(), ntohs(v6->sin6_port)});
    }
  }
}

}  // namespace

void cut_connection(const std::string& address, int port) {
  visit_connections([&](int descriptor, const Peer& peer) {
    if (peer.port == port && peer.address == address) shutdown(descriptor, SHUT_RDWR);
  });
}

void cut_all_connections() {
  visit_connections([](int descriptor, const Peer&) { shutdown(descriptor, SHUT_RDWR); });
}

}  // namespace sandbox
