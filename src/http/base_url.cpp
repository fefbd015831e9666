#include "http/base_url.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>

#include "base/text.h"

namespace source_sentry {
namespace {

bool is_port(std::string_view text) {
  unsigned port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return error == std::errc() && end == text.data() + text.size() && port > 0 && port <= 65'535;
}

bool is_address(int family, std::string_view text) {
  std::array<unsigned char, sizeof(in6_addr)> address{};
  return text.find('\0') == std::string_view::npos &&
         inet_pton(family, std::string(text).c_str(), address.data()) == 1;
}

/// Whether the host's last label is a number. Such a host is an IPv4 address, and resolvers read
/// unusual forms (0x7f.1, 2130706433) in ways of their own.
bool is_numeric(std::string_view host) {
  const std::string_view last = host.substr(host.rfind('.') + 1);
  return last.starts_with("0x") ||
         (!last.empty() && last.find_first_not_of("0123456789") == std::string_view::npos);
}

/// Host names, IPv4 addresses, and IPv6 addresses in brackets, each with an optional port.
bool is_host(std::string_view host) {
  std::string_view name = host;
  if (name.starts_with('[')) {
    const std::size_t close = name.find(']');
    if (close == std::string_view::npos) return false;
    if (!is_address(AF_INET6, name.substr(1, close - 1))) return false;
    const std::string_view after = name.substr(close + 1);
    return after.empty() || (after.starts_with(':') && is_port(after.substr(1)));
  }
  const std::size_t colon = name.find(':');
  if (colon != std::string_view::npos) {
    if (!is_port(name.substr(colon + 1))) return false;
    name = name.substr(0, colon);
  }
  if (is_numeric(name)) return is_address(AF_INET, name);
  return !name.empty() && std::all_of(name.begin(), name.end(), [](unsigned char c) {
    return std::isalnum(c) || c == '.' || c == '-' || c == '_';
  });
}

}  // namespace

std::string_view BaseUrl::hostname() const {
  const std::string_view all = host;
  if (all.starts_with('[')) return all.substr(0, all.find(']') + 1);
  return all.substr(0, all.find(':'));
}

std::optional<BaseUrl> parse_base_url(std::string_view text) {
  text = trim(text);
  BaseUrl url;
  url.scheme = "https";
  if (const std::size_t mark = text.find("://"); mark != std::string_view::npos) {
    url.scheme = lower(text.substr(0, mark));
    if (url.scheme != "https" && url.scheme != "http") return std::nullopt;
    text.remove_prefix(mark + 3);
  }
  // An @ after a separator may belong to a password that contains one; then this is not a host.
  const std::size_t behind = text.find_first_of("/?#");
  const bool has_at = text.find('@', std::min(behind, text.size())) != std::string_view::npos;
  if (has_at && text.substr(0, behind).find(':') != std::string_view::npos) return std::nullopt;
  text = text.substr(0, text.find_first_of("?#"));
  const std::size_t slash = text.find('/');
  url.host = lower(text.substr(0, slash));
  if (!is_host(url.host)) return std::nullopt;
  if (slash != std::string_view::npos) url.prefix = text.substr(slash);
  const auto drop = [&url](std::string_view tail) {
    if (!url.prefix.ends_with(tail)) return false;
    url.prefix.resize(url.prefix.size() - tail.size());
    return true;
  };
  while (drop("/") || drop("/api/0")) continue;
  const bool printable = std::all_of(url.prefix.begin(), url.prefix.end(), [](unsigned char c) {
    return c > ' ' && c < 0x7f && c != '@';
  });
  if (!printable) return std::nullopt;
  return url;
}

}  // namespace source_sentry
