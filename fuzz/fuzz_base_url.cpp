// Any text as the address of a Sentry; libcurl's parser is the second opinion.

#include <curl/curl.h>

#include <memory>
#include <string>

#include "http/base_url.h"
#include "property.h"

namespace source_sentry {
namespace {

/// A part of a URL as libcurl reads it; empty when there is none.
std::string part(CURLU* url, CURLUPart which) {
  char* text = nullptr;
  if (curl_url_get(url, which, &text, 0) != CURLUE_OK) return {};
  const std::unique_ptr<char, decltype(&curl_free)> owner(text, curl_free);
  return text;
}

void check_by_curl(const BaseUrl& base) {
  const std::unique_ptr<CURLU, decltype(&curl_url_cleanup)> url(curl_url(), curl_url_cleanup);
  const std::string root = base.text() + "/api/0/";
  require(curl_url_set(url.get(), CURLUPART_URL, root.c_str(), CURLU_PATH_AS_IS) == CURLUE_OK,
          "libcurl takes the address");
  require(part(url.get(), CURLUPART_SCHEME) == base.scheme, "libcurl sees the same scheme");
  // An IPv6 address may be written in shorter ways.
  const std::string host = part(url.get(), CURLUPART_HOST);
  require(base.host.starts_with('[') ? host.starts_with('[') : host == base.hostname(),
          "libcurl sees the same host");
  require(part(url.get(), CURLUPART_PATH) == base.prefix + "/api/0/", "and the same path");
  for (const CURLUPart none :
       {CURLUPART_USER, CURLUPART_PASSWORD, CURLUPART_QUERY, CURLUPART_FRAGMENT}) {
    require(part(url.get(), none).empty(), "and neither credentials nor a query");
  }
}

}  // namespace

void fuzz(std::string_view input) {
  const auto base = parse_base_url(input);
  if (!base) return;
  const std::string text = base->text();
  require(is_plain(text), "an address is plain text");
  require(base->host.find_first_of("@/?#\\") == std::string::npos, "a host is only a host");
  require(text.find_first_of("?#") == std::string::npos, "an address has no query");
  require(base->prefix.empty() || (base->prefix.starts_with('/') && !base->prefix.ends_with('/')),
          "a prefix begins with a slash and does not end with one");
  const auto again = parse_base_url(text);
  require(again && again->scheme == base->scheme && again->host == base->host &&
              again->prefix == base->prefix,
          "an address survives its text");
  check_by_curl(*base);
}

}  // namespace source_sentry
