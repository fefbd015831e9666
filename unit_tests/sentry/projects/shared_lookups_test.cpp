#include <gmock/gmock.h>

#include <set>

#include "fakes/fake_list.h"
#include "fakes/whole_run.h"

namespace source_sentry {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::UnorderedElementsAre;

const std::vector<std::pair<const char*, Response>> kFailures = {
    {"500", answer(500, "")},
    {"502", answer(502, "<html>Bad Gateway</html>")},
    {"time-out", broken(TransportProblem::kTimeout)},
    {"truncated", answer(200, R"({"id":"4507","slug":)")}};

TEST(SharedLookups, AProjectsDocumentThatFailsCostsOnlyWhatIsMadeOfIt) {
  for (const auto& [name, failed] : kFailures) {
    const Response& failure = failed;
    const WholeRun run({{"project", "web"}}, [&](const std::string& target) {
      if (target == "projects/acme/web/") return failure;
      const bool projects = target.starts_with("organizations/acme/projects/");
      return answer(200, projects ? "[" + std::string(kWeb) + "]" : "[]", {kEnd});
    });
    EXPECT_THAT(run.failed_streams(), ElementsAre("all_projects_detail", "project_detail")) << name;
    EXPECT_THAT(run.records, ElementsAre("projects 4507")) << name;
  }
}

TEST(SharedLookups, AWebPageForAProjectsDocumentLeavesTheOtherStreams) {
  const WholeRun run({{"project", "web"}}, [&](const std::string& target) {
    if (target == "projects/acme/web/") return answer(200, "<html>Log in</html>");
    return answer(200, "[]", {kEnd});
  });
  EXPECT_THAT(run.failed_streams(), ElementsAre("project_detail"));
}

TEST(SharedLookups, AListOfProjectsThatFailsCostsOnlyWhatIsMadeOfIt) {
  for (const auto& [name, failed] : kFailures) {
    const Response& failure = failed;
    const auto server = [&](const std::string& target) {
      const bool list =
          target.starts_with("organizations/acme/projects/") || target.starts_with("projects/?");
      if (list) return failure;
      return answer(200, target == "projects/acme/web/" ? kWeb : "[]", {kEnd});
    };
    EXPECT_THAT(WholeRun({{"projects", nlohmann::json::array({"web"})}}, server).failed_streams(),
                ElementsAre("all_projects_detail", "projects"))
        << name << ": each is asked for by its name";
    EXPECT_THAT(WholeRun({{"projects", nlohmann::json::array({"*"})}}, server).failed_streams(),
                ElementsAre("all_projects_detail", "events", "issues", "project_detail",
                            "project_keys", "projects"))
        << name;
  }
}

TEST(SharedLookups, ProjectsOfOtherOrganizationsAreNobodysRows) {
  const std::string foreign =
      R"({"id":"9","slug":"web","dateCreated":"2026-01-01T00:00:00Z","organization":{"id":"2","slug":"other"}})";
  for (const std::string& list :
       std::vector<std::string>{"projects/?", "organizations/acme/projects/"}) {
    const WholeRun run(nlohmann::json::object(), [&](const std::string& target) {
      if (target.starts_with(list)) {
        return answer(200, "[" + foreign + "," + kWeb + "]", {kEnd});
      }
      if (target.starts_with("organizations/acme/projects/")) return answer(403, "{}");
      return answer(200, target == "projects/acme/web/" ? kWeb : "[]", {kEnd});
    });
    EXPECT_THAT(run.failed_streams(), IsEmpty()) << list;
    EXPECT_THAT(run.records, UnorderedElementsAre("projects 4507", "project_detail 4507",
                                                  "all_projects_detail 4507"))
        << list;
  }
}

TEST(SharedLookups, IssuesOfOtherProjectsAreNobodysRows) {
  const std::string app = R"({"id":"4508","slug":"app","dateCreated":"2025-01-01T00:00:00Z"})";
  // Of a server that does not know the parameter that asks for a project's.
  const std::string issues =
      R"([{"id":"1","lastSeen":"2026-01-10T00:00:00Z","project":{"id":"4507"}},)"
      R"({"id":"2","lastSeen":"2026-01-10T00:00:00Z","project":{"slug":"app","id":"4508"}},)"
      R"({"id":"3","lastSeen":"2026-01-10T00:00:00Z","project":{"id":"4509"}},)"
      R"({"id":"4","lastSeen":"2026-01-10T00:00:00Z"}])";
  const auto run = [&](const nlohmann::json& config) {
    return WholeRun(config, [&](const std::string& target) {
      if (target.starts_with("organizations/acme/issues/")) return answer(200, issues, {kEnd});
      if (target.starts_with("organizations/acme/projects/")) {
        return answer(200, "[" + app + "," + kWeb + "]", {kEnd});
      }
      if (target == "projects/acme/app/") return answer(200, app);
      return answer(200, target == "projects/acme/web/" ? kWeb : "[]", {kEnd});
    });
  };
  const auto issues_of = [](const WholeRun& whole) {
    std::vector<std::string> found;
    for (const std::string& record : whole.records) {
      if (record.starts_with("issues ")) found.push_back(record.substr(7));
    }
    return found;
  };
  EXPECT_THAT(issues_of(run({{"project", "web"}})), UnorderedElementsAre("1", "4"));
  // What does not say whose it is may be anybody's.
  EXPECT_THAT(issues_of(run(nlohmann::json::object())), UnorderedElementsAre("1", "2", "4", "4"));
}

TEST(SharedLookups, AnOrganizationMayBeNamedInAnotherCaseOrByItsNumber) {
  for (const std::string name : {"ACME", "1"}) {
    const WholeRun run({{"organization", name}}, [&](const std::string& target) {
      const bool list = target.starts_with("organizations/" + name + "/projects/");
      if (target == "projects/" + name + "/web/") return answer(200, kWeb);
      return answer(200, list ? "[" + std::string(kWeb) + "]" : "[]", {kEnd});
    });
    EXPECT_THAT(run.failed_streams(), IsEmpty()) << name;
    EXPECT_THAT(run.records, testing::Contains("projects 4507")) << name;
  }
}

TEST(SharedLookups, AShardWithoutAProjectsNumberIsNotComplete) {
  for (int index = 0; index < 2; ++index) {
    const WholeRun run({{"shard", {{"index", index}, {"count", 2}}}},
                       [](const std::string& target) {
                         const bool list = target.starts_with("organizations/acme/projects/");
                         return answer(200, list ? R"([{"slug":"web"}])" : "[]", {kEnd});
                       });
    EXPECT_THAT(run.failed.at("events"), HasSubstr("gives none of \"web\""));
  }
}

TEST(SharedLookups, ADocumentOfAnotherProjectIsNotBelieved) {
  int asked = 0;
  const WholeRun run(nlohmann::json::object(), [&](const std::string& target) {
    if (target == "projects/acme/web/") {
      ++asked;
      return answer(200, R"({"id":"9","slug":"api","dateCreated":"2026-01-01T00:00:00Z"})");
    }
    const bool list = target.starts_with("organizations/acme/projects/");
    return answer(200, list ? "[" + std::string(kWeb) + "]" : "[]", {kEnd});
  });
  EXPECT_THAT(run.failed_streams(), ElementsAre("all_projects_detail", "project_detail"));
  EXPECT_THAT(run.records, ElementsAre("projects 4507"));
  EXPECT_EQ(asked, 6) << "three times for each of two: the shared detail, and the stream's own";
}

/// Three projects or keys in no fixed order: small pages show one twice and another not at all.
std::string thing(int number) {
  const std::string text = std::to_string(number);
  return R"({"id":")" + text + R"(","slug":"p)" + text +
         R"(","dateCreated":"2025-01-01T00:00:00Z"})";
}

