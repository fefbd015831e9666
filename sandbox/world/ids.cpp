#include "sandbox/world/ids.h"

#include <array>
#include <string_view>

#include "sandbox/world/event_ids.h"

namespace sandbox {

namespace chrono = std::chrono;

std::uint64_t next_project_id(std::size_t index) {
  return index % 3 == 1 ? 9007199254740993U + index * 65536 : 4507318402998272U + index * 65536;
}

std::uint64_t next_issue_id(std::uint64_t previous) {
  constexpr std::uint64_t kFirst = 6812345678900000001U;
  return previous == 0 ? kFirst : previous + 1 + mix(previous) % 20'000;
}

std::uint64_t next_release_id(std::uint64_t previous) {
  constexpr std::uint64_t kFirst = 9007199254741993U;
  return previous == 0 ? kFirst : previous + 2 + 2 * (mix(previous) % 40);
}

std::vector<ClientKey> make_keys(std::uint64_t seed, const Project& project, std::size_t count) {
  constexpr std::array<std::string_view, 3> kLabels = {"Default", "iOS \"prod\"", "Späte Prüfung"};
  std::vector<ClientKey> keys;
  for (std::size_t i = 0; i < count; ++i) {
    Dice random(combine(seed ^ hash_text("key"), project.id + i));
    ClientKey key;
    key.row = project.id / 16 + i;
    key.public_key = random_hex(random);
    key.secret_key = random_hex(random);
    key.label = kLabels[i % kLabels.size()];
    key.created = project.created + chrono::seconds(i * 86'400);
    key.active = i != 1;
    key.rate_limited = i == 2;
    keys.push_back(std::move(key));
  }
  return keys;
}

std::string random_hex(Dice& random) {
  const std::uint64_t high = random.next();
  return EventId{high, random.next()}.text();
}

}  // namespace sandbox
