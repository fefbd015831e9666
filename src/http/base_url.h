#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace source_sentry {

/// The address of a Sentry: scheme, host, optional port and optional path prefix.
struct BaseUrl {
  std::string scheme;  ///< "https" or "http"
  std::string host;    ///< in lower case, with port if one was given: "sentry.internal:9000"
  std::string prefix;  ///< "" or "/sentry", without a slash at its end

  /// "https://sentry.internal:9000/sentry"
  std::string text() const { return scheme + "://" + host + prefix; }
  /// The host without its port.
  std::string_view hostname() const;
};

/// Reads what people paste as the address of their Sentry: `sentry.io`, `localhost:9000`,
/// `http://sentry.internal:9000`, `https://example.com/sentry/`, with spaces around. Without a
/// scheme it is https; plain http only when written. A pasted `/api/0` at the end, a query or a
/// fragment is dropped. Nothing when no host can be made out or the scheme is a different one.
std::optional<BaseUrl> parse_base_url(std::string_view text);

}  // namespace source_sentry
