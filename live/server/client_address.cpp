#include "live/server/client_address.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>

namespace source_sentry {
namespace {

constexpr std::size_t kHalf = 8;           // bytes of an IPv6 address that name the network
constexpr std::size_t kBeforeMapped = 12;  // bytes before an IPv4 address that is mapped into IPv6

bool is_mapped(const in6_addr& address) { return IN6_IS_ADDR_V4MAPPED(&address) != 0; }

}  // namespace

std::string client_key(const std::string& address) {
  in6_addr six{};
  // A scope (`%eth0`) is of this machine, not of the client.
  const std::string plain = address.substr(0, address.find('%'));
  if (inet_pton(AF_INET6, plain.c_str(), &six) != 1) return address;
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (is_mapped(six)) {
    inet_ntop(AF_INET, &six.s6_addr[kBeforeMapped], text.data(), text.size());
    return text.data();
  }
  std::fill(std::begin(six.s6_addr) + kHalf, std::end(six.s6_addr), std::uint8_t{0});
  inet_ntop(AF_INET6, &six, text.data(), text.size());
  return std::string(text.data()) + "/64";
}

bool ClientCounts::add(const std::string& key, std::size_t most) {
  const std::scoped_lock lock(mutex_);
  const auto found = counts_.find(key);
  if (found == counts_.end()) {
    if (most > 0) counts_.emplace(key, 1);
    return most > 0;
  }
  if (found->second >= most) return false;
  ++found->second;
  return true;
}

void ClientCounts::remove(const std::string& key) {
  const std::scoped_lock lock(mutex_);
  const auto found = counts_.find(key);
  if (found != counts_.end() && --found->second == 0) counts_.erase(found);
}

}  // namespace source_sentry
