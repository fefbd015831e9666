#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "http/base_url.h"

namespace source_sentry {

/// A proxy as libcurl takes it, taken apart.
struct Proxy {
  std::string url;      ///< `[scheme://][user:password@]host[:port]`
  std::string scheme;   ///< "http" if none is written
  std::string address;  ///< `host:port` as written, for people

  bool is_socks() const { return scheme.starts_with("socks"); }
};

/// Takes a proxy's URL apart. Nothing when it has no host, a scheme other than http, https,
/// socks4, socks4a, socks5 and socks5h, or a password with a `/`, `?` or `#` that is not encoded.
std::optional<Proxy> parse_proxy(std::string_view url);

/// An environment variable's value; empty where it is not set.
using Environment = std::function<std::string(const char* name)>;

/// The variables that may name a proxy.
inline constexpr const char* kProxyVariables[] = {"http_proxy", "https_proxy", "HTTPS_PROXY",
                                                  "all_proxy", "ALL_PROXY"};

/// The proxy that the environment names for `server`, by curl's rules: `http_proxy` (lower case
/// only: a web server sets HTTP_PROXY from a request) or `https_proxy`, else `all_proxy`, unless
/// `no_proxy` names the server. Empty for none. Decided here and not by libcurl, which does not say
/// afterwards whose failure it was.
std::string proxy_from(const Environment& environment, const BaseUrl& server);

/// Whether `no_proxy`, a list of names, addresses and networks (10.0.0.0/8) separated by commas or
/// blanks, names the host. A name includes all below it, with or without a dot in front, and `*`
/// means everything.
bool goes_directly(std::string_view no_proxy, std::string_view host);

}  // namespace source_sentry
