#include "sentry/source/stream_probe.h"

#include <gmock/gmock.h>

#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "fakes/fake_clock.h"
#include "fakes/whole_run.h"
#include "sentry/source/probe.h"

namespace source_sentry {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

const nlohmann::json kDetail = {{"project", "web"}, {"event_bodies", "detail"}};
constexpr const char* kEventOfWeb = "projects/acme/web/events/e1/";

/// A server with one record of each stream.
Response one_of_each(const std::string& target) {
  const std::string path = target.substr(0, target.find('?'));
  const auto one = [](const std::string& row) { return answer(200, "[" + row + "]", {kEnd}); };
  if (path == "projects/acme/web/") return answer(200, kWeb);
  if (path == "projects/" || path == "organizations/acme/projects/") return one(kWeb);
  if (path == kEventOfWeb) {
    return answer(200, R"({"id":"e1","dateCreated":"2026-01-10T00:00:00Z"})");
  }
  if (path == "projects/acme/web/events/") {
    return one(R"({"id":"e1","dateCreated":"2026-01-10T00:00:00Z"})");
  }
  if (path == "organizations/acme/events/") {
    const bool counts = target.find("count()") != std::string::npos;
    return answer(200,
                  counts ? R"J({"data":[{"count()":1}],"meta":{}})J"
                         : R"({"data":[{"id":"e1","timestamp":"2026-01-10T00:00:00+00:00"}]})",
                  {kEnd});
  }
  if (path.ends_with("/issues/")) {
    return one(R"({"id":"i1","lastSeen":"2026-01-10T00:00:00Z","project":{"id":"4507"}})");
  }
  if (path.ends_with("/releases/")) {
    return one(R"({"id":"r1","version":"1","dateCreated":"2026-01-10T00:00:00Z"})");
  }
  return one(R"({"id":"k1"})");
}

/// What `check` says of a server, and what it asked.
struct Check {
  Check(const nlohmann::json& changes, const FakeHttp::Server& server) {
    nlohmann::json document = {
        {"auth_token", "t0ken"}, {"organization", "acme"}, {"hostname", "sentry.example.com"}};
    document.update(changes);
    const Config config = read_config(document, false);
    const Judge judge = make_judge(config.host);
    std::mutex mutex;
    const FakeHttp::Server guarded = [&](const std::string& target) {
      const std::scoped_lock lock(mutex);
      asked.insert(target.substr(0, target.find('?')));
      ++requests;
      return server(target);
    };
    FakeClock clock;
    Pacer pacer;
    result = probe(config, StreamTable(config),
                   {[&] { return std::make_unique<FakeHttp>(guarded); }, judge, pacer, clock, {}});
  }

