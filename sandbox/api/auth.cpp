#include "sandbox/api/auth.h"

#include <algorithm>
#include <array>

namespace sandbox {
namespace {

using std::string_view;

constexpr std::array<string_view, 7> kUserScopes = {
    "org:read",  "project:read",     "event:read", "member:read",
    "team:read", "project:releases", "alerts:read"};

Answer unauthorized(Answer answer) {
  // What Sentry's quiet basic authentication announces: no browser reacts to it.
  answer.headers.emplace_back("WWW-Authenticate", "xBasic realm=\"api\"");
  return answer;
}

Caller refused(string_view kind, string_view detail) {
  Caller caller;
  caller.token_kind = kind;
  caller.refusal = unauthorized(detail_answer(401, detail));
  return caller;
}

Caller user(string_view kind) {
  Caller caller;
  caller.token_kind = kind;
  caller.identity = IdentityKind::kUser;
  return caller;
}

/// `event.read-project.read` means event:read and project:read; a dash within a word cannot occur.
Caller user_with_scopes(string_view list) {
  Caller caller = user("user-scopes");
  while (!list.empty()) {
    const std::size_t end = std::min(list.find('-'), list.size());
    std::string scope(list.substr(0, end));
    std::replace(scope.begin(), scope.end(), '.', ':');
    if (!scope.empty()) caller.scopes.insert(std::move(scope));
    list.remove_prefix(std::min(end + 1, list.size()));
  }
  return caller;
}

Caller identify_token(string_view token) {
  constexpr string_view kScopesPrefix = "sandbox-scopes-";
  if (token == "sandbox-token") {
    Caller caller = user("user");
    caller.scopes.insert(kUserScopes.begin(), kUserScopes.end());
    return caller;
  }
  if (token == "sandbox-integration") {
    Caller caller;
    caller.token_kind = "integration";
    caller.identity = IdentityKind::kOrganization;
    caller.scopes.insert(kUserScopes.begin(), kUserScopes.end());
    for (const string_view area : {"org", "project", "event", "member", "team", "alerts"}) {
      for (const string_view right : {":read", ":write", ":admin"}) {
        caller.scopes.insert(std::string(area).append(right));
      }
    }
    return caller;
  }
  if (token.starts_with(kScopesPrefix)) return user_with_scopes(token.substr(kScopesPrefix.size()));
  if (token.starts_with("sntrys_")) {
    Caller caller;
    caller.token_kind = "org";
    caller.scopes.insert("org:ci");
    return caller;
  }
  if (token == "sandbox-expired") return refused("expired", "Token expired");
  if (token == "sandbox-inactive") return refused("inactive", "User inactive or deleted");
  if (token == "sandbox-sso") {
    Caller caller = user("sso");
    Answer answer = detail_answer(401, "");
    answer.body = R"({"detail":{"code":"sso-required","message":"Must login via SSO",)"
                  R"("extra":{"loginUrl":"/auth/login/acme/"}}})";
    caller.refusal = unauthorized(std::move(answer));
    return caller;
  }
  return refused("invalid", "Invalid token");
}

}  // namespace

bool Caller::has_any(std::span<const string_view> wanted) const {
  return std::any_of(wanted.begin(), wanted.end(),
                     [this](string_view scope) { return scopes.contains(scope); });
}

Caller identify(string_view authorization) {
  while (authorization.ends_with(' ')) authorization.remove_suffix(1);
  std::string scheme(
      authorization.substr(0, std::min(authorization.find(' '), authorization.size())));
  std::transform(scheme.begin(), scheme.end(), scheme.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  // Other schemes are left to other authenticators, none of which knows anybody here.
  if (scheme != "bearer") return refused("none", "Authentication credentials were not provided.");
  string_view token = authorization.substr(scheme.size());
  while (token.starts_with(' ')) token.remove_prefix(1);
  if (token.empty()) return refused("invalid", "Invalid token header. No credentials provided.");
  if (token.find(' ') != string_view::npos) {
    return refused("invalid", "Invalid token header. Token string should not contain spaces.");
  }
  return identify_token(token);
}

Answer insufficient_scope(std::span<const string_view> acceptable) {
  std::string scopes;
  for (const string_view scope : acceptable) {
    if (!scopes.empty()) scopes += ' ';
    scopes += scope;
  }
  Answer answer = forbidden();
  answer.headers.emplace_back("WWW-Authenticate",
                              "Bearer error=\"insufficient_scope\", scope=\"" + scopes + "\"");
  return answer;
}

}  // namespace sandbox
