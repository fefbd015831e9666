#include "sandbox/world/event_ids.h"

#include <limits>

#include "sandbox/world/random.h"

namespace sandbox {
namespace {

constexpr std::uint64_t kVersion4 = 0x4000;
constexpr std::uint64_t kVariant = 0x8000000000000000U;
constexpr int kPlainLow = 62;  // bits of the low half that a UUID leaves free

std::uint64_t key_of(std::uint64_t seed) { return combine(seed, hash_text("event id")); }

}  // namespace

EventId event_id(std::uint64_t seed, std::uint32_t serial) {
  const std::uint64_t scrambled = mix(key_of(seed) ^ serial);
  // 60 bits of `scrambled` fit around the version digit, its last 4 open the low half.
  const std::uint64_t top = (scrambled >> 16) << 16;
  const std::uint64_t middle = (scrambled >> 4) & 0xfff;
  const std::uint64_t rest = mix(scrambled) >> 6;
  return {top | kVersion4 | middle, kVariant | ((scrambled & 0xf) << (kPlainLow - 4)) | rest};
}

std::optional<std::uint32_t> event_serial(std::uint64_t seed, const EventId& id) {
  const std::uint64_t top = (id.high >> 16) << 16;
  const std::uint64_t middle = id.high & 0xfff;
  const std::uint64_t last = (id.low >> (kPlainLow - 4)) & 0xf;
  const std::uint64_t serial = unmix(top | (middle << 4) | last) ^ key_of(seed);
  if (serial > std::numeric_limits<std::uint32_t>::max()) return std::nullopt;
  const auto candidate = static_cast<std::uint32_t>(serial);
  if (!(event_id(seed, candidate) == id)) return std::nullopt;
  return candidate;
}

std::string EventId::text() const {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out(32, '0');
  for (std::size_t i = 0; i < 16; ++i) {
    out[i] = kDigits[(high >> (60 - 4 * i)) & 0xf];
    out[16 + i] = kDigits[(low >> (60 - 4 * i)) & 0xf];
  }
  return out;
}

std::optional<EventId> parse_event_id(std::string_view text) {
  EventId id;
  int count = 0;
  for (const char c : text) {
    if (c == '-') continue;
    std::uint64_t digit = 0;
    if (c >= '0' && c <= '9') {
      digit = static_cast<std::uint64_t>(c - '0');
    } else if (c >= 'a' && c <= 'f') {
      digit = static_cast<std::uint64_t>(c - 'a') + 10;
    } else if (c >= 'A' && c <= 'F') {
      digit = static_cast<std::uint64_t>(c - 'A') + 10;
    } else {
      return std::nullopt;
    }
    std::uint64_t& half = count < 16 ? id.high : id.low;
    half = (half << 4) | digit;
    if (++count > 32) return std::nullopt;
  }
  if (count != 32) return std::nullopt;
  return id;
}

}  // namespace sandbox
