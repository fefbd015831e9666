#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace source_sentry {

/// How the bytes of a body are packed (RFC 9110, 8.4.1).
enum class Coding {
  kGzip,     ///< also as x-gzip
  kDeflate,  ///< with zlib's header and checksum, or, from some servers, without
};

/// What a Content-Encoding says.
struct Codings {
  std::vector<Coding> applied;  ///< the first was applied first, and is undone last
  std::string unknown;          ///< one that cannot be undone, in lower case; empty: there is none
};

/// Reads the whole value of the field, which is a list. Case does not matter; `identity`, `none`
/// and empty elements say nothing.
Codings parse_codings(std::string_view field);

}  // namespace source_sentry
