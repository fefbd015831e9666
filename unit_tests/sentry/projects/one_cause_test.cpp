#include <gmock/gmock.h>

#include <algorithm>

#include "fakes/whole_run.h"
#include "protocol/log_sink.h"

namespace source_sentry {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

const Response kInvalidToken = answer(401, R"({"detail":"Invalid token"})");
const Response kNotFound = answer(404, R"({"detail":"The requested resource does not exist"})");

bool is_list_of_projects(const std::string& target) {
  return target.starts_with("organizations/acme/projects/");
}

/// As many projects as a list has on one page.
std::string projects(int count) {
  std::string list;
  for (int i = 0; i < count; ++i) {
    const std::string number = std::to_string(i);
    list += (i == 0 ? "" : ",") + std::string(R"({"id":"45)") + number + R"(","slug":"p)" + number +
            R"(","dateCreated":"2025-01-01T00:00:00Z"})";
  }
  return "[" + list + "]";
}

/// The lists of projects and organizations, so that what else is asked decides.
FakeHttp::Server after_the_list(const Response& then) {
  return [then](const std::string& target) {
    return is_list_of_projects(target) ? answer(200, projects(30), {kEnd}) : then;
  };
}

FakeHttp::Server whatever_is_asked(const Response& response) {
  return [response](const std::string&) { return response; };
}

struct Cause {
  const char* name;
  nlohmann::json config;
  FakeHttp::Server server;
  std::string sentence;
  std::string kind;
};

const nlohmann::json kWebOnly = {{"project", "web"}};
const nlohmann::json kWobOnly = {{"project", "wob"}};

Response without_wob(const std::string& target) {
  if (target.starts_with("projects/acme/wob/")) return kNotFound;
  if (target == "projects/acme/web/") return answer(200, kWeb);
  return answer(200, is_list_of_projects(target) ? "[" + std::string(kWeb) + "]" : "[]", {kEnd});
}

/// There is "acme-inc" alone.
Response without_acme(const std::string& target) {
  if (target.starts_with("organizations/?")) return answer(200, R"([{"slug":"acme-inc"}])", {kEnd});
  return kNotFound;
}

const std::vector<Cause> kCauses = {
    {"a token from the start", kWebOnly, whatever_is_asked(kInvalidToken),
     "does not know the token", "config_error"},
    {"a token on the way",
     {},
     after_the_list(kInvalidToken),
     "does not know the token",
     "config_error"},
    {"a token of CI", {}, after_the_list(answer(401, "")), "This kind of token", "config_error"},
    {"no connection",
     {},
     whatever_is_asked(broken(TransportProblem::kConnectFailure)),
     "does not accept connections",
     "transient_error"},
    {"no connection on the way",
     {},
     after_the_list(broken(TransportProblem::kConnectFailure)),
     "does not accept connections",
     "transient_error"},
    {"no name",
     {},
     after_the_list(broken(TransportProblem::kDnsFailure)),
     "No server named",
     "transient_error"},
    {"broken",
     {},
     after_the_list(broken(TransportProblem::kBroken)),
     "broke while",
     "transient_error"},
    {"silent",
     {},
     after_the_list(broken(TransportProblem::kTimeout)),
     "stopped answering",
     "transient_error"},
    {"another certificate",
     {},
     after_the_list(broken(TransportProblem::kTlsFailure)),
     "No secure connection",
     "config_error"},
    {"down",
     {},
     after_the_list(answer(503, "maintenance")),
     "answers with an error",
     "transient_error"},
    {"a firewall",
     {},
     after_the_list(answer(403, "<html>No.</html>", {{"content-type", "text/html"}})),
     "such as a firewall",
     "config_error"},
    {"a login",
     {},
     after_the_list(answer(302, "", {{"location", "https://sso.example.com/login"}})),
     "wants a login",
     "config_error"},
    {"a page",
     {},
     after_the_list(answer(200, "<html>Hello</html>", {{"content-type", "text/html"}})),
     "a web page instead",
     "config_error"},
    {"a project", kWobOnly, without_wob, R"(Did you mean "web"?)", "config_error"},
    {"projects", {{"projects", {"wob"}}}, without_wob, R"(Did you mean "web"?)", "config_error"},
    {"an organization", kWebOnly, without_acme, R"(Did you mean "acme-inc"?)", "config_error"},
    {"an organization of all projects",
     {},
     without_acme,
     R"(Did you mean "acme-inc"?)",
     "config_error"},
};

