#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace source_sentry {

/// Bytes as the text of RFC 4648, with its padding.
std::string base64_encode(std::string_view bytes);

/// The bytes of such a text; nothing when it is none.
std::optional<std::string> base64_decode(std::string_view text);

}  // namespace source_sentry
