#include "sandbox/render/release_json.h"

#include <algorithm>
#include <array>

#include "sandbox/render/organization_json.h"
#include "sandbox/render/time_text.h"
#include "sandbox/world/random.h"
#include "sandbox/world/release_facts.h"
#include "sandbox/world/release_version.h"
#include "sandbox/world/traits.h"

namespace sandbox {
namespace {

namespace chrono = std::chrono;

void append_version_info(JsonWriter& json, std::string_view version) {
  json.key("versionInfo");
  if (is_sha(version)) {
    json.begin_object();
    json.null("package");
    json.raw("\"version\":{\"raw\":" + json_text(version) + "}");
    json.text("description", version.substr(0, 12));
    json.text("buildHash", version);
    json.end_object();
    return;
  }
  const SemanticVersion parsed = parse_version(version);
  if (parsed.numbers.empty()) {
    json.null();
    return;
  }
  const std::string_view raw = version.substr(parsed.package.size() + 1);
  json.begin_object();
  json.text("package", parsed.package);
  json.key("version");
  json.begin_object();
  json.text("raw", raw);
  json.number("major", parsed.numbers[0]);
  json.number("minor", parsed.numbers[1]);
  json.number("patch", parsed.numbers[2]);
  json.null("pre");
  json.text_or_null("buildCode", parsed.build);
  json.number("components", 3);
  json.end_object();
  json.text("description", parsed.build.empty() ? std::string(raw)
                                                : std::string(raw.substr(0, raw.find('+'))) + " (" +
                                                      parsed.build + ")");
  json.null("buildHash");
  json.end_object();
}

void append_commit(JsonWriter& json, const Release& release, const ReleaseFacts& facts) {
  json.key("lastCommit");
  if (facts.commits == 0 || !release.last_commit.empty()) {
    json.raw(facts.commits == 0 ? "null" : release.last_commit);
    return;
  }
  json.begin_object();
  json.text("id", facts.sha);
  json.text("message", "fix(cart): count \"Zürich\" once\n\nCloses #" + facts.sha.substr(0, 4));
  time_field(json, "dateCreated", release.created - chrono::minutes(7));
  json.raw(R"("repository":{"id":"2","name":"acme/shop","url":"https://github.com/acme/shop",)"
           R"("provider":{"id":"integrations:github","name":"GitHub"},"status":"active",)"
           R"("externalSlug":"acme/shop","integrationId":"2933",)"
           R"("dateCreated":"2021-10-10T21:36:45.373994Z"})");
  json.raw(R"("author":{"name":"Zoë \"dev\" Roth","email":"zoe@acme.example"})");
  json.raw(R"("pullRequest":null,"suspectCommitType":"")");
  json.end_object();
}

void append_deploy(JsonWriter& json, const Release& release, const ReleaseFacts& facts) {
  json.key("lastDeploy");
  if (facts.deploys == 0 || !release.last_deploy.empty()) {
    json.raw(facts.deploys == 0 ? "null" : release.last_deploy);
    return;
  }
  json.begin_object();
  json.id("id", deploy_id(release, facts.deploys));
  json.text("environment", "production");
  json.null("dateStarted");
  time_field(json, "dateFinished", deploy_time(facts, release, facts.deploys));
  json.text("name", release.version + " to production");
  json.null("url");
  json.end_object();
}

std::uint32_t new_groups(const World& world, const Project& project, Index release) {
  const World::Span span = world.running(project, release);
  const auto earlier = [&](Index issue, Second when) {
    return world.event(world.issue(issue).events.front()).at < when;
  };
  const auto begin =
      std::lower_bound(project.issues.begin(), project.issues.end(), span.from, earlier);
  const auto end = std::lower_bound(begin, project.issues.end(), span.to, earlier);
  return static_cast<std::uint32_t>(end - begin);
}

struct Activity {
  std::optional<Instant> first;
  std::optional<Instant> last;
  std::uint32_t new_groups = 0;
};

Activity activity_of(const World& world, Index release) {
  Activity activity;
  for (const Index p : world.release(release).projects) {
    const Project& project = world.project(p);
    const World::Span span = world.running(project, release);
    const auto events = world.events_between(project, span.from, span.to);
    activity.new_groups += new_groups(world, project, release);
    if (events.empty()) continue;
    const Instant first = world.time_of(events.front());
    const Instant last = world.time_of(events.back());
    activity.first = activity.first ? std::min(*activity.first, first) : first;
    activity.last = activity.last ? std::max(*activity.last, last) : last;
  }
  return activity;
}

void append_projects(JsonWriter& json, const World& world, Index release, bool health) {
  json.key("projects");
  json.begin_array();
  for (const Index p : world.release(release).projects) {
    const Project& project = world.project(p);
    if (project.deleted) continue;
    const std::string_view platform = vocabulary(project.platform).platform;
    json.begin_object();
    json.number("id", project.id);
    json.text("slug", project.slug);
    json.text("name", project.name);
    json.number("newGroups", new_groups(world, project, release));
    json.text("platform", platform);
    json.key("platforms");
    json.begin_array();
    json.text(platform);
    json.end_array();
    json.flag("hasHealthData", false);
    if (health) {
      json.raw(
          R"("healthData":{"durationP50":null,"durationP90":null,"crashFreeUsers":99.98765,)"
          R"("crashFreeSessions":100.0,"totalUsers":0,"totalUsers24h":0,"totalProjectUsers24h":0,)"
          R"("totalSessions":0,"totalSessions24h":0,"totalProjectSessions24h":0,"adoption":null,)"
          R"("sessionsAdoption":null,"sessionsCrashed":0,"sessionsErrored":0,)"
          R"("hasHealthData":false,"stats":{}})");
    }
    json.end_object();
  }
  json.end_array();
}

void append_authors(JsonWriter& json, const World& world, const Release& release,
                    const ReleaseFacts& facts) {
  const Organization& owner = world.organization(world.project(release.projects[0]).organization);
  json.key("authors");
  json.begin_array();
  for (std::uint32_t i = 0; i < facts.authors; ++i) {
    if (i == 0 && release.id % 4 == 1) {
      append_user(json, owner.users[1]);
      continue;
    }
    // Who committed without an account is known by name and address only.
    json.begin_object();
    json.text("name", people()[(release.id + i) % people().size()]);
    json.text("email", "dev" + std::to_string(i) + "@contractor.example");
    json.end_object();
  }
  json.end_array();
}

/// What every form of a release opens with.
void append_head(JsonWriter& json, const Release& release, const ReleaseFacts& facts,
                 bool early = false) {
  if (!early) json.number("id", release.id);
  json.text("version", release.version);
  if (!early) {
    json.text("status", release.archived ? "archived" : "open");
    append_version_info(json, release.version);
  }
  json.text_or_null("ref", facts.has_ref ? "release/" + facts.sha.substr(0, 7) : "");
  json.text_or_null("url", facts.has_ref ? "https://deploy.acme.example/" + facts.sha : "");
  time_field(json, "dateReleased", release.released);
  time_field(json, "dateCreated", release.created);
  json.raw(R"("data":{})");
  json.number("commitCount", facts.commits);
  json.number("deployCount", facts.deploys);
  if (!early) json.text_or_null("userAgent", facts.has_ref ? "sentry-cli/2.39.1" : "");
}

}  // namespace

