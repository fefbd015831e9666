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
  std::string scheme;   ///< "http" where none is written
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

/// The proxy by which the environment leads to `server`, by curl's rules: `http_proxy` (in small
/// letters only: as HTTP_PROXY a web server sets it from a request) or `https_proxy`, else
/// `all_proxy`, unless `no_proxy` names the server. Empty for none. Decided here and not by
/// libcurl, which does not say afterwards whose failure it met.
std::string proxy_from(const Environment& environment, const BaseUrl& server);

/// Whether `no_proxy`, a list of names, addresses and networks (10.0.0.0/8) with commas or blanks
/// between, names the host. A name stands for all below it too, with or without a dot in front, and
/// `*` for everything.
bool goes_directly(std::string_view no_proxy, std::string_view host);

}  // namespace source_sentry
