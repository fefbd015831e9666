#include "http/base_url.h"

#include <algorithm>
#include <cctype>

#include "base/text.h"

namespace source_sentry {
namespace {

bool is_port(std::string_view text) {
  return !text.empty() && text.size() <= 5 &&
         std::all_of(text.begin(), text.end(), [](unsigned char c) { return std::isdigit(c); });
}

/// Host names, IPv4 addresses, and IPv6 addresses in brackets, each with an optional port.
bool is_host(std::string_view host) {
  std::string_view name = host;
  if (name.starts_with('[')) {
    const std::size_t close = name.find(']');
    if (close == std::string_view::npos || close < 3) return false;
    const std::string_view after = name.substr(close + 1);
    return after.empty() || (after.starts_with(':') && is_port(after.substr(1)));
  }
  const std::size_t colon = name.find(':');
  if (colon != std::string_view::npos) {
    if (!is_port(name.substr(colon + 1))) return false;
    name = name.substr(0, colon);
  }
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
  text = text.substr(0, text.find_first_of("?#"));
  const std::size_t slash = text.find('/');
  url.host = lower(text.substr(0, slash));
  if (!is_host(url.host)) return std::nullopt;
  if (slash != std::string_view::npos) url.prefix = text.substr(slash);
  const auto drop = [&url](std::string_view tail) {
    if (url.prefix.ends_with(tail)) url.prefix.resize(url.prefix.size() - tail.size());
  };
  while (url.prefix.ends_with('/')) drop("/");
  drop("/api/0");
  while (url.prefix.ends_with('/')) drop("/");
  const bool printable = std::all_of(url.prefix.begin(), url.prefix.end(),
                                     [](unsigned char c) { return c > ' ' && c < 0x7f; });
  if (!printable) return std::nullopt;
  return url;
}

}  // namespace source_sentry
