#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace source_sentry {

/// The certificates in a PEM text, tidied: one `-----BEGIN CERTIFICATE-----` block after the other,
/// in lines. What forms and environment variables make of line ends (blanks, or `\n` as two
/// characters) is repaired; other text around and between the blocks is left out, other blocks too.
/// Nothing when there is no whole certificate.
std::optional<std::string> read_certificates(std::string_view pem);

}  // namespace source_sentry
