#include "live/receive/signature.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <new>

namespace source_sentry {
namespace {

constexpr std::string_view kDigits = "0123456789abcdef";
constexpr unsigned kDigitBits = 4;

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

/// What the headers say, and in which it was said first. Nothing where they do not agree.
std::optional<Digest> sent_digest(const RequestHead& head,
                                  std::span<const std::string_view> headers,
                                  std::string_view& came_in) {
  std::optional<std::string_view> text;
  for (const std::string_view header : headers) {
    const auto values = head.values(header);
    if (values.empty()) continue;
    if (came_in.empty()) came_in = header;
    if (values.size() > 1 || (text && *text != values.front())) return std::nullopt;
    text = values.front();
  }
  return text ? parse_digest(*text) : std::nullopt;
}

}  // namespace

Digest hmac_sha256(std::string_view key, std::string_view message) {
  Digest digest{};
  unsigned size = 0;
  // A null pointer would mean "the key of before".
  const void* const key_data = key.empty() ? "" : key.data();
  if (HMAC(EVP_sha256(), key_data, static_cast<int>(key.size()), bytes_of(message), message.size(),
           digest.data(), &size) == nullptr) {
    throw std::bad_alloc();
  }
  return digest;
}

Digest sha256(std::string_view message) {
  Digest digest{};
  unsigned size = 0;
  if (EVP_Digest(message.data(), message.size(), digest.data(), &size, EVP_sha256(), nullptr) !=
      1) {
    throw std::bad_alloc();
  }
  return digest;
}

std::string hex_of(const Digest& digest) {
  std::string text;
  for (const std::uint8_t byte : digest) {
    text += kDigits[byte >> kDigitBits];
    text += kDigits[byte & 0xfU];
  }
  return text;
}

std::optional<Digest> parse_digest(std::string_view text) {
  Digest digest{};
  if (text.size() != 2 * digest.size()) return std::nullopt;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const std::size_t digit = text[at] == '\0' ? kDigits.npos : kDigits.find(text[at]);
    if (digit == kDigits.npos) return std::nullopt;
    std::uint8_t& byte = digest[at / 2];
    byte = static_cast<std::uint8_t>((unsigned{byte} << kDigitBits) | digit);
  }
  return digest;
}

Signature check_signature(const RequestHead& head, std::string_view body,
                          std::span<const std::string_view> headers,
                          std::span<const std::string> secrets) {
  Signature signature;
  const std::optional<Digest> sent = sent_digest(head, headers, signature.header);
  const Digest compared = sent.value_or(Digest{});
  unsigned fitting = 0;
  for (const std::string& secret : secrets) {
    const Digest right = hmac_sha256(secret, body);
    const bool fits = CRYPTO_memcmp(right.data(), compared.data(), right.size()) == 0;
    fitting += static_cast<unsigned>(fits) & static_cast<unsigned>(!secret.empty());
  }
  signature.is_valid = sent.has_value() && fitting > 0;
  return signature;
}

}  // namespace source_sentry
