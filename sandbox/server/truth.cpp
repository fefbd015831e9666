#include "sandbox/server/truth.h"

#include <algorithm>
#include <functional>
#include <limits>
#include <vector>

#include "sandbox/api/text.h"
#include "sandbox/render/explore_items.h"
#include "sandbox/render/json_writer.h"
#include "sandbox/render/organization_json.h"
#include "sandbox/render/time_text.h"
#include "sandbox/shelves/shelf.h"
#include "sandbox/world/traits.h"

namespace sandbox {
namespace {

/// How much of each row is written.
enum class Detail { kCount, kId, kRow };

struct TruthForm {
  Detail detail = Detail::kRow;
  std::vector<std::string_view> only;  ///< the lists to write; empty for all
};

/// Writes the lists of some projects and their organization.
class TruthWriter {
 public:
  TruthWriter(const World& world, Index organization, std::vector<Index> projects, TruthForm form,
              Instant now)
      : world_(world),
        organization_index_(organization),
        organization_(world.organization(organization)),
        projects_(std::move(projects)),
        form_(std::move(form)),
        now_(now) {}

  void write_shelves(JsonWriter& json) {
    for (const ShelfSpec& shelf : all_shelves()) {
      // Of these there is one for each of a hundred thousand owners: only who asks gets them.
      const bool costly =
          shelf.is_costly || shelf.owner == OwnerKind::kIssue || shelf.owner == OwnerKind::kRelease;
      if (costly && form_.only.empty()) continue;
      list(json, shelf.name, [&] { rows(json, shelf); });
    }
    if (form_.only.empty()) return;
    list(json, "issue_events", [&] { issue_events(json); });
    list(json, "feedback", [&] { issues(json, true); });
    for (const std::string_view stream : explore_streams()) {
      list(json, stream, [&] { items(json, stream); });
    }
  }

  void write(JsonWriter& json) {
    list(json, "events", [&] { events(json); });
    list(json, "issues", [&] { issues(json); });
    list(json, "releases", [&] { releases(json); });
    list(json, "projects", [&] { projects(json); });
    list(json, "project_keys", [&] { keys(json); });
    list(json, "teams", [&] { teams(json); });
    list(json, "organizations", [&] { organizations(json); });
  }

 private:
  void list(JsonWriter& json, std::string_view name, const std::function<void()>& rows) {
    if (!form_.only.empty() && !holds(form_.only, name)) return;
    count_ = 0;
    json.key(name);
    if (form_.detail == Detail::kCount) {
      rows();
      json.number(count_);
      return;
    }
    json.begin_array();
    rows();
    json.end_array();
  }

  /// Counts a row and writes its id with `append_id` if that is all; true when the rest is to be
  /// written.
  template <typename AppendId>
  bool next(AppendId append_id) {
    ++count_;
    if (form_.detail == Detail::kId) append_id();
    return form_.detail == Detail::kRow;
  }

  void events(JsonWriter& json) {
    for (const Index p : projects_) {
      const auto all = world_.events_between(world_.project(p), world_.kept_from(now_),
                                             std::numeric_limits<Second>::max());
      for (const Index serial : all) {
        if (!next([&] { json.text(world_.id_of(serial).text()); })) continue;
        json.begin_object();
        json.text("id", world_.id_of(serial).text());
        time_field(json, "dateCreated", to_instant(world_.event(serial).at));
        json.id("issue", world_.issue(world_.event(serial).issue).id);
        json.text("project", world_.project(p).slug);
        json.end_object();
      }
    }
  }

  /// All of them, or those alone that are feedback.
  void issues(JsonWriter& json, bool feedback = false) {
    for (const Index p : projects_) {
      for (const Index i : world_.project(p).issues) {
        const Issue& issue = world_.issue(i);
        if (feedback && issue.kind != IssueKind::kFeedback) continue;
        if (!next([&] { json.text(std::to_string(issue.id)); })) continue;
        json.begin_object();
        json.id("id", issue.id);
        json.text("shortId", world_.short_id(issue));
        time_field(json, "firstSeen", world_.first_seen(issue));
        time_field(json, "lastSeen", world_.last_seen(issue));
        json.text("status", to_text(world_.shown_status(issue, now_)));
        json.text("category", issue_category(issue.kind));
        json.text("count", std::to_string(issue.events.size()));
        json.text("project", world_.project(p).slug);
        json.end_object();
      }
    }
  }

  void releases(JsonWriter& json) {
    for (const Index i : organization_.releases) {
      const Release& release = world_.release(i);
      const bool listed = std::any_of(release.projects.begin(), release.projects.end(),
                                      [&](Index p) { return !world_.project(p).deleted; });
      if (!listed || !next([&] { json.number(release.id); })) continue;
      json.begin_object();
      json.number("id", release.id);
      json.text("version", release.version);
      time_field(json, "dateCreated", release.created);
      time_field(json, "dateReleased", release.released);
      json.text("status", release.archived ? "archived" : "open");
      json.key("projects");
      json.begin_array();
      for (const Index p : release.projects) json.text(world_.project(p).slug);
      json.end_array();
      json.end_object();
    }
  }