  std::set<std::string> asked;
  std::size_t requests = 0;
  ProbeResult result;
};

TEST(StreamProbe, AWayThatIsRefusedOrNotUnderstoodLeadsToTheNextInReadAsInCheck) {
  struct Refused {
    const char* part;
    const char* record;  // there is another way to it
    std::vector<int> by = {400, 422};
  };
  const Refused kRefused[] = {
      {"organizations/acme/issues/", "issues i1"},
      {"sort=date", "issues i1", {422}},  // on both routes: GlitchTip of 2025
      {"dataset=errors", "events e1"},
      {"organizations/acme/events/", "events e1"},
      {"project=-1", "releases r1"},
      {"organizations/acme/projects/?", "projects 4507"},
  };
  for (const auto& [refused, record, by] : kRefused) {
    for (const int status : by) {
      for (const bool all : {false, true}) {
        const std::string part = refused;
        const FakeHttp::Server server = [&](const std::string& target) {
          return target.find(part) == std::string::npos
                     ? one_of_each(target)
                     : answer(status, R"({"detail":"no such parameter"})");
        };
        nlohmann::json config = kDetail;
        if (all) config["project"] = nullptr;
        const WholeRun run(config, server);
        EXPECT_THAT(run.failed, IsEmpty()) << status << part;
        EXPECT_THAT(run.records, Contains(record)) << status << part;
        const Check check(config, server);
        EXPECT_TRUE(check.result.succeeded) << status << part;
        EXPECT_EQ(check.result.message, "") << status << part;
      }
    }
  }
}

TEST(StreamProbe, AWayWithoutAnotherFailsAlikeInReadAndInCheck) {
  for (const int status : {400, 422}) {
    const FakeHttp::Server server = [&](const std::string& target) {
      return target.find("/keys/") == std::string::npos ? one_of_each(target)
                                                        : answer(status, R"({"detail":"no"})");
    };
    const WholeRun run({{"project", "web"}}, server);
    EXPECT_THAT(run.failed_streams(), testing::ElementsAre("project_keys"));
    EXPECT_THAT(Check({{"project", "web"}}, server).result.message,
                HasSubstr("these failed: project_keys"));
  }
}

struct DetailAnswer {
  const char* what;
  Response response;
  std::string says;  ///< empty: it proves nothing, or all is well
};

TEST(StreamProbe, EventsThatAreOnlyNamedAreReadableWhereOneOfThemIs) {
  const DetailAnswer kAnswers[] = {
      {"well", one_of_each(kEventOfWeb), ""},
      {"gone since", answer(404, R"({"detail":"The requested resource does not exist"})"), ""},
      {"no route", answer(404, ""), "this server does not offer events"},
      {"forbidden", answer(403, R"({"detail":"no"})"), "the token cannot read events"},
      {"down", answer(500, ""), "these failed: events"},
      {"silent", broken(TransportProblem::kTimeout), "these failed: events"},
      {"a front", answer(200, "<html>Log in</html>", {{"content-type", "text/html"}}),
       "these failed: events"},
  };
  for (const auto& [what, response, says] : kAnswers) {
    const Response& of_event = response;
    const FakeHttp::Server server = [&](const std::string& target) {
      return target == kEventOfWeb ? of_event : one_of_each(target);
    };
    const Check check(kDetail, server);
    EXPECT_TRUE(check.result.succeeded) << what << ": the other streams can be read";
    EXPECT_THAT(check.asked, Contains(kEventOfWeb)) << what;
    EXPECT_THAT(check.result.message, says.empty() ? testing::Matcher<std::string>("")
                                                   : testing::Matcher<std::string>(HasSubstr(says)))
        << what;
    EXPECT_THAT(check.result.message, Not(HasSubstr("needs the scope project:read")))
        << what << ": the token has that";
    EXPECT_EQ(WholeRun(kDetail, server).failed.contains("events"), !says.empty()) << what;
  }
}

TEST(StreamProbe, NoEventIsAskedForWhereNoneIsNamedOrTheListHoldsThemWhole) {
  const auto none = [](const std::string& target) {
    const bool names = target.starts_with("organizations/acme/events/");
    return names ? answer(200, R"({"data":[]})", {kEnd}) : one_of_each(target);
  };
  for (const Check& check : {Check(kDetail, none), Check({{"project", "web"}}, one_of_each)}) {
    EXPECT_TRUE(check.result.succeeded);
    EXPECT_EQ(check.result.message, "");
    EXPECT_THAT(check.asked, Not(Contains(kEventOfWeb)));
  }
}

constexpr const char* kTeams = "organizations/acme/teams/";
constexpr const char* kDetectors = "organizations/acme/detectors/";
constexpr const char* kOldRules = "organizations/acme/alert-rules/";  // its stream is a private one

TEST(StreamProbe, AsksTheCoreStreamsAndThoseOfTheChosenGroups) {
  const std::set<std::string> core = Check({{"project", "web"}}, one_of_each).asked;
  for (const char* path : {"organizations/acme/issues/", "projects/acme/web/events/",
                           "projects/acme/web/keys/", "organizations/acme/releases/"}) {
    EXPECT_THAT(core, Contains(path));
  }
  EXPECT_THAT(core, Not(Contains(kTeams)));
  EXPECT_THAT(core, Not(Contains(kDetectors)));
  const Check people({{"project", "web"}, {"stream_groups", {"people"}}}, one_of_each);
  EXPECT_THAT(people.asked, testing::IsSupersetOf(core)) << "by these a connection is judged";
  EXPECT_THAT(people.asked, Contains(kTeams));
  EXPECT_THAT(people.asked, Not(Contains(kDetectors)));
  const Check two({{"project", "web"}, {"stream_groups", {"core", "people", "alerts"}}},
                  one_of_each);
  EXPECT_THAT(two.asked, testing::IsSupersetOf({std::string(kTeams), std::string(kDetectors)}));
}

TEST(StreamProbe, AsksNoMoreThanAPersonWaitsFor) {
  constexpr std::size_t kMost = 30;
  const auto three_projects = [](const std::string& target) {
    if (!target.starts_with("organizations/acme/projects/")) return one_of_each(target);
    std::string rows;
    for (const char* slug : {"api", "app", "web"}) {
      rows += (rows.empty() ? "" : ",") + std::string(R"({"id":"4507","slug":")") + slug +
              R"(","dateCreated":"2025-01-01T00:00:00Z","organization":{"id":"1","slug":"acme"}})";
    }
    return answer(200, "[" + rows + "]", {kEnd});
  };
  const nlohmann::json all = {{"stream_groups", {"all"}}, {"allow_writing_reads", true}};
  nlohmann::json one = all;
  one["project"] = "web";
  const Check of_one(one, one_of_each);
  EXPECT_LE(of_one.requests, kMost);
  EXPECT_GT(of_one.requests, 20U) << "it does ask";
  EXPECT_THAT(of_one.asked, Contains(kTeams));
  const Check of_many(all, three_projects);
  EXPECT_LE(of_many.requests, kMost);
  EXPECT_THAT(of_many.asked, Contains(kTeams));
  EXPECT_TRUE(of_one.result.succeeded && of_many.result.succeeded);
  EXPECT_EQ(of_one.result.message, "") << "what was not tried is not missing";
}

