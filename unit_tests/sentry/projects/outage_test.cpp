#include <gmock/gmock.h>

#include <atomic>
#include <set>

#include "fakes/whole_run.h"
#include "sentry/streams/families/core.h"

namespace source_sentry {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr int kProjects = 100;
const std::pair<std::string, std::string> kEnd = {
    "link", "<u>; rel=\"next\"; results=\"false\"; cursor=\"0:100:0\""};

std::string project(int number) {
  const std::string text = std::to_string(1000 + number);
  return R"({"id":")" + text + R"(","slug":"p)" + text +
         R"(","dateCreated":"2025-01-01T00:00:00Z"})";
}

/// The number of the project that a target names; nothing where it names none.
std::optional<int> project_in(const std::string& target) {
  const std::size_t at = target.find("/p1");
  if (at == std::string::npos) return std::nullopt;
  return std::stoi(target.substr(at + 2, 4)) - 1000;
}

/// A hundred projects, with an event and a key each.
Response well(const std::string& target) {
  if (target.starts_with("organizations/acme/projects/")) {
    std::string all;
    for (int i = 0; i < kProjects; ++i) all += (i > 0 ? "," : "") + project(i);
    return answer(200, "[" + all + "]", {kEnd});
  }
  const auto number = project_in(target);
  if (!number) return answer(200, "[]", {kEnd});
  const std::string name = std::to_string(1000 + *number);
  if (target == "projects/acme/p" + name + "/") return answer(200, project(*number));
  const bool rows =
      target.find("/events/") != std::string::npos || target.find("/keys/") != std::string::npos;
  const std::string row =
      R"([{"id":"r)" + name + R"(","dateCreated":"2026-01-15T00:00:00.000000Z"}])";
  return answer(200, rows ? row : "[]", {kEnd});
}

std::ptrdiff_t records_of(const WholeRun& run, const std::string& stream) {
  return std::count_if(run.records.begin(), run.records.end(),
                       [&](const std::string& record) { return record.starts_with(stream + " "); });
}

/// What the server does in place of answering, and what a hundred projects may cost then.
struct Fault {
  const char* name;
  Response response;
  Duration most_time;
  int most_requests;
};

const std::vector<Fault> kFaults = {
    {"silence", broken(TransportProblem::kTimeout), 75min, 150},
    {"no connection", broken(TransportProblem::kConnectFailure), 75min, 250},
    {"500", answer(500, ""), 10min, 1200},
    {"502", answer(502, ""), 10min, 1200},
    // The looks for neighbours are paced, too, by pauses that chance lengthens.
    {"503", answer(503, ""), 15min, 1200},
    {"504", answer(504, ""), 20min, 1200},
    {"garbage", answer(200, "[{"), 10min, 1200},
    {"a web page", answer(200, "<html></html>"), 10min, 1200},
};

TEST(Outage, AServerThatIsDownIsFoundSoOnceForAllProjects) {
  for (const Fault& fault : kFaults) {
    for (const std::size_t workers : {1U, 5U}) {
      std::atomic<int> requests = 0;
      std::atomic<bool> listed = false;
      const WholeRun run(
          nlohmann::json::object(),
          [&](const std::string& target) {
            // It goes down once the projects are listed.
            const bool list = target.starts_with("organizations/acme/projects/");
            if (list && !listed.exchange(true)) return well(target);
            ++requests;
            return fault.response;
          },
          workers);
      const std::string what = fault.name + std::string(" ") + std::to_string(workers);
      EXPECT_EQ(run.failed_streams().size(), core_streams().size()) << what;
      EXPECT_LE(run.took, fault.most_time) << what;
      EXPECT_LE(requests, fault.most_requests) << what;
    }
  }
}

TEST(Outage, ARouteThatIsDownForAllProjectsCostsItsStreamOnly) {
  for (const Fault& fault : kFaults) {
    for (const char* route : {"/keys/", "/events/"}) {
      std::atomic<int> failures = 0;
      const WholeRun run(nlohmann::json::object(), [&](const std::string& target) {
        const bool ours = project_in(target) && target.find(route) != std::string::npos;
        failures += ours ? 1 : 0;
        return ours ? fault.response : well(target);
      });
      const std::string stream = route == std::string("/keys/") ? "project_keys" : "events";
      EXPECT_THAT(run.failed_streams(), ElementsAre(stream)) << fault.name;
      EXPECT_LE(run.took, fault.most_time) << fault.name << route;
      EXPECT_LE(failures, 400) << fault.name << route;
      EXPECT_EQ(records_of(run, "projects"), kProjects);
    }
  }
}

TEST(Outage, ProjectsThatAreDownCostNoOther) {
  for (const Fault& fault : kFaults) {
    const std::set<int> bad = {3, 4, 5, 6, 7, 40, 41, 42, 99};
    const WholeRun run(nlohmann::json::object(), [&](const std::string& target) {
      const bool events = target.find("/events/") != std::string::npos;
      const bool keys = target.find("/keys/") != std::string::npos;
      const bool fails = (events || keys) && bad.contains(project_in(target).value_or(kProjects));
      return fails ? fault.response : well(target);
    });
    EXPECT_THAT(run.failed_streams(), ElementsAre("events", "project_keys")) << fault.name;
    EXPECT_EQ(records_of(run, "events"), kProjects - 9) << fault.name;
    EXPECT_EQ(records_of(run, "project_keys"), kProjects - 9) << fault.name;
  }
}

TEST(Outage, IsOverWithTheFirstAnswer) {
  for (const Fault& fault : kFaults) {
    std::atomic<int> failures = 0;
    const WholeRun run(nlohmann::json::object(), [&](const std::string& target) {
      const bool keys = target.find("/keys/") != std::string::npos;
      const bool fails = keys && project_in(target).value_or(kProjects) < 6;
      // Much later a failure that passes.
      const bool passing = keys && project_in(target).value_or(kProjects) == 50 && failures++ < 1;
      return fails || passing ? fault.response : well(target);
    });
    EXPECT_EQ(records_of(run, "project_keys"), kProjects - 6) << fault.name;
  }
}

}  // namespace
}  // namespace source_sentry
