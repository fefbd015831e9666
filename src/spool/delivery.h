#pragma once

#include <cstdint>
#include <string>

#include "base/time.h"

namespace source_sentry {

/// A webhook as it came in: what its sender says of it, and its body, byte for byte. Plain data.
struct Delivery {
  /// How it was sent, which decides what its body looks like.
  enum class Kind : std::uint8_t {
    kIntegration = 1,  ///< by an integration, signed with its client secret
    kServiceHook = 2,  ///< by a service hook of a project, signed with the hook's secret
    kLegacy = 3,       ///< by the old WebHooks plugin, which signs nothing
    kUnsigned = 4,     ///< as by an integration; but anybody may have sent it
  };

  /// Whether it has the form of an integration's webhooks.
  bool has_envelope() const { return kind == Kind::kIntegration || kind == Kind::kUnsigned; }
  /// Whether a signature proves its sender.
  bool is_verified() const { return kind == Kind::kIntegration || kind == Kind::kServiceHook; }

  std::string id{};  ///< the same for the same body: the first 32 hex digits of its SHA-256
  Kind kind = Kind::kIntegration;
  Instant received_at{};   ///< by this machine's clock
  std::string endpoint{};  ///< the name of the configured entry that took it
  // As the headers say, empty where they do not. Nothing signs them.
  std::string resource{};    ///< Sentry-Hook-Resource
  std::string sent_at{};     ///< Sentry-Hook-Timestamp: seconds since 1970, in digits
  std::string request_id{};  ///< Request-ID: new for each attempt
  std::string body{};
};

}  // namespace source_sentry
