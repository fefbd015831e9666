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
      return server(target);
    };
    FakeClock clock;
    Pacer pacer;
    result = probe(config,
                   {[&] { return std::make_unique<FakeHttp>(guarded); }, judge, pacer, clock, {}});
  }

  std::set<std::string> asked;
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

}  // namespace
}  // namespace source_sentry