/// Sentry does not promise them, and may take it for a mistake.
TEST(StreamProbe, AsksNoPrivateRouteOfSentryIo) {
  for (const char* host : {"sentry.io", "acme.sentry.io", "sentry.example.com"}) {
    const Check check({{"project", "web"}, {"hostname", host}, {"stream_groups", {"alerts"}}},
                      one_of_each);
    EXPECT_THAT(check.asked, Contains(kDetectors)) << host;
    EXPECT_EQ(check.asked.contains(kOldRules), std::string(host) == "sentry.example.com") << host;
  }
}

TEST(StreamProbe, AsksNothingThatMakesTheServerWriteUnlessThatIsAllowed) {
  for (const bool allowed : {false, true}) {
    const Check check(
        {{"project", "web"}, {"stream_groups", {"usage"}}, {"allow_writing_reads", allowed}},
        one_of_each);
    EXPECT_EQ(check.asked.contains("organizations/acme/dashboards/"), allowed);
    EXPECT_THAT(check.asked, Contains("organizations/acme/discover/saved/"));
  }
}

TEST(StreamProbe, IsJudgedByTheCoreStreamsAlone) {
  const nlohmann::json config = {{"project", "web"}, {"stream_groups", {"people", "alerts"}}};
  const std::set<std::string> core = Check({{"project", "web"}}, one_of_each).asked;
  for (const int status : {401, 403, 404, 500}) {
    const Check others_fail(config, [&](const std::string& target) {
      return core.contains(target.substr(0, target.find('?'))) ? one_of_each(target)
                                                               : answer(status, "");
    });
    EXPECT_TRUE(others_fail.result.succeeded) << status;
    EXPECT_EQ(others_fail.result.message, "") << status;
    EXPECT_EQ(others_fail.result.readable, others_fail.result.streams);
    EXPECT_EQ(others_fail.result.streams, 7U) << "of others nothing is said";
  }

  std::set<std::string> others = Check(config, one_of_each).asked;
  for (const std::string& path : core) others.erase(path);
  for (const bool sees_project : {true, false}) {
    const Check core_fails(config, [&](const std::string& target) {
      const bool given = others.contains(target.substr(0, target.find('?'))) ||
                         (sees_project && target == "projects/acme/web/");
      return given ? one_of_each(target)
                   : answer(403, R"({"detail":"You do not have permission"})");
    });
    EXPECT_THAT(core_fails.asked, Contains(kTeams));
    EXPECT_EQ(core_fails.result.succeeded, sees_project) << "whatever else can be read";
    EXPECT_EQ(core_fails.result.readable, sees_project ? 1U : 0U) << "project_detail";
    EXPECT_THAT(core_fails.result.message, Not(HasSubstr("team")));
  }
}

}  // namespace
}  // namespace source_sentry
