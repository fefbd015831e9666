#include "sandbox/world/builder.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "sandbox/world/history.h"
#include "sandbox/world/ids.h"
#include "sandbox/world/random.h"
#include "sandbox/world/vocabulary.h"

namespace sandbox {
namespace {

namespace chrono = std::chrono;

constexpr Second kDay = 86'400;

/// Which projects one organization has and how much is in them.
struct Sizes {
  std::uint32_t events = 0;
  std::uint32_t issues = 0;
  std::uint32_t releases = 0;
};

class Builder {
 public:
  explicit Builder(const WorldPlan& plan) : plan_(plan) {
    // One hour short of the full span: nothing reaches the end of its retention during a test.
    const Second span = plan.days * kDay;
    const Second margin = span > 7200 ? 3600 : 0;
    from_ = plan.start > span ? plan.start - span + margin : 0;
    to_ = plan.start - 3;
    tables_.seed = plan.seed;
    tables_.retention = plan.retention_days * kDay;
    tables_.start = plan.start;
  }

  WorldTables build() {
    add_organization("acme", "Acme AG");
    add_organization("globex", "Globex \"Labs\" Ltd");
    add_projects();
    add_releases(0, plan_.releases);
    add_releases(1, 4);
    add_history(0, {plan_.events, plan_.issues, plan_.releases});
    add_history(1, {12, 5, 4});
    order_issues();
    describe_issues();
    return std::move(tables_);
  }

 private:
  Dice dice(std::string_view purpose, std::uint64_t index) const {
    return Dice(combine(plan_.seed ^ hash_text(purpose), index));
  }

