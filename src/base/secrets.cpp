#include "base/secrets.h"

#include <algorithm>

#include "base/login.h"
#include "base/percent.h"
#include "base/text.h"

namespace source_sentry {
namespace {

constexpr std::size_t kShortest = 3;
constexpr std::string_view kMask = "****";

/// Percent-encoding in small digits, which some servers and proxies write.
std::string in_small_hex(std::string encoded) {
  for (std::size_t at = 0; (at = encoded.find('%', at)) != std::string::npos; at += 3) {
    encoded.replace(at + 1, 2, lower(encoded.substr(at + 1, 2)));
  }
  return encoded;
}

/// As JSON may write it, and PHP does; seen where a broken body is quoted.
std::string with_escaped_slashes(std::string text) {
  for (std::size_t at = 0; (at = text.find('/', at)) != std::string::npos; at += 2) {
    text.insert(at, "\\");
  }
  return text;
}

/// How much of the beginning of `secret`, though not all of it, is the end of `text`.
std::size_t begun_at_the_end(std::string_view text, std::string_view secret) {
  std::size_t length = std::min(text.size(), secret.size() - 1);
  while (length > 0 && !text.ends_with(secret.substr(0, length))) --length;
  return length;
}

}  // namespace

void Secrets::add(std::string_view secret) {
  if (secret.size() < kShortest) return;
  const std::string encoded = percent_encode(secret);
  for (std::string form : {std::string(secret), encoded, in_small_hex(encoded),
                           with_escaped_slashes(std::string(secret))}) {
    secrets_.insert(std::move(form));
  }
}

void Secrets::add_login_of(std::string_view url) {
  const std::string_view login = login_of(url);
  add(login);
  if (const std::size_t colon = login.find(':'); colon != std::string_view::npos) {
    const std::string_view password = login.substr(colon + 1);
    add(password);
    add(percent_decode(password));
  }
}

std::string Secrets::redact(std::string_view text) const {
  std::string clean(text);
  for (const std::string& secret : secrets_) {
    for (std::size_t at = clean.find(secret); at != std::string::npos;
         at = clean.find(secret, at)) {
      clean.replace(at, secret.size(), kMask);
      at += kMask.size();
    }
  }
  for (std::size_t at = clean.find(kCut); at != std::string::npos; at = clean.find(kCut, at)) {
    std::size_t begun = 0;
    for (const std::string& secret : secrets_) {
      begun = std::max(begun, begun_at_the_end(std::string_view(clean).substr(0, at), secret));
    }
    if (begun >= kShortest) {
      clean.replace(at - begun, begun, kMask);
      at += kMask.size() - begun;
    }
    ++at;  // the text may have ended in a dot of its own
  }
  return clean;
}

}  // namespace source_sentry
