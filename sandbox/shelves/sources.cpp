#include <array>

#include "sandbox/render/time_text.h"
#include "sandbox/shelves/facts.h"

namespace sandbox {
namespace {

namespace chrono = std::chrono;

Row provider_of(std::size_t number) {
  if (number % 3 == 2) return {{"id", "integrations:gitlab"}, {"name", "GitLab"}};
  return {{"id", "integrations:github"}, {"name", "GitHub"}};
}

Rows repositories(const Scene& scene, const ShelfOwner& owner) {
  constexpr std::array<std::string_view, 12> kNames = {
      "shop",  "shop-ios", "docs",      "infrastructure", "payments", "old-shop",
      "tools", "fonts",    "data-lake", "pipelines",      "sandbox",  "website"};
  const Organization& organization = scene.world.organization(owner.organization);
  Rows rows;
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    const std::string name = organization.slug + "/" + std::string(kNames[i]);
    const char* status = i == 5    ? "disabled"
                         : i == 8  ? "hidden"
                         : i == 10 ? "pending_deletion"
                                   : "active";
    const std::string host = i % 3 == 2 ? "https://gitlab.com/" : "https://github.com/";
    rows.push_back({{"id", std::to_string(2 + owner.organization * 1000 + i * 3)},
                    {"name", name},
                    {"url", host + name},
                    {"provider", provider_of(i)},
                    {"status", status},
                    {"dateCreated", sentry_time(organization.created + chrono::hours(50 + i))},
                    {"integrationId", i % 3 == 2 ? "2934" : "2933"},
                    {"externalSlug", name},
                    {"externalId", std::to_string(90'001 + i)}});
  }
  return rows;
}

Rows ownership(const Scene& scene, const ShelfOwner& owner) {
  const Project& project = scene.world.project(owner.index);
  const bool written = owner.index % 3 != 2;
  const std::string created = sentry_time(project.created + chrono::hours(3));
  Row row = {{"raw", written ? Row("path:src/checkout/* #platform\nurl:*/übung/* "
                                   "user1@acme.example\ntags.sku:\"a b\" #storefront\n")
                             : Row()},
             {"fallthrough", true},
             {"dateCreated", written ? Row(created) : Row()},
             {"lastUpdated", written ? Row(created) : Row()},
             {"isActive", true},
             {"autoAssignment", "Auto Assign to Issue Owner"},
             {"codeownersAutoSync", true}};
  return {std::move(row)};
}

Rows codeowners(const Scene& scene, const ShelfOwner& owner) {
  const Project& project = scene.world.project(owner.index);
  if (owner.index % 2 == 1) return {};
  Row row = {{"id", std::to_string(31'000 + owner.index)},
             {"raw", "docs/* @acme/writers\n*.ts @acme/storefront\n"},
             {"dateCreated", sentry_time(project.created + chrono::hours(5))},
             {"dateUpdated", sentry_time(project.created + chrono::hours(6))},
             {"provider", "github"},
             {"codeMappingId", std::to_string(41'000 + owner.index)},
             {"ownershipSyntax", "codeowners:docs/* #data\n"},
             {"errors",
              {{"missing_external_teams", Row::array()},
               {"missing_external_users", Row::array()},
               {"missing_user_emails", Row::array()},
               {"teams_without_access", Row::array()},
               {"users_without_access", Row::array()}}}};
  return {std::move(row)};
}

/// Only what is compiled has them.
Rows debug_files(const Scene& scene, const ShelfOwner& owner) {
  const Project& project = scene.world.project(owner.index);
  const bool compiled = project.platform == Platform::kCocoa || project.platform == Platform::kJava;
  Dice dice = dice_for(scene, "debug files", project.id);
  const std::uint32_t count = compiled ? 45 + dice.below(90) : 0;
  Rows rows;
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::string id = uuid(dice);
    const bool mapping = project.platform == Platform::kJava;
    Row headers = {
        {"Content-Type", mapping ? "text/x-proguard+plain" : "application/x-mach-binary"}};
    Row data = mapping ? Row{{"features", {"mapping"}}}
                       : Row{{"type", "dbg"}, {"features", {"symtab", "debug", "unwind"}}};
    rows.push_back({{"id", std::to_string(1'066'700'000 + owner.index * 1000 + i * 4)},
                    {"uuid", id},
                    {"debugId", id},
                    {"codeId", mapping ? Row() : Row(hex_id(dice))},
                    {"cpuName", mapping ? "any" : "arm64"},
                    {"objectName", mapping ? "proguard-mapping" : "Shop.framework/Shop"},
                    {"symbolType", mapping ? "proguard" : "macho"},
                    {"headers", std::move(headers)},
                    {"size", 4'000 + dice.below(90'000'000)},
                    {"sha1", sha(dice)},
                    {"dateCreated", sentry_time(drawn_for(scene) - chrono::hours(4 * (count - i)))},
                    {"data", std::move(data)}});
  }
  return rows;
}

/// Passwords are hidden, by objects in their place.
Rows symbol_sources(const Scene& scene, const ShelfOwner& owner) {
  const Project& project = scene.world.project(owner.index);
  Row hidden = {{"hidden-secret", true}};
  Rows rows;
  if (owner.index % 3 != 1) {
    rows.push_back({{"id", "own-" + project.slug},
                    {"name", "Symbole «" + project.slug + "»"},
                    {"layout", {{"type", "native"}, {"casing", "default"}}},
                    {"type", "http"},
                    {"url", "https://symbols.acme.example/" + project.slug},
                    {"username", "symbols"},
                    {"password", hidden}});
  }
  if (owner.index % 2 == 0) {
    rows.push_back({{"id", "bucket-" + project.slug},
                    {"name", "Bucket"},
                    {"layout", {{"type", "unified"}}},
                    {"type", "s3"},
                    {"bucket", "acme-symbols"},
                    {"region", "eu-central-1"},
                    {"access_key", "AKIAEXAMPLE"},
                    {"secret_key", std::move(hidden)}});
  }
  return rows;
}

Rows service_hooks(const Scene& scene, const ShelfOwner& owner) {
  const Project& project = scene.world.project(owner.index);
  Dice dice = dice_for(scene, "service hooks", project.id);
  Rows rows;
  for (std::uint32_t i = 0; i < owner.index % 3; ++i) {
    rows.push_back({{"id", hex_id(dice)},
                    {"url", "https://hooks.acme.example/" + project.slug + "/" + std::to_string(i)},
                    {"secret", hex_id(dice) + hex_id(dice)},
                    {"status", i == 0 ? "active" : "disabled"},
                    {"events", {"event.alert", "event.created"}},
                    {"dateCreated", sentry_time(project.created + chrono::hours(9 + i))}});
  }
  return rows;
}

constexpr ShelfSpec kSourceShelves[] = {
    {"repositories", OwnerKind::kOrganization, repositories, "name"},
    {"project_ownership", OwnerKind::kProject, ownership, "", ""},
    {"codeowners", OwnerKind::kProject, codeowners, "id"},
    {"symbol_sources", OwnerKind::kProject, symbol_sources},
    {"debug_files", OwnerKind::kProject, debug_files, "-id"},
    {"service_hooks", OwnerKind::kProject, service_hooks, "-dateCreated"},
};

}  // namespace

std::span<const ShelfSpec> source_shelves() { return kSourceShelves; }

}  // namespace sandbox
