#include "base/secrets.h"

#include <algorithm>

#include "base/percent.h"
#include "base/text.h"

namespace source_sentry {
namespace {

/// Percent-encoding in small digits, which some servers and proxies write.
std::string in_small_hex(std::string encoded) {
  for (std::size_t at = 0; (at = encoded.find('%', at)) != std::string::npos; at += 3) {
    encoded.replace(at + 1, 2, lower(encoded.substr(at + 1, 2)));
  }
  return encoded;
}

}  // namespace

void Secrets::add(std::string_view secret) {
  constexpr std::size_t kShortest = 3;
  if (secret.size() < kShortest) return;
  const std::string encoded = percent_encode(secret);
  for (std::string form : {std::string(secret), encoded, in_small_hex(encoded)}) {
    if (std::find(secrets_.begin(), secrets_.end(), form) == secrets_.end()) {
      secrets_.push_back(std::move(form));
    }
  }
  std::stable_sort(secrets_.begin(), secrets_.end(),
                   [](const std::string& a, const std::string& b) { return a.size() > b.size(); });
}

std::string Secrets::redact(std::string_view text) const {
  std::string clean(text);
  for (const std::string& secret : secrets_) {
    for (std::size_t at = clean.find(secret); at != std::string::npos;
         at = clean.find(secret, at)) {
      clean.replace(at, secret.size(), "****");
      at += 4;
    }
  }
  return clean;
}

}  // namespace source_sentry
