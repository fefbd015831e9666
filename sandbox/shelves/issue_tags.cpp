#include "sandbox/shelves/issue_tags.h"

#include <array>

#include "sandbox/shelves/tag_counts.h"

namespace sandbox {
namespace {

constexpr std::size_t kTopValues = 10;

std::vector<TagKey> tags_of(const Scene& scene, const Issue& issue) {
  const World& world = scene.world;
  const std::array<TagSource, 4> sources = {environment_tag(world), level_tag(world),
                                            release_tag(world, world.project(issue.project)),
                                            user_tag(world)};
  return count_tags(world, issue.events, sources);
}

}  // namespace

Rows issue_tags(const Scene& scene, const ShelfOwner& owner) {
  Rows rows;
  for (const TagKey& tag : tags_of(scene, scene.world.issue(owner.index))) {
    Row top = Row::array();
    for (const TagValue& value : tag.values) {
      if (top.size() < kTopValues) top.push_back(tag_value_row(tag, value));
    }
    rows.push_back({{"key", tag.key},
                    {"name", tag.name},
                    {"uniqueValues", tag.unique},
                    {"totalValues", tag.total},
                    {"topValues", std::move(top)}});
  }
  return rows;
}

Rows issue_tag_values(const Scene& scene, const ShelfOwner& owner) {
  Rows rows;
  for (const TagKey& tag : tags_of(scene, scene.world.issue(owner.index))) {
    for (const TagValue& value : tag.values) rows.push_back(tag_value_row(tag, value));
  }
  return rows;
}

}  // namespace sandbox
