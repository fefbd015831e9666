#include "sandbox/world/release_facts.h"

#include <algorithm>

#include "sandbox/world/random.h"

namespace sandbox {

ReleaseFacts release_facts(const World& world, const Release& release) {
  Dice random(combine(world.seed() ^ hash_text("release facts"), release.id));
  ReleaseFacts facts;
  facts.drawn_commits = random.chance(30) ? 0 : 1 + random.below(25);
  facts.drawn_deploys = random.chance(40) ? 0 : 1 + random.below(3);
  facts.authors = facts.drawn_commits == 0 ? 0 : 1 + random.below(3);
  facts.owned = random.chance(10);
  facts.has_ref = random.chance(60);
  const std::uint64_t high = random.next();
  const std::uint64_t low = random.next();
  facts.sha = EventId{high, low}.text() + EventId{high ^ low, low}.text().substr(0, 8);
  const auto with = [](std::uint32_t drawn, std::int32_t change) {
    return static_cast<std::uint32_t>(std::max<std::int64_t>(0, std::int64_t{drawn} + change));
  };
  const auto added = static_cast<std::uint32_t>(release.deploys.size());
  facts.commits = with(facts.drawn_commits, release.commits_changed);
  facts.deploys = with(facts.drawn_deploys + added, release.deploys_changed);
  return facts;
}

Instant deploy_time(const ReleaseFacts& facts, const Release& release, std::uint32_t number) {
  if (number > facts.drawn_deploys) return release.deploys[number - facts.drawn_deploys - 1];
  return release.created + std::chrono::seconds(931 - 300 * (facts.drawn_deploys - number));
}

std::uint64_t deploy_id(const Release& release, std::uint32_t number) {
  return release.id % 100'000'000 * 1000 + number;
}

}  // namespace sandbox
