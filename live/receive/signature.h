#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "live/server/http_server.h"

namespace source_sentry {

using Digest = std::array<std::uint8_t, 32>;

Digest hmac_sha256(std::string_view key, std::string_view message);
Digest sha256(std::string_view message);

/// In lower case.
std::string hex_of(const Digest& digest);

/// A digest in exactly 64 hexadecimal digits in lower case: Sentry sends no other form.
std::optional<Digest> parse_digest(std::string_view text);

/// The headers, in lower case, that may hold a signature. Sentry's integrations sign webhooks with
/// one and calls of UI components with the other, by the same rule; some senders mix them up.
inline constexpr std::string_view kHookSignature = "sentry-hook-signature";
inline constexpr std::string_view kAppSignature = "sentry-app-signature";
inline constexpr std::array<std::string_view, 2> kIntegrationSignatures = {kHookSignature,
                                                                           kAppSignature};
inline constexpr std::array<std::string_view, 1> kServiceHookSignatures = {
    "x-servicehook-signature"};

/// Whether a request is signed.
struct Signature {
  bool is_valid = false;
  std::string_view header{};  ///< which one it came in, the first of both; empty where in none
};

/// Checks the signature of a request with these bytes of body: the HMAC of what arrived, not of
/// what is made of it. One of the secrets must fit; an empty one never does. Headers that
/// contradict each other, or come twice, are no signature. It takes the same time whatever the
/// headers say.
Signature check_signature(const RequestHead& head, std::string_view body,
                          std::span<const std::string_view> headers,
                          std::span<const std::string> secrets);

}  // namespace source_sentry
