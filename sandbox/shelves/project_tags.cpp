#include "sandbox/shelves/project_tags.h"

#include <array>

#include "sandbox/shelves/facts.h"
#include "sandbox/shelves/tag_counts.h"
#include "sandbox/world/traits.h"
#include "sandbox/world/vocabulary.h"

namespace sandbox {
namespace {

/// A tag that a project's own code sets on some of its events, to one of a few words.
TagSource own_tag(const World& world, const std::string& key, std::string name,
                  std::span<const std::string_view> words, unsigned percent) {
  const std::uint64_t purpose = hash_text(key);
  return {key, std::move(name),
          [&world, purpose, words, percent](Index serial) -> std::optional<std::uint64_t> {
            Dice dice(combine(world.seed() ^ serial, purpose));
            if (!dice.chance(percent)) return std::nullopt;
            return dice.below(words.size());
          },
          [words](std::uint64_t value) { return std::string(words[value]); }};
}

TagSource browser_tag(const World& world) {
  return {"browser", "Browser",
          [&world](Index serial) -> std::optional<std::uint64_t> {
            return event_browser(world, serial);
          },
          [](std::uint64_t value) { return std::string(browsers()[value]); }};
}

std::vector<TagKey> tags_of(const Scene& scene, const Project& project) {
  static constexpr std::array<std::string_view, 4> kSteps = {"address", "payment / card", "50 %",
                                                             "übersicht"};
  static constexpr std::array<std::string_view, 5> kTowns = {"Zürich", "Genève", "São Paulo",
                                                             "\"HQ\"", "東京"};
  const World& world = scene.world;
  Dice dice = dice_for(scene, "project tags", project.id);
  std::vector<TagSource> sources = {browser_tag(world), environment_tag(world), level_tag(world),
                                    release_tag(world, project), user_tag(world)};
  // Keys with anything in them.
  if (dice.chance(60)) {
    sources.push_back(own_tag(world, "checkout/step two", "Checkout/Step Two", kSteps, 30));
  }
  if (dice.chance(60)) sources.push_back(own_tag(world, "büro.ort", "Büro.Ort", kTowns, 50));
  return count_tags(world, project.events, sources);
}

}  // namespace

Rows project_tags(const Scene& scene, const ShelfOwner& owner) {
  Rows rows;
  for (const TagKey& tag : tags_of(scene, scene.world.project(owner.index))) {
    const bool kept = tag.key == "environment" || tag.key == "level" || tag.key == "release";
    rows.push_back(
        {{"key", tag.key}, {"name", tag.name}, {"uniqueValues", tag.unique}, {"canDelete", !kept}});
  }
  return rows;
}

Rows project_tag_values(const Scene& scene, const ShelfOwner& owner) {
  Rows rows;
  for (const TagKey& tag : tags_of(scene, scene.world.project(owner.index))) {
    for (const TagValue& value : tag.values) rows.push_back(tag_value_row(tag, value));
  }
  return rows;
}

}  // namespace sandbox
