// Any values of the headers of a signature: the lines but the last, which is the body. Nothing but
// the right one is taken.

#include <algorithm>
#include <array>
#include <string>

#include "live/receive/delivery_headers.h"
#include "live/receive/signature.h"
#include "property.h"

namespace source_sentry {
namespace {

const std::array<std::string, 2> kSecrets = {"the present one", "the one before"};
constexpr std::array<std::string_view, 6> kNames = {kHookSignature,         kAppSignature,
                                                    "sentry-hook-resource", "sentry-hook-timestamp",
                                                    "request-id",           "x-forwarded-for"};

/// Whether a header says just what it should, told in the simplest way.
bool should_be_valid(const RequestHead& head, std::string_view body) {
  std::vector<std::string_view> said = head.values(kHookSignature);
  const std::vector<std::string_view> others = head.values(kAppSignature);
  if (said.size() > 1 || others.size() > 1) return false;
  said.insert(said.end(), others.begin(), others.end());
  return !said.empty() && std::all_of(said.begin(), said.end(), [&](std::string_view text) {
    return text == said.front() &&
           std::any_of(kSecrets.begin(), kSecrets.end(), [&](const std::string& secret) {
             return text == hex_of(hmac_sha256(secret, body));
           });
  });
}

void check(const RequestHead& head, std::string_view body) {
  const Signature signature = check_signature(head, body, kIntegrationSignatures, kSecrets);
  require(signature.is_valid == should_be_valid(head, body), "only a right signature is taken");
  require(!signature.is_valid || !signature.header.empty(), "it came in some header");
  const std::array<std::string, 1> none;
  require(!check_signature(head, body, kIntegrationSignatures, none).is_valid,
          "nothing is signed with an empty secret");
}

/// Right ones among the others.
void check_with_right_ones(RequestHead head, std::string_view body) {
  for (const std::string_view name : kIntegrationSignatures) {
    for (const std::string& secret : kSecrets) {
      head.headers.emplace_back(name, hex_of(hmac_sha256(secret, body)));
      check(head, body);
      head.headers.pop_back();
    }
  }
}

void check_described(const RequestHead& head) {
  const Delivery delivery = described_by(head, {.name = "a", .path = "/"});
  require(delivery.resource.size() <= 64 && is_plain(delivery.resource), "a resource is a word");
  require(delivery.request_id.empty() || delivery.request_id.size() == 32, "an id has its length");
  require(delivery.sent_at.find_first_not_of("0123456789") == std::string::npos,
          "times are digits");
  const auto off = distance(delivery, Instant(std::chrono::hours(500'000)));
  require(off.has_value() == !delivery.sent_at.empty(), "a time is some way off");
  require(!off || *off >= std::chrono::seconds(0), "which is not negative");
  require(sender_of(head, {""}).size() <= 64, "a client is an address, or unknown");
}

}  // namespace

void fuzz(std::string_view input) {
  RequestHead head;
  for (std::size_t end = 0; (end = input.find('\n')) != input.npos;) {
    const std::string_view line = input.substr(0, end);
    input.remove_prefix(end + 1);
    if (line.empty()) continue;
    const auto name = static_cast<unsigned char>(line.front()) % kNames.size();
    head.headers.emplace_back(kNames[name], line.substr(1));
  }
  check(head, input);
  check_with_right_ones(head, input);
  check_described(head);
  for (const auto& [name, value] : head.headers) {
    const auto digest = parse_digest(value);
    require(!digest || hex_of(*digest) == value, "a digest has one form");
  }
}

}  // namespace source_sentry
