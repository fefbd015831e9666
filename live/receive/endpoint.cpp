#include "live/receive/endpoint.h"

#include <openssl/crypto.h>

#include <algorithm>
#include <set>

#include "base/error.h"
#include "base/text.h"

namespace source_sentry {
namespace {

using Kind = Delivery::Kind;

[[noreturn]] void refuse(const Endpoint& endpoint, const std::string& what) {
  throw ConnectorError(FailureKind::kConfig, "The endpoint \"" + endpoint.name + "\" " + what);
}

bool is_hex(char c) {
  return std::string_view("0123456789abcdefABCDEF").find(c) != std::string_view::npos;
}

/// Whether it may hold 128 bits of chance: so many digits of either form, and not the same few all
/// over.
bool is_hard_to_guess(std::string_view token) {
  constexpr std::size_t kHexDigits = 32;
  constexpr std::size_t kBase64Digits = 22;
  constexpr std::size_t kFewest = 8;
  const bool plain = std::all_of(token.begin(), token.end(), [](char c) {
    return is_letter_or_digit(c) || c == '-' || c == '_';
  });
  const bool hex = std::all_of(token.begin(), token.end(), is_hex);
  const bool varied = std::set<char>(token.begin(), token.end()).size() >= kFewest;
  return plain && varied && token.size() >= (hex ? kHexDigits : kBase64Digits);
}

void require_plain_path(const Endpoint& endpoint) {
  const bool plain = std::all_of(endpoint.path.begin(), endpoint.path.end(), [](char c) {
    return c > ' ' && c < '\x7f' && c != '?' && c != '#';
  });
  if (endpoint.path.starts_with('/') && plain) return;
  refuse(endpoint, "has no path that a request can have. Give one such as /webhooks.");
}

void require_secrets(const Endpoint& endpoint) {
  if (endpoint.kind == Kind::kUnsigned) return;
  const auto& secrets = endpoint.secrets;
  const bool has_all = !secrets.empty() && std::all_of(secrets.begin(), secrets.end(),
                                                       [](const auto& s) { return !s.empty(); });
  if (endpoint.kind == Kind::kLegacy) {
    if (has_all && std::all_of(secrets.begin(), secrets.end(), is_hard_to_guess)) return;
    refuse(endpoint,
           "takes webhooks that nobody signs, and is therefore to be at an address that nobody "
           "can guess. Give it a token of 32 or more random hexadecimal digits.");
  }
  if (has_all) return;
  refuse(endpoint, endpoint.kind == Kind::kServiceHook
                       ? "has no secret, so that anyone could send it webhooks. Give it the "
                         "secret of the service hook."
                       : "has no secret, so that anyone could send it webhooks. Give it the "
                         "client secret of the integration in Sentry.");
}

bool are_equal(std::string_view one, std::string_view other) {
  return one.size() == other.size() && CRYPTO_memcmp(one.data(), other.data(), one.size()) == 0;
}

std::string address_of(const Endpoint& endpoint, const std::string& token) {
  return endpoint.path + (endpoint.path.ends_with('/') ? "" : "/") + token;
}

bool leads_to(std::string_view path, const Endpoint& endpoint) {
  if (endpoint.kind != Kind::kLegacy) return path == endpoint.path;
  bool leads = false;
  for (const std::string& token : endpoint.secrets) {
    const bool equal = are_equal(path, address_of(endpoint, token));
    leads = leads || equal;
  }
  return leads;
}

}  // namespace

void require_usable(const std::vector<Endpoint>& endpoints) {
  std::set<std::string> paths;
  for (const Endpoint& endpoint : endpoints) {
    require_plain_path(endpoint);
    require_secrets(endpoint);
    if (endpoint.kind == Kind::kLegacy || paths.insert(endpoint.path).second) continue;
    refuse(endpoint, "has the path of another one. Give each a path of its own.");
  }
}

const Endpoint* find_endpoint(const std::vector<Endpoint>& endpoints, std::string_view path) {
  const Endpoint* found = nullptr;
  for (const Endpoint& endpoint : endpoints) {
    const bool leads = leads_to(path, endpoint);
    if (leads && found == nullptr) found = &endpoint;
  }
  return found;
}

}  // namespace source_sentry
