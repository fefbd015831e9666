#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"

namespace source_sentry {

/// The key in a state, next to a cursor value, for its origin.
inline constexpr const char* kOriginKey = "of";

/// Whose records a cursor value is about. It is in the state next to the value, under that key:
/// project numbers are small on self-hosted servers, and coincide. What is empty is not known.
struct Origin {
  std::string organization{};  ///< slug; empty: nothing at all is known
  std::string host{};          ///< without a port: one server may be reached by several
  std::string project{};       ///< slug; empty: the organization's
  std::string id{};            ///< the project's number
  std::string created{};       ///< when the project was; no two of one number share it

  /// Empty where nothing is known.
  nlohmann::ordered_json write() const;
};

/// What a saved state says it is about, for people, if that is not `origin`; nothing if it is, or
/// does not say. `names`: what the project may be called in it.
std::optional<std::string> foreign_to(const Origin& origin, const std::vector<std::string>& names,
                                      const nlohmann::json& saved);

/// For people: "the project \"web\" of the organization \"acme\" at sentry.io".
std::string to_text(const Origin& origin);

}  // namespace source_sentry
