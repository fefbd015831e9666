#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"

namespace source_sentry {

/// The key in a state beside a cursor value under which its origin stands.
inline constexpr const char* kOriginKey = "of";

/// Whose records a cursor value speaks of. It stands in the state beside the value, under that key:
/// numbers of projects are small on servers of one's own, and meet. What is empty is not known.
struct Origin {
  std::string organization{};  ///< slug; empty: nothing at all is known
  std::string host{};          ///< without a port: one server may be reached by several
  std::string project{};       ///< slug; empty: the organization's
  std::string id{};            ///< the project's number
  std::string created{};       ///< when the project was; no two of one number share it

  /// Empty where nothing is known.
  nlohmann::ordered_json write() const;
};

/// What a saved state says that it is of, for people, where that is not `origin`; nothing where it
/// is, or does not say. `names`: how the project may be called in it.
std::optional<std::string> foreign_to(const Origin& origin, const std::vector<std::string>& names,
                                      const nlohmann::json& saved);

/// For people: "the project \"web\" of the organization \"acme\" at sentry.io".
std::string to_text(const Origin& origin);

}  // namespace source_sentry
