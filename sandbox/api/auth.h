#pragma once

#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "sandbox/api/answer.h"

namespace sandbox {

/// Whose requests count together in rate limits (sentry-api.md 3.3).
enum class IdentityKind { kIp, kUser, kOrganization };

/// Who asks, as the token says.
struct Caller {
  std::string_view token_kind = "none";  ///< for the request log; never the token
  IdentityKind identity = IdentityKind::kIp;
  std::set<std::string, std::less<>> scopes;
  std::optional<Answer> refusal;  ///< the 401 this token gets

  bool has_any(std::span<const std::string_view> wanted) const;

  /// Integrations see all projects as theirs and have no bookmarks; org tokens see what releases
  /// need.
  bool is_user() const { return identity == IdentityKind::kUser; }
};

/// Reads an Authorization header. Known tokens: `sandbox-token` (a user with the usual scopes),
/// `sandbox-scopes-A.B-C.D` (a user with exactly A:B and C:D), `sandbox-integration` (all scopes,
/// counted per organization), `sntrys_...` (an org token, only org:ci), and `sandbox-expired`,
/// `sandbox-inactive` and `sandbox-sso`, which are refused in their own ways.
Caller identify(std::string_view authorization);

/// The 403 that tells which scopes would have done.
Answer insufficient_scope(std::span<const std::string_view> acceptable);

}  // namespace sandbox
