#include "live/receive/delivery_headers.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "live/server/client_address.h"

namespace source_sentry {
namespace {

constexpr std::size_t kIdDigits = 32;
constexpr std::size_t kLongestResource = 64;
constexpr std::size_t kMostTimeDigits = 12;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// The header's value where it comes once, is no longer than `most`, and has such characters alone.
template <typename IsGood>
std::string plain_value(const RequestHead& head, std::string_view name, std::size_t most,
                        const IsGood& is_good) {
  const auto values = head.values(name);
  if (values.size() != 1 || values.front().size() > most) return {};
  const std::string_view value = values.front();
  return std::all_of(value.begin(), value.end(), is_good) ? std::string(value) : std::string();
}

bool is_address(const std::string& text) {
  if (text.find('\0') != text.npos) return false;  // where the system would end it
  std::array<unsigned char, sizeof(in6_addr)> address{};
  return inet_pton(AF_INET, text.c_str(), address.data()) == 1 ||
         inet_pton(AF_INET6, text.c_str(), address.data()) == 1;
}

}  // namespace

Delivery described_by(const RequestHead& head, const Endpoint& endpoint) {
  Delivery delivery;
  delivery.kind = endpoint.kind;
  delivery.endpoint = endpoint.name;
  if (delivery.has_envelope()) {
    delivery.resource = plain_value(head, "sentry-hook-resource", kLongestResource, [](char c) {
      return (c >= 'a' && c <= 'z') || c == '_' || c == '.';
    });
  }
  const std::string_view time = endpoint.kind == Delivery::Kind::kServiceHook
                                    ? "x-servicehook-timestamp"
                                    : "sentry-hook-timestamp";
  delivery.sent_at = plain_value(head, time, kMostTimeDigits, is_digit);
  const std::string id = plain_value(head, "request-id", kIdDigits, [](char c) {
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
  });
  if (id.size() == kIdDigits) delivery.request_id = id;
  return delivery;
}

std::optional<std::chrono::seconds> distance(const Delivery& delivery, Instant now) {
  if (delivery.sent_at.empty()) return std::nullopt;
  const std::chrono::seconds sent(std::stoll(delivery.sent_at));
  const auto here = std::chrono::floor<std::chrono::seconds>(now.time_since_epoch());
  return sent > here ? sent - here : here - sent;
}

std::string sender_of(const RequestHead& head, const std::vector<std::string>& proxies) {
  if (!holds(proxies, head.peer)) return client_key(head.peer);
  const auto chains = head.values("x-forwarded-for");
  if (chains.empty()) return {};
  // Each proxy adds whom it was asked by to the end: what comes before may be anybody's invention.
  const std::string_view chain = chains.back();
  const std::size_t comma = chain.rfind(',');
  const std::string last(trim(comma == chain.npos ? chain : chain.substr(comma + 1)));
  return is_address(last) ? client_key(last) : std::string();
}

}  // namespace source_sentry
