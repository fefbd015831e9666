#include <gmock/gmock.h>

#include <algorithm>
#include <string>

#include "fakes/whole_run.h"

namespace source_sentry {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

std::string document(const std::string& id) {
  return R"({"id":")" + id + R"(","dateCreated":"2026-01-10T00:00:00Z"})";
}

/// A Sentry that counts its three events, and gives for e3 the document of `given`.
FakeHttp::Server with_events(const std::string& given, int& counts) {
  return [given, &counts](const std::string& target) {
    const std::string path = target.substr(0, target.find('?'));
    if (path == "projects/acme/web/") return answer(200, kWeb);
    if (path == "projects/acme/web/events/e3/") return answer(200, document(given));
    if (path.starts_with("projects/acme/web/events/e")) {
      return answer(200, document(path.substr(path.size() - 3, 2)));
    }
    if (path != "organizations/acme/events/") return answer(200, "[]", {kEnd});
    if (target.find("count()") != std::string::npos) {
      ++counts;
      return answer(200, R"J({"data":[{"count()":3}],"meta":{}})J");
    }
    std::string rows;
    for (const char* id : {"e1", "e2", "e3"}) {
      rows += std::string(rows.empty() ? "" : ",") + R"({"id":")" + id +
              R"(","timestamp":"2026-01-10T00:00:00+00:00"})";
    }
    return answer(200, R"({"data":[)" + rows + "]}", {kEnd});
  };
}

TEST(OtherRecord, NoCountConfirmsWhatWasAskedForAndNotWritten) {
  const nlohmann::json config = {{"project", "web"}, {"event_bodies", "detail"}};
  int counts = 0;
  const WholeRun well(config, with_events("e3", counts));
  EXPECT_THAT(well.failed, IsEmpty());
  EXPECT_EQ(counts, 1);
  counts = 0;
  const WholeRun wrong(config, with_events("e2", counts));
  ASSERT_THAT(wrong.failed_streams(), testing::ElementsAre("events"));
  EXPECT_THAT(wrong.failed.at("events"), HasSubstr("e3"));
  EXPECT_EQ(std::count(wrong.records.begin(), wrong.records.end(), "events e2"), 1);
  EXPECT_THAT(wrong.records, Not(Contains("events e3")));
  EXPECT_EQ(counts, 0) << "the hole is told, and nothing is compared";
}

/// One event of three, or one project of two, whose document the server refuses.
TEST(OtherRecord, ARefusedDocumentCostsNoOther) {
  const std::vector<Response> refusals = {
      answer(400, R"({"detail":"Oops"})"),
      answer(422, R"({"detail":"Oops"})"),
      answer(403, R"({"detail":"You do not have permission to perform this action."})"),
      answer(403, "<html>Blocked</html>"),
      answer(404, "<html>Blocked</html>"),
      answer(200, "<html>Attention required</html>")};
  int counts = 0;
  const auto events = with_events("e3", counts);
  const nlohmann::json config = {{"project", "web"}, {"event_bodies", "detail"}};
  for (const Response& refusal : refusals) {
    for (const std::string bad : {"e1", "e2", "e3"}) {
      const WholeRun run(config, [&](const std::string& target) {
        return target.find("/events/" + bad + "/") == std::string::npos ? events(target) : refusal;
      });
      EXPECT_THAT(run.failed_streams(), testing::ElementsAre("events")) << bad;
      EXPECT_THAT(run.failed.at("events"), HasSubstr("So 1 record of"));
      EXPECT_THAT(run.kinds, testing::ElementsAre("system_error"));
      for (const std::string id : {"e1", "e2", "e3"}) {
        EXPECT_EQ(std::count(run.records.begin(), run.records.end(), "events " + id), id != bad);
      }
    }
    const WholeRun none(config, [&](const std::string& target) {
      return target.find("/events/e") == std::string::npos ? events(target) : refusal;
    });
    EXPECT_THAT(none.failed.at("events"), Not(HasSubstr("So "))) << "none at all is no hole";

    constexpr const char* kApi =
        R"({"id":"4508","slug":"api","dateCreated":"2025-01-01T00:00:00Z","organization":{"slug":"acme"}})";
    const WholeRun projects(nlohmann::json::object(), [&](const std::string& target) {
      if (target == "projects/acme/web/") return answer(200, kWeb);
      if (target == "projects/acme/api/") return refusal;
      const bool list = target.starts_with("organizations/acme/projects/");
      return answer(200, list ? "[" + std::string(kApi) + "," + kWeb + "]" : "[]", {kEnd});
    });
    EXPECT_THAT(projects.records, Contains("all_projects_detail 4507"));
    EXPECT_THAT(projects.failed.at("all_projects_detail"), HasSubstr("So 1 record of"));
  }
}

/// Also where another stream has asked for its document.
TEST(OtherRecord, AProjectDeletedSinceItWasListedIsNoHole) {
  constexpr const char* kApi = R"({"id":"4508","slug":"api","dateCreated":"2025-01-01T00:00:00Z"})";
  const WholeRun run(nlohmann::json::object(), [&](const std::string& target) {
    if (target == "projects/acme/web/") return answer(200, kWeb);
    if (target == "projects/acme/api/") {
      return answer(404, R"({"detail":"The requested resource does not exist"})");
    }
    const bool list = target.starts_with("organizations/acme/projects/");
    return answer(200, list ? "[" + std::string(kApi) + "," + kWeb + "]" : "[]", {kEnd});
  });
  EXPECT_EQ(run.failed.count("all_projects_detail"), 0U);
  EXPECT_EQ(run.failed.count("projects"), 0U);
  EXPECT_THAT(run.records, Contains("all_projects_detail 4507"));
  EXPECT_THAT(run.records, Not(Contains("all_projects_detail 4508")));
  EXPECT_THAT(run.records, Contains("projects 4508"));
}

TEST(OtherRecord, ADocumentOfAnotherProjectIsAskedForAgain) {
  int asked = 0;
  const WholeRun run(nlohmann::json::object(), [&](const std::string& target) {
    if (target == "projects/acme/web/") {
      return answer(200, ++asked == 1 ? R"({"id":"9","slug":"api"})" : kWeb);
    }
    const bool list = target.starts_with("organizations/acme/projects/");
    return answer(200, list ? "[" + std::string(kWeb) + "]" : "[]", {kEnd});
  });
  EXPECT_THAT(run.failed, IsEmpty());
  EXPECT_THAT(run.records,
              testing::IsSupersetOf({"project_detail 4507", "all_projects_detail 4507"}));
  EXPECT_GE(asked, 2);
}

}  // namespace
}  // namespace source_sentry
