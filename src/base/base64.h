#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace source_sentry {

/// Bytes encoded as in RFC 4648, with padding.
std::string base64_encode(std::string_view bytes);

/// The bytes that such a text encodes; nothing when it is invalid.
std::optional<std::string> base64_decode(std::string_view text);

}  // namespace source_sentry