  void projects(JsonWriter& json) {
    for (const Index p : organization_.projects) {
      const Project& project = world_.project(p);
      if (project.deleted || !next([&] { json.text(std::to_string(project.id)); })) continue;
      json.begin_object();
      json.id("id", project.id);
      json.text("slug", project.slug);
      time_field(json, "dateCreated", project.created);
      json.flag("isMember", project.member);
      json.end_object();
    }
  }

  void keys(JsonWriter& json) {
    for (const Index p : projects_) {
      for (const ClientKey& key : world_.project(p).keys) {
        if (next([&] { json.text(key.public_key); })) json.text(key.public_key);
      }
    }
  }

  void teams(JsonWriter& json) {
    for (const Team& team : organization_.teams) {
      if (!next([&] { json.text(std::to_string(team.id)); })) continue;
      json.begin_object();
      json.id("id", team.id);
      json.text("slug", team.slug);
      json.text("name", team.name);
      json.end_object();
    }
  }

  void organizations(JsonWriter& json) {
    if (!next([&] { json.text(std::to_string(organization_.id)); })) return;
    append_organization(json, organization_, {});
  }

  void rows(JsonWriter& json, const ShelfSpec& shelf) {
    const Addresses nowhere;
    const Scene scene{world_, nowhere, now_};
    for (const ShelfOwner& owner : owners_of(scene, shelf.owner, organization_index_, projects_)) {
      for (Row& row : rows_of(scene, shelf, owner)) {
        const Row found = true_row(scene, shelf, owner, std::move(row));
        if (next([&] { json.raw(found["id"].dump()); })) json.raw(found.dump());
      }
    }
  }

  void items(JsonWriter& json, std::string_view stream) {
    const auto rows = explore_truth(world_, stream, projects_, now_);
    for (const auto& row : *rows) {
      if (next([&] { json.raw(row.front().dump()); })) json.raw(row.dump());
    }
  }

  /// Of all kinds, where `events` are a project's errors and messages.
  void issue_events(JsonWriter& json) {
    for (const Index p : projects_) {
      for (const Index i : world_.project(p).issues) {
        const Issue& issue = world_.issue(i);
        for (const Index serial : world_.events_between(issue, world_.kept_from(now_),
                                                        std::numeric_limits<Second>::max())) {
          if (!next([&] { json.text(world_.id_of(serial).text()); })) continue;
          json.begin_object();
          json.text("id", world_.id_of(serial).text());
          json.id("issueId", issue.id);
          time_field(json, "dateCreated", to_instant(world_.event(serial).at));
          json.end_object();
        }
      }
    }
  }

  const World& world_;
  Index organization_index_;
  const Organization& organization_;
  std::vector<Index> projects_;
  TruthForm form_;
  Instant now_;
  std::size_t count_ = 0;
};

std::vector<Index> present_projects(const World& world, Index organization) {
  std::vector<Index> present;
  for (const Index p : world.organization(organization).projects) {
    if (!world.project(p).deleted) present.push_back(p);
  }
  return present;
}

void write_overview(JsonWriter& json, const World& world, Instant now) {
  json.key("organizations");
  json.begin_object();
  for (Index i = 0; i < world.organizations().size(); ++i) {
    const std::vector<Index> projects = present_projects(world, i);
    json.key(world.organization(i).slug);
    json.begin_object();
    json.id("id", world.organization(i).id);
    json.key("slugs");
    json.begin_array();
    for (const Index p : projects) json.text(world.project(p).slug);
    json.end_array();
    TruthWriter(world, i, projects, {Detail::kCount, {}}, now).write(json);
    json.end_object();
  }
  json.end_object();
}

}  // namespace

std::optional<std::string> truth(const World& world, const QueryString& query, Instant now) {
  std::string out;
  JsonWriter json(out);
  json.begin_object();
  time_field(json, "now", now);
  if (const auto name = query.get("organization")) {
    const auto organization = world.find_organization(*name);
    if (!organization) return std::nullopt;
    std::vector<Index> projects = present_projects(world, *organization);
    if (const auto slug = query.get("project")) {
      const auto project = world.find_project(*organization, *slug);
      if (!project) return std::nullopt;
      projects = {*project};
    }
    TruthForm form{Detail::kRow, query.all("only")};
    if (query.is("ids", "1")) form.detail = Detail::kId;
    if (query.is("count", "1")) form.detail = Detail::kCount;
    TruthWriter writer(world, *organization, std::move(projects), std::move(form), now);
    writer.write(json);
    writer.write_shelves(json);
  } else {
    write_overview(json, world, now);
  }
  json.end_object();
  return out;
}

}  // namespace sandbox