bool seen_in(const World& world, Index release, std::size_t environment) {
  const std::uint64_t roll =
      combine(world.seed() ^ hash_text("seen in"), world.release(release).id);
  return environment == 0 || ((roll >> environment) & 1) != 0;
}

void append_release(JsonWriter& json, const World& world, Index release,
                    const ReleaseExtras& extras) {
  const Release& row = world.release(release);
  const ReleaseFacts facts = release_facts(world, row);
  const Activity activity = activity_of(world, release);
  json.begin_object();
  append_head(json, row, facts, extras.early);
  json.text("shortVersion", short_version(row.version));
  json.number("newGroups", activity.new_groups);
  json.key("owner");
  if (facts.owned) {
    append_user(json, world.organization(world.project(row.projects[0]).organization).users[0]);
  } else {
    json.null();
  }
  append_commit(json, row, facts);
  append_deploy(json, row, facts);
  append_authors(json, world, row, facts);
  append_projects(json, world, release, extras.health);
  time_field(json, "firstEvent", activity.first);
  time_field(json, "lastEvent", activity.last);
  if (!extras.early) json.raw(R"("currentProjectMeta":{})");
  if (extras.adoption_stages) json.raw(R"("adoptionStages":{})");
  json.end_object();
}

void append_event_release(JsonWriter& json, const World& world, Index release) {
  const Release& row = world.release(release);
  const ReleaseFacts facts = release_facts(world, row);
  json.begin_object();
  append_head(json, row, facts);
  append_commit(json, row, facts);
  append_deploy(json, row, facts);
  json.end_object();
}

void append_release_info(JsonWriter& json, const World& world, Index release) {
  const Release& row = world.release(release);
  const ReleaseFacts facts = release_facts(world, row);
  json.begin_object();
  append_head(json, row, facts);
  json.text("shortVersion", short_version(row.version));
  json.end_object();
}

}  // namespace sandbox