TEST(SharedLookups, ListsThatHideARowAreListedInAnotherWayOrAreNotComplete) {
  const std::pair<std::string, std::string> more = {
      "link", "<u>; rel=\"next\"; results=\"true\"; cursor=\"0:2:0\""};
  for (const bool counts : {false, true}) {
    for (const bool has_another_way : {true, false}) {
      const WholeRun run(nlohmann::json::object(), [&](const std::string& target) {
        const std::string path = target.substr(0, target.find('?'));
        if (path.starts_with("projects/acme/p") && path.size() == 17) {
          return answer(200, thing(path[15] - '0'));
        }
        if (path != "organizations/acme/projects/" && path != "projects/acme/p1/keys/") {
          return answer(200, "[]", {kEnd});
        }
        const std::pair<std::string, std::string> hits = {counts ? "x-hits" : "x-other", "3"};
        const bool whole = has_another_way && target.find("&limit=100") != std::string::npos;
        if (whole) {
          return answer(200, "[" + thing(1) + "," + thing(2) + "," + thing(3) + "]", {kEnd, hits});
        }
        if (target.find("cursor=") == std::string::npos) {
          return answer(200, "[" + thing(1) + "," + thing(2) + "]", {more, hits});
        }
        return answer(200, counts ? "[]" : "[" + thing(2) + "]", {kEnd, hits});
      });
      if (has_another_way) {
        EXPECT_THAT(run.failed_streams(), IsEmpty());
        EXPECT_THAT(run.records,
                    testing::IsSupersetOf({"projects 3", "project_keys 3", "project_detail 3"}));
      } else {
        EXPECT_THAT(run.failed_streams(),
                    ElementsAre("all_projects_detail", "events", "issues", "project_detail",
                                "project_keys", "projects"));
        EXPECT_THAT(run.failed.at("projects"), HasSubstr("does not show all"));
      }
    }
  }
}

