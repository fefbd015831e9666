#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "spool/delivery.h"

namespace source_sentry {

/// A place that takes webhooks in. Plain data.
struct Endpoint {
  std::string name;  ///< for people, and for its records
  std::string path;  ///< its exact bytes, from the first `/`
  Delivery::Kind kind = Delivery::Kind::kIntegration;
  /// What the sender signs with: the present one, and others while they are replaced. The old
  /// plugin signs nothing: its webhooks come to `path`/SECRET instead, where only it knows to send
  /// them.
  std::vector<std::string> secrets{};
  std::size_t most_body = std::size_t{2} << 20;  ///< in bytes
};

/// Throws a ConnectorError where these endpoints cannot be told apart, or do not protect what they
/// take in: no secret, an empty one, or for the old plugin one that could be guessed.
void require_usable(const std::vector<Endpoint>& endpoints);

/// The endpoint that the path leads to; null where none is. How long that takes tells nothing of
/// a secret.
const Endpoint* find_endpoint(const std::vector<Endpoint>& endpoints, std::string_view path);

}  // namespace source_sentry
