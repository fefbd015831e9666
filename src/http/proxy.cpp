#include "http/proxy.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <initializer_list>

#include "base/text.h"

namespace source_sentry {
namespace {

using Address = std::array<unsigned char, sizeof(in6_addr)>;

std::optional<Address> parse_address(int family, const std::string& text) {
  Address address{};
  if (inet_pton(family, text.c_str(), address.data()) != 1) return std::nullopt;
  return address;
}

/// Whether `host` is the address, or lies in the network, that `entry` names.
bool in_network(int family, std::string_view entry, std::string_view host) {
  const std::size_t slash = entry.find('/');
  const auto network = parse_address(family, std::string(entry.substr(0, slash)));
  const auto address = parse_address(family, std::string(host));
  if (!network || !address) return false;
  std::size_t bits = family == AF_INET ? 32 : 128;
  if (slash != std::string_view::npos) {
    const std::string_view written = entry.substr(slash + 1);
    const char* end = written.data() + written.size();
    std::size_t wanted = 0;
    const auto parsed = std::from_chars(written.data(), end, wanted);
    if (parsed.ec != std::errc() || parsed.ptr != end || wanted > bits) return false;
    bits = wanted;
  }
  for (std::size_t bit = 0; bit < bits; ++bit) {
    const unsigned differing = (*network)[bit / 8] ^ (*address)[bit / 8];
    if ((differing >> (7 - bit % 8) & 1U) != 0) return false;
  }
  return true;
}

std::string_view without_brackets(std::string_view host) {
  if (!host.starts_with('[') || !host.ends_with(']')) return host;
  return host.substr(1, host.size() - 2);
}

bool names(std::string_view entry, std::string_view host) {
  if (entry == "*") return true;
  entry = without_brackets(entry);
  if (in_network(AF_INET, entry, host) || in_network(AF_INET6, entry, host)) return true;
  if (entry.starts_with('.')) entry.remove_prefix(1);
  if (entry.ends_with('.')) entry.remove_suffix(1);
  if (entry.empty() || !host.ends_with(entry)) return false;
  const std::string_view before = host.substr(0, host.size() - entry.size());
  return before.empty() || before.ends_with('.');
}

}  // namespace

std::optional<Proxy> parse_proxy(std::string_view url) {
  constexpr std::array<std::string_view, 6> kSchemes = {"http",    "https",  "socks4",
                                                        "socks4a", "socks5", "socks5h"};
  Proxy proxy{std::string(trim(url)), "http", {}};
  std::string_view rest = proxy.url;
  if (const std::size_t mark = rest.find("://"); mark != std::string_view::npos) {
    proxy.scheme = lower(rest.substr(0, mark));
    rest.remove_prefix(mark + 3);
  }
  if (std::find(kSchemes.begin(), kSchemes.end(), proxy.scheme) == kSchemes.end()) {
    return std::nullopt;
  }
  // An @ after one of these belongs to a password. Libraries would cut the address there, and take
  // what is left as the host.
  const std::size_t end = rest.find_first_of("/?#\\");
  if (end != std::string_view::npos && rest.find('@', end) != std::string_view::npos) {
    return std::nullopt;
  }
  rest = rest.substr(0, end);
  if (const std::size_t at = rest.rfind('@'); at != std::string_view::npos) {
    rest.remove_prefix(at + 1);
  }
  // The same rules hold for a proxy's address as for a server's.
  const auto address = parse_base_url(rest);
  if (!address) return std::nullopt;
  proxy.address = address->host;
  return proxy;
}

std::string proxy_from(const Environment& environment, const BaseUrl& server) {
  const auto first = [&](std::initializer_list<const char*> names) {
    for (const char* name : names) {
      if (std::string value = environment(name); !value.empty()) return value;
    }
    return std::string();
  };
  if (goes_directly(first({"no_proxy", "NO_PROXY"}), without_brackets(server.hostname()))) {
    return {};
  }
  return server.scheme == "http" ? first({"http_proxy", "all_proxy", "ALL_PROXY"})
                                 : first({"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"});
}

bool goes_directly(std::string_view no_proxy, std::string_view host) {
  constexpr std::string_view kBetween = ", \t";
  const std::string wanted = lower(host.substr(0, host.size() - (host.ends_with('.') ? 1 : 0)));
  const std::string list = lower(no_proxy);
  std::string_view rest = list;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find_first_of(kBetween), rest.size());
    if (end > 0 && names(rest.substr(0, end), wanted)) return true;
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return false;
}

}  // namespace source_sentry