/// A list of 120 projects as Sentry pages it, on which it stumbles over some.
struct StumblingList {
  std::set<int> bad;
  bool page_numbers = false;
  Response failure = answer(500, "");

  Response operator()(const std::string& target) const {
    const std::string path = target.substr(0, target.find('?'));
    if (path == "projects/") return answer(404, R"({"detail":"Not found."})");
    if (path == "organizations/acme/projects/") return page(target);
    const bool is_document = path.starts_with("projects/acme/p") && path.ends_with("/") &&
                             std::count(path.begin(), path.end(), '/') == 3;
    if (is_document) return answer(200, thing(std::stoi(path.substr(15))));
    return answer(200, "[]", {kEnd});
  }

  Response page(const std::string& target) const {
    constexpr int kAll = 120;
    auto wanted = FakeList::parameters(target);
    const int size = wanted["per_page"].empty() ? 100 : std::stoi(wanted["per_page"]);
    int first = 0;
    if (const std::string& cursor = wanted["cursor"]; !cursor.empty()) {
      const bool is_number = !cursor.starts_with("0:");
      if (is_number != page_numbers) return answer(400, R"({"detail":"Invalid cursor."})");
      first = std::stoi(cursor.substr(cursor.find(':') + 1));
      if (page_numbers) first *= std::stoi(cursor);
    }
    const int end = std::min(first + size, kAll);
    std::string rows;
    for (int i = first; i < end; ++i) {
      if (bad.contains(i)) return failure;
      rows += (i > first ? "," : "") + thing(i);
    }
    const std::string next = page_numbers
                                 ? std::to_string(size) + ":" + std::to_string(end / size) + ":0"
                                 : "0:" + std::to_string(end) + ":0";
    return answer(
        200, "[" + rows + "]",
        {{"link", "<u>; rel=\"next\"; results=\"" + std::string(end < kAll ? "true" : "false") +
                      "\"; cursor=\"" + next + '"'}});
  }
};

TEST(SharedLookups, ARowThatTheListOfProjectsStumblesOverCostsThatProjectOnly) {
  for (const auto& [status, page_numbers] : {std::pair(500, false), {502, true}, {504, false}}) {
    for (const std::set<int>& bad : {std::set<int>{0}, {57}, {99, 100}, {119}}) {
      StumblingList list;
      list.bad = bad;
      list.page_numbers = page_numbers;
      list.failure = answer(status, "");
      const WholeRun run(nlohmann::json::object(), list);
      const std::string what = std::to_string(status) + " " + std::to_string(*bad.begin());
      const auto of = [&](const std::string& stream) {
        return std::count_if(
            run.records.begin(), run.records.end(),
            [&](const std::string& record) { return record.starts_with(stream + " "); });
      };
      const auto good = static_cast<std::ptrdiff_t>(120 - bad.size());
      EXPECT_EQ(of("projects"), good) << what << run.failed.at("projects");
      EXPECT_EQ(of("all_projects_detail"), good) << what;
      EXPECT_EQ(of("project_detail"), good) << what;
      EXPECT_THAT(run.failed_streams(), ElementsAre("all_projects_detail", "events", "issues",
                                                    "project_detail", "project_keys", "projects"));
      EXPECT_THAT(run.failed.at("events"),
                  HasSubstr("row " + std::to_string(*bad.begin() + 1) + " of the list"));
    }
  }
}

TEST(SharedLookups, ProjectsThatAreAllNamedMissNothingOfAListWithABadRow) {
  StumblingList list;
  list.bad = {57};
  const WholeRun run({{"projects", {"p1", "p57"}}}, list);
  EXPECT_THAT(run.failed_streams(), ElementsAre("all_projects_detail", "projects"));
}

TEST(SharedLookups, AWrongProjectIsMetWithNearNames) {
  const WholeRun run({{"project", "wob"}}, [](const std::string& target) {
    if (target.starts_with("projects/acme/wob/")) return answer(404, R"({"detail":"Not here."})");
    const bool list = target.starts_with("organizations/acme/projects/");
    if (target == "projects/acme/web/") return answer(200, kWeb);
    return answer(200, list ? "[" + std::string(kWeb) + "]" : "[]", {kEnd});
  });
  EXPECT_THAT(run.failed.at("events"), HasSubstr("Did you mean \"web\"?"));
  EXPECT_THAT(run.failed, Not(testing::Contains(testing::Key("projects"))));
}

}  // namespace
}  // namespace source_sentry