TEST(OneCause, IsSaidOnceForTheRun) {
  for (const Cause& cause : kCauses) {
    SCOPED_TRACE(cause.name);
    const WholeRun run(cause.config, cause.server);
    EXPECT_THAT(run.failed, SizeIs(testing::Ge(4U)));
    EXPECT_THAT(run.kinds, ElementsAre(cause.kind));
    // Each failed stream has an error of its own, as Airbyte wants it.
    std::set<std::string> told;
    std::vector<std::string> in_full;
    for (const auto& [stream, message] : run.errors) {
      told.insert(stream);
      if (message.find(cause.sentence) != message.npos) {
        in_full.push_back(stream);
      } else {
        EXPECT_THAT(message, HasSubstr("for the same reason as the stream " + in_full.at(0)));
      }
    }
    EXPECT_EQ(std::vector<std::string>(told.begin(), told.end()), run.failed_streams());
    EXPECT_THAT(in_full, SizeIs(1));
  }
}

/// Two names each of which is near to another one.
TEST(OneCause, OfSeveralWrongNamesNamesWhatEachMayMean) {
  const WholeRun run({{"projects", {"wob", "apj"}}}, [](const std::string& target) {
    if (!is_list_of_projects(target)) return kNotFound;
    return answer(200, R"([{"id":"1","slug":"web"},{"id":"2","slug":"api"}])", {kEnd});
  });
  EXPECT_THAT(run.failed.at("events"), HasSubstr(R"("web" for "wob", "api" for "apj"?)"));
}

/// The holes of many streams and projects with one cause are each named, the cause is not.
TEST(OneCause, OfHolesIsSaidOnceAndEachHoleIsNamed) {
  const Response stumbles = answer(500, R"({"detail":"Internal Error"})");
  const WholeRun run({}, [&](const std::string& target) {
    if (is_list_of_projects(target)) return answer(200, projects(3), {kEnd});
    if (target.find("/keys/") == target.npos) return answer(200, "[]", {kEnd});
    return target.find("cursor=") != target.npos
               ? stumbles
               : answer(200, R"([{"id":"k)" + target.substr(14, 2) + R"("}])",
                        {{"link", R"(<u>; rel="next"; results="true"; cursor="0:100:0")"}});
  });
  EXPECT_THAT(run.failed_streams(), testing::Contains("project_keys"));
  std::size_t in_full = 0;
  for (const auto& [stream, message] : run.errors) {
    in_full += message.find("answers with an error") != message.npos ? 1 : 0;
  }
  EXPECT_EQ(in_full, 1U);
}

TEST(OneCause, FloodsNoLogWithTheAttemptsOfAllProjects) {
  for (const Response& failure :
       {answer(503, ""), answer(502, ""), broken(TransportProblem::kConnectFailure),
        answer(200, R"([{"id":)")}) {
    CapturedOutput captured;
    std::size_t warnings = 0;
    {
      const LogToEmitter log(captured.emitter(), false);
      const WholeRun run({}, after_the_list(failure));
      EXPECT_THAT(run.failed, testing::Not(IsEmpty()));
    }
    for (const auto& line : captured.lines()) {
      warnings += line["type"] == "LOG" && line["log"]["level"] == "WARN" ? 1 : 0;
    }
    EXPECT_GE(warnings, 1U) << failure.status;
    EXPECT_LT(warnings, 60U) << failure.status;
  }
}

}  // namespace
}  // namespace source_sentry
