#include <array>

#include "sandbox/render/time_text.h"
#include "sandbox/shelves/facts.h"
#include "sandbox/world/release_facts.h"
#include "sandbox/world/release_version.h"

namespace sandbox {
namespace {

namespace chrono = std::chrono;

Row release_stub(const Release& release) {
  return {{"version", release.version},
          {"shortVersion", short_version(release.version)},
          {"ref", nullptr},
          {"url", nullptr},
          {"dateReleased", release.released ? Row(sentry_time(*release.released)) : Row()},
          {"dateCreated", sentry_time(release.created)}};
}

Row shop_repository() {
  return {{"id", "2"},
          {"name", "acme/shop"},
          {"url", "https://github.com/acme/shop"},
          {"provider", {{"id", "integrations:github"}, {"name", "GitHub"}}},
          {"status", "active"},
          {"dateCreated", "2021-10-10T21:36:45.373994Z"},
          {"integrationId", "2933"},
          {"externalSlug", "acme/shop"}};
}

Row author_of(const Scene& scene, Index organization, std::uint64_t number) {
  if (number % 3 == 0) return user_row(scene, user_at(scene, organization, number));
  if (number % 3 == 1) return Row::object();  // nobody known
  return {{"name", "Zoë \"dev\" Roth"}, {"email", "zoe@acme.example"}};
}

Rows commits(const Scene& scene, const ShelfOwner& owner) {
  const Release& release = scene.world.release(owner.index);
  const ReleaseFacts facts = release_facts(scene.world, release);
  Dice dice = dice_for(scene, "commits", release.id);
  Rows rows;
  for (std::uint32_t i = 0; i < facts.drawn_commits; ++i) {
    const std::string id = i == 0 ? facts.sha : sha(dice);
    Row pull = {{"id", std::to_string(3000 + i)},
                {"title", "Count \"Zürich\" once"},
                {"message", nullptr},
                {"dateCreated", sentry_time(release.created - chrono::hours(30))},
                {"mergedAt", sentry_time(release.created - chrono::hours(26))},
                {"status", "merged"},
                {"repository", shop_repository()},
                {"author", {{"name", "Zoë \"dev\" Roth"}, {"email", "zoe@acme.example"}}},
                {"externalUrl", "https://github.com/acme/shop/pull/" + std::to_string(3000 + i)}};
    Row releases = Row::array();
    releases.push_back(release_stub(release));
    rows.push_back({{"id", id},
                    {"message", "fix(cart): count \"Zürich\" once\n\nCloses #" + id.substr(0, 4)},
                    {"dateCreated", sentry_time(release.created - chrono::minutes(7 + 37 * i))},
                    {"pullRequest", i % 3 == 1 ? std::move(pull) : Row()},
                    {"suspectCommitType", ""},
                    {"author", author_of(scene, owner.organization, release.id + i)},
                    {"repository", shop_repository()},
                    {"releases", std::move(releases)}});
  }
  return rows;
}

Rows deploys(const Scene& scene, const ShelfOwner& owner) {
  const Release& release = scene.world.release(owner.index);
  const ReleaseFacts facts = release_facts(scene.world, release);
  const auto added = static_cast<std::uint32_t>(release.deploys.size());
  Rows rows;
  for (std::uint32_t number = 1; number <= facts.drawn_deploys + added; ++number) {
    rows.push_back({{"id", std::to_string(deploy_id(release, number))},
                    {"environment", "production"},
                    {"dateStarted", nullptr},
                    {"dateFinished", sentry_time(deploy_time(facts, release, number))},
                    {"name", release.version + " to production"},
                    {"url", nullptr}});
  }
  return rows;
}

Rows files(const Scene& scene, const ShelfOwner& owner) {
  constexpr std::array<std::string_view, 6> kNames = {
      "~/static/js/app.min.js", "~/static/js/app.min.js.map", "~/static/js/übung #1.js",
      "~/static/js/cart.js",    "~/static/js/cart.js.map",    "~/static/css/a b.css.map"};
  const Release& release = scene.world.release(owner.index);
  Dice dice = dice_for(scene, "release files", release.id);
  const std::uint32_t count = dice.chance(70) ? 0 : 1 + dice.below(kNames.size());
  Rows rows;
  for (std::uint32_t i = 0; i < count; ++i) {
    // Those in the archive of a release have no number.
    const std::string id = i % 4 == 3 ? "XzMwX34vc3RhdGljL2pzL2NhcnQuanM="
                                      : std::to_string(release.id % 1'000'000'000 * 10 + i);
    rows.push_back({{"id", id},
                    {"name", kNames[i]},
                    {"dist", i % 4 == 3 ? Row("30") : Row()},
                    {"headers", {{"Content-Type", "application/javascript"}}},
                    {"size", 100 + dice.below(3'000'000)},
                    {"sha1", sha(dice)},
                    {"dateCreated", sentry_time(release.created + chrono::seconds(5 + i))}});
  }
  return rows;
}

constexpr ShelfSpec kReleaseShelves[] = {
    {"release_commits", OwnerKind::kRelease, commits, "-dateCreated"},
    {"release_deploys", OwnerKind::kRelease, deploys, "-dateFinished"},
    {"release_files", OwnerKind::kRelease, files, "name"},
};

}  // namespace

std::span<const ShelfSpec> release_shelves() { return kReleaseShelves; }

}  // namespace sandbox
