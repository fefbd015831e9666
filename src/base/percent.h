#pragma once

#include <string>
#include <string_view>

namespace source_sentry {

/// `text` as one part of a URL's path or query: everything but RFC 3986's unreserved characters
/// becomes %XX.
std::string percent_encode(std::string_view text);

/// `text` with every %XX, in either case, as the byte that it means. Any other % stays.
std::string percent_decode(std::string_view text);

}  // namespace source_sentry
