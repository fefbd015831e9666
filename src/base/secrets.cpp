#include "base/secrets.h"

#include <algorithm>

#include "base/percent.h"

namespace source_sentry {

void Secrets::add(std::string_view secret) {
  constexpr std::size_t kShortest = 3;
  if (secret.size() < kShortest) return;
  for (std::string form : {std::string(secret), percent_encode(secret)}) {
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