  Instant before_history(std::uint32_t days, Dice& random) const {
    return to_instant(from_) - chrono::days(days) +
           chrono::microseconds(random.next() % 86'400'000'000U);
  }

  void add_organization(std::string slug, std::string name) {
    Organization one;
    const std::size_t index = tables_.organizations.size();
    Dice random = dice("organization", index);
    one.id = 4505000000000001U + 6 * index;
    one.slug = std::move(slug);
    one.name = std::move(name);
    one.created = before_history(2000 - static_cast<std::uint32_t>(index) * 300, random);
    const std::vector<std::string> teams = {"platform", "storefront", "mobile", "data", "sre"};
    for (std::size_t i = 0; i < teams.size(); ++i) {
      one.teams.push_back({4506000000000011U + 10 * i + index * 100, teams[i], "#" + teams[i]});
    }
    for (std::size_t i = 0; i < people().size(); ++i) {
      const std::string number = std::to_string(i + 1);
      one.users.push_back({2100001 + 17 * i, std::string(people()[i]),
                           "user" + number + "@" + one.slug + ".example"});
    }
    tables_.organizations.push_back(std::move(one));
  }

  void add_projects() {
    for (std::uint32_t i = 0; i < plan_.projects; ++i) {
      std::string slug(project_words()[i % project_words().size()]);
      if (i >= project_words().size()) slug += "-" + std::to_string(i / project_words().size() + 1);
      add_project(0, std::move(slug), i);
    }
    add_project(1, "lab", 0);
  }

  void add_project(Index organization, std::string slug, std::uint32_t i) {
    constexpr std::array<Platform, 4> kPlatforms = {Platform::kJavascript, Platform::kPython,
                                                    Platform::kCocoa, Platform::kJava};
    Project one;
    const std::size_t index = tables_.projects.size();
    Dice random = dice("project", index);
    one.id = next_project_id(index);
    one.organization = organization;
    one.name = slug == "api"      ? "Zürich API"
               : slug == "mobile" ? "Mobile 📱 \"shop\""
               : slug == "search" ? "検索 (Search)"
                                  : static_cast<char>(slug[0] - 'a' + 'A') + slug.substr(1);
    one.slug = std::move(slug);
    one.platform = kPlatforms[i % kPlatforms.size()];
    one.created = before_history(30 + i % 900, random);
    // Both defaults that hide or reorder rows (sentry-api.md 4.1) show with three projects already.
    one.bookmarked = i % 5 == 1;
    one.member = i % 3 != 2;
    one.resolve_age = i % 4 == 1 ? 7 * 24 : 0;
    one.teams = {static_cast<std::uint8_t>(i % 5)};
    if (i % 3 == 1) one.teams.push_back(static_cast<std::uint8_t>((i + 2) % 5));
    one.keys = make_keys(plan_.seed, one, 1 + i % 3);
    tables_.organizations[organization].projects.push_back(static_cast<Index>(index));
    tables_.projects.push_back(std::move(one));
  }

  std::string version(const Project& project, Dice& random, std::uint32_t i) const {
    const std::string number = std::to_string(1 + i / 400) + "." + std::to_string(i / 20 % 20) +
                               "." + std::to_string(i % 20);
    const std::string unique = std::to_string(i);
    if (i % 17 == 5) return project.slug + " v" + unique + "/übung #" + unique + " (hotfix)";
    switch (static_cast<std::size_t>(project.id) % 3) {
      case 0:
        return project.slug + "@" + number;
      case 1:
        return random_hex(random) + EventId{0, i}.text().substr(24);
      default:
        return "com.acme." + project.slug + "@" + number + "+" + std::to_string(1000 + i);
    }
  }

  void add_releases(Index organization, std::uint32_t count) {
    const std::vector<Index>& owners = tables_.organizations[organization].projects;
    for (std::uint32_t i = 0; i < count; ++i) {
      Dice random = dice("release", tables_.releases.size());
      Release one;
      one.id = next_release_id(tables_.releases.empty() ? 0 : tables_.releases.back().id);
      // Every project releases now and then, the first ones most often.
      const std::size_t first = random.chance(50)
                                    ? i % owners.size()
                                    : random.below(std::min<std::size_t>(3, owners.size()));
      one.projects = {owners[first]};
      if (owners.size() > 1 && random.chance(10)) {
        one.projects.push_back(owners[(first + 1) % owners.size()]);
      }
      one.version = version(tables_.projects[owners[first]], random, i);
      const double part = (i + random.unit()) / count;
      const auto offset = static_cast<std::int64_t>(part * 1e6 * (to_ - 600.0 - from_));
      one.created = to_instant(from_) + chrono::microseconds(offset);
      if (!random.chance(15)) {
        const auto later = chrono::microseconds(1'000'000 + random.next() % 4'000'000'000U);
        one.released = std::min(one.created + later, to_instant(to_));
      }
      one.archived = random.chance(12);
      // Imported from elsewhere: out long before Sentry heard of them.
      if (random.chance(6)) one.released = one.created - chrono::days(5 + random.below(300));
      const auto index = static_cast<Index>(tables_.releases.size());
      for (const Index p : one.projects) tables_.projects[p].releases.push_back(index);
      tables_.organizations[organization].releases.push_back(index);
      tables_.releases.push_back(std::move(one));
    }
  }

  void add_history(Index organization, const Sizes& sizes) {
    const std::vector<Index>& owners = tables_.organizations[organization].projects;
    std::vector<double> weights;
    for (std::size_t i = 0; i < owners.size(); ++i) {
      // With four projects or more the last has seen nothing yet: a case of its own.
      const bool fresh = owners.size() >= 4 && i + 1 == owners.size();
      weights.push_back(fresh ? 0.0 : std::pow(static_cast<double>(i) + 1.0, -0.9));
    }
    const auto events = share_out(sizes.events, weights);
    const auto issues = share_out(sizes.issues, std::vector<double>(events.begin(), events.end()));
    for (std::size_t i = 0; i < owners.size(); ++i) {
      const std::uint32_t wanted = events[i] == 0 ? 0 : std::max(issues[i], 1U);
      // Performance problems and feedback come as occurrences, which are no error events.
      const std::uint32_t performance = wanted / 30;
      const std::uint32_t feedback = wanted / 40;
      const std::uint32_t errors = std::min(wanted - performance - feedback, events[i]);
      add_errors(owners[i], events[i], errors, i == 0);
      add_occurrences(owners[i], performance, IssueKind::kPerformance);
      add_occurrences(owners[i], feedback, IssueKind::kFeedback);
    }
  }

  void add_errors(Index project, std::uint32_t events, std::uint32_t issues, bool newest) {
    if (events == 0 || issues == 0) return;
    Dice random = dice("history", project);
    const Second last = newest ? to_ : to_ - std::min<Second>(20 + random.below(1800), to_ - from_);
    const std::vector<Second> times = event_times(dice("times", project), events, from_, last);
    const std::vector<Index> owners = assign_issues(dice("issues", project), events, issues);
    const auto first_issue = static_cast<Index>(tables_.issues.size());
    const auto first_serial = static_cast<Index>(tables_.events.size());
    std::vector<std::uint32_t> counts(issues, 0);
    for (const Index owner : owners) ++counts[owner];
    for (std::uint32_t i = 0; i < issues; ++i) {
      Issue issue;
      issue.project = project;
      issue.kind =
          dice("kind", first_issue + i).chance(12) ? IssueKind::kMessage : IssueKind::kError;
      issue.events.reserve(counts[i]);
      tables_.issues.push_back(std::move(issue));
    }
    for (std::uint32_t i = 0; i < events; ++i) {
      tables_.events.push_back({times[i], first_issue + owners[i]});
      tables_.issues[first_issue + owners[i]].events.push_back(first_serial + i);
    }
    list_events(project, first_serial, events);
  }

  /// A project's list goes by time and, within a second, by id (sentry-api.md 4.4).
  void list_events(Index project, Index first, std::uint32_t count) {
    std::vector<Index>& list = tables_.projects[project].events;
    list.resize(count);
    std::iota(list.begin(), list.end(), first);
    std::sort(list.begin(), list.end(), [this](Index a, Index b) {
      const Second at = tables_.events[a].at;
      const Second other = tables_.events[b].at;
      return at != other ? at < other : event_id(plan_.seed, a) < event_id(plan_.seed, b);
    });
  }

  void add_occurrences(Index project, std::uint32_t issues, IssueKind kind) {
    Dice random = dice("occurrences", project * 8 + static_cast<std::uint32_t>(kind));
    for (std::uint32_t i = 0; i < issues; ++i) {
      Issue issue;
      issue.project = project;
      issue.kind = kind;
      const std::uint32_t count = kind == IssueKind::kFeedback ? 1 : 1 + random.below(6);
      for (std::uint32_t k = 0; k < count; ++k) {
        issue.events.push_back(static_cast<Index>(tables_.events.size()));
        tables_.events.push_back(
            {from_ + random.below(to_ - from_), static_cast<Index>(tables_.issues.size())});
      }
      tables_.issues.push_back(std::move(issue));
    }
  }

  /// Numbers the issues in the order they were first seen, as a database would have.
  void order_issues() {
    const World clock(WorldTables{plan_.seed, 0, {}, {}, {}, tables_.events, {}});
    const auto by_time = [&](Index a, Index b) { return clock.time_of(a) < clock.time_of(b); };
    for (Issue& issue : tables_.issues) {
      std::sort(issue.events.begin(), issue.events.end(), by_time);
      issue.first_at = tables_.events[issue.events.front()].at;
      issue.last_at = tables_.events[issue.events.back()].at;
    }
    std::sort(tables_.issues.begin(), tables_.issues.end(), [&](const Issue& a, const Issue& b) {
      const Instant first = clock.time_of(a.events.front());
      const Instant other = clock.time_of(b.events.front());
      return first != other ? first < other : a.events.front() < b.events.front();
    });
    std::uint64_t id = 0;
    for (Index i = 0; i < tables_.issues.size(); ++i) {
      Issue& issue = tables_.issues[i];
      issue.id = id = next_issue_id(id);
      Project& owner = tables_.projects[issue.project];
      owner.issues.push_back(i);
      issue.number = static_cast<std::uint32_t>(owner.issues.size());
      for (const Index serial : issue.events) tables_.events[serial].issue = i;
    }
  }

  void describe_issues() {
    constexpr std::array<Substatus, 6> kOpen = {Substatus::kOngoing,   Substatus::kOngoing,
                                                Substatus::kOngoing,   Substatus::kNew,
                                                Substatus::kRegressed, Substatus::kEscalating};
    constexpr std::array<Substatus, 3> kArchived = {Substatus::kArchivedUntilEscalating,
                                                    Substatus::kArchivedUntilCondition,
                                                    Substatus::kArchivedForever};
    for (Issue& issue : tables_.issues) {
      Dice random = dice("issue", issue.id);
      const std::uint32_t roll = random.below(100);
      issue.status = roll < 55   ? IssueStatus::kUnresolved
                     : roll < 80 ? IssueStatus::kResolved
                                 : IssueStatus::kIgnored;
      issue.substatus = roll < 55   ? random.pick(kOpen)
                        : roll < 80 ? Substatus::kNone
                                    : random.pick(kArchived);
      const std::uint32_t weight = random.below(4);
      issue.priority = weight == 0   ? Priority::kLow
                       : weight == 3 ? Priority::kHigh
                                     : Priority::kMedium;
      const std::uint32_t owner = random.below(10);
      issue.assignee = owner < 3   ? AssigneeKind::kUser
                       : owner < 5 ? AssigneeKind::kTeam
                                   : AssigneeKind::kNobody;
      issue.assignee_index =
          static_cast<std::uint8_t>(random.below(owner < 3 ? people().size() : 5));
    }
  }

  const WorldPlan plan_;
  Second from_ = 0;
  Second to_ = 0;
  WorldTables tables_;
};

}  // namespace

WorldTables build_world(const WorldPlan& plan) { return Builder(plan).build(); }

}  // namespace sandbox
