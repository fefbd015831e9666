#include <algorithm>

#include "sandbox/render/time_text.h"
#include "sandbox/shelves/facts.h"

namespace sandbox {
namespace {

namespace chrono = std::chrono;

/// What was uploaded for releases, in the order of the upload.
Rows artifact_bundles(const Scene& scene, const ShelfOwner& owner) {
  const Project& project = scene.world.project(owner.index);
  Dice dice = dice_for(scene, "artifact bundles", project.id);
  const std::uint32_t count = owner.index == 0 ? 130 : dice.below(12);
  Rows rows;
  for (std::uint32_t i = 0; i < count; ++i) {
    Row associations = Row::array();
    for (std::uint32_t number = 0; number < i % 3; ++number) {
      const std::string release = project.slug + "@1." + std::to_string(i) + ".0+übung";
      associations.push_back({{"release", release}, {"dist", number == 0 ? Row() : Row("30")}});
    }
    const Instant at = drawn_for(scene) - chrono::hours(3 * (count - i));
    // In whole seconds, other than all else.
    const std::string date = sentry_time(at).substr(0, 19) + "Z";
    rows.push_back({{"bundleId", uuid(dice)},
                    {"associations", std::move(associations)},
                    {"fileCount", 1 + dice.below(900)},
                    {"dateModified", i % 4 == 0 ? Row(date) : Row()},
                    {"date", date}});
  }
  return rows;
}

/// As Python writes times.
std::string python_time(Instant at) {
  std::string text = sentry_time(at);
  return text.replace(text.size() - 1, 1, "+00:00");
}

/// What releases have of the older form, counted only where there is something.
Rows source_map_archives(const Scene& scene, const ShelfOwner& owner) {
  const ShelfSpec& files = *find_shelf("release_files");
  Rows rows;
  for (const Index index : scene.world.organization(owner.organization).releases) {
    const Release& release = scene.world.release(index);
    if (std::ranges::find(release.projects, owner.index) == release.projects.end()) continue;
    const auto of =
        rows_of(scene, files, {owner.organization, index, std::to_string(release.id), {}});
    rows.push_back({{"type", "release"},
                    {"id", release.id},
                    {"name", release.version},
                    {"date", sentry_time(release.created)},
                    {"fileCount", of.empty() ? Row(-1) : Row(of.size())}});
  }
  return rows;
}

Row app_row(const Project& project, std::uint64_t number, Instant at) {
  const bool apple = number % 2 == 0;
  return {{"app_id", "example.acme." + project.slug},
          {"name", "Shop «" + project.slug + "»"},
          {"version", "1." + std::to_string(number) + ".0"},
          {"build_number", 100 + number},
          {"date_added", python_time(at)},
          {"date_built", number % 5 == 0 ? Row() : Row(python_time(at - chrono::minutes(9)))},
          {"artifact_type", apple ? 0 : 1},
          {"platform", apple ? "apple" : "android"},
          {"build_configuration", number % 3 == 0 ? Row("Release") : Row()},
          {"app_icon_id", nullptr},
          {"apple_app_info", apple ? Row{{"has_missing_dsym_binaries", false}} : Row()},
          {"android_app_info", apple ? Row() : Row{{"has_proguard_mapping", true}}}};
}

/// Of an analysis: pending, done or failed, each with members of its own.
Row size_row(std::uint64_t number, Dice& dice) {
  if (number % 4 == 0) return {{"state", 0}};
  if (number % 4 == 1) {
    return {{"state", 3}, {"error_code", 2}, {"error_message", "Cannot read «classes.dex»"}};
  }
  const std::uint64_t download = 9'000'000 + dice.below(40'000'000);
  Row metrics = {{{"metrics_artifact_type", 0},
                  {"install_size_bytes", 2 * download},
                  {"download_size_bytes", download}}};
  return {{"state", 2},
          {"install_size_bytes", 2 * download},
          {"download_size_bytes", download},
          {"size_metrics", std::move(metrics)},
          {"base_size_metrics", Row::array()}};
}

/// Of the first two projects. Downloads are counted all the time.
Rows builds(const Scene& scene, const ShelfOwner& owner) {
  const Organization& organization = scene.world.organization(owner.organization);
  Dice dice = dice_for(scene, "builds", owner.organization);
  const auto projects = present_projects_of(scene.world, owner.organization);
  constexpr std::uint64_t kBuilds = 120;
  Rows rows;
  for (std::uint64_t i = 0; i < kBuilds && !projects.empty(); ++i) {
    const Project& project =
        scene.world.project(projects[i % std::min<std::size_t>(projects.size(), 2)]);
    const std::string id = std::to_string(88'000 + owner.organization * 1000 + i);
    const Instant at = drawn_for(scene) - chrono::hours(2 * (kBuilds - i));
    const std::string url = "https://" + organization.slug + ".sentry.example/preprod/" + id + "/";
    Row changes = {{"head_sha", sha(dice)},     {"base_sha", i % 3 == 0 ? Row() : Row(sha(dice))},
                   {"provider", "github"},      {"head_repo_name", "acme/shop-ios"},
                   {"base_repo_name", nullptr}, {"head_ref", "feature/übung"},
                   {"base_ref", "main"},        {"pr_number", i % 3 == 0 ? Row() : Row(40 + i)}};
    Row distribution = {{"is_installable", i % 2 == 0},
                        {"download_count", (scene.now - at) / chrono::hours(1)},
                        {"release_notes", nullptr},
                        {"error_code", nullptr},
                        {"error_message", nullptr}};
    rows.push_back({{"id", id},
                    {"state", 3},
                    {"app_info", app_row(project, i, at)},
                    {"vcs_info", std::move(changes)},
                    {"project_id", project.id},
                    {"project_slug", project.slug},
                    {"artifact_url", url},
                    {"install_url", url + "install/"},
                    {"distribution_info", std::move(distribution)},
                    {"size_info", i % 7 == 6 ? Row() : size_row(i, dice)},
                    {"posted_status_checks",
                     i % 2 == 0 ? Row() : Row{{"size", {{"success", true}, {"check_id", "c1"}}}}},
                    {"base_artifact_id", i % 2 == 0 || i < 2 ? Row() : Row(std::to_string(88'000))},
                    {"base_build_info", nullptr},
                    {"snapshot_comparison_info", nullptr},
                    {"_date_added", sentry_time(at)}});
  }
  return rows;
}

constexpr ShelfSpec kArtifactShelves[] = {
    {"artifact_bundles", OwnerKind::kProject, artifact_bundles, "date", "bundleId"},
    {"source_map_archives", OwnerKind::kProject, source_map_archives, "date"},
    {"builds", OwnerKind::kOrganization, builds, "-_date_added"},
};

}  // namespace

std::span<const ShelfSpec> artifact_shelves() { return kArtifactShelves; }

}  // namespace sandbox
