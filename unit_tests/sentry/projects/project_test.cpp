#include <gmock/gmock.h>

#include <atomic>
#include <future>
#include <mutex>
#include <nlohmann/json.hpp>
#include <set>

#include "fakes/fake_clock.h"
#include "fakes/fake_http.h"
#include "sentry/answers/answers.h"
#include "sentry/projects/project_lookup.h"
#include "sentry/source/probe.h"
#include "sentry/streams/plans.h"
#include "sentry/streams/table.h"

namespace source_sentry {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kDetail =
    R"({"id":"4507","slug":"web","name":"Web","color":"#abc",)"
    R"("organization":{"slug":"acme"},"status":"active","isPublic":false})";
const std::pair<std::string, std::string> kDate = {"date", "Thu, 15 Jan 2026 13:00:00 GMT"};

/// A fetcher on a server in a function, with Sentry's rules for answers.
class ProjectTest : public testing::Test {
 protected:
  ProjectTest() {
    config_ = read_config({{"auth_token", "t0ken"},
                           {"organization", "acme"},
                           {"project", "web"},
                           {"hostname", "sentry.example.com"}},
                          false);
  }

  Fetcher& serve(FakeHttp::Server server) {
    http_.emplace(std::move(server));
    fetcher_.emplace(*http_, judge_, pacer_, clock_, stop_.get_token());
    return *fetcher_;
  }

  /// What check finds out on a server, which is asked from several threads.
  ProbeResult check(FakeHttp::Server server) {
    asked_ = 0;
    const auto guarded = [&](const std::string& target) {
      const std::scoped_lock lock(mutex_);
      ++asked_;
      return server(target);
    };
    return probe(config_, StreamTable(config_),
                 {[&] { return std::make_unique<FakeHttp>(guarded); }, judge_, pacer_, clock_,
                  stop_.get_token()});
  }

  Config config_;
  std::mutex mutex_;
  int asked_ = 0;
  FakeClock clock_;
  Judge judge_ = make_judge(*parse_base_url("sentry.example.com"));
  Pacer pacer_;
  std::stop_source stop_;
  std::optional<FakeHttp> http_;
  std::optional<Fetcher> fetcher_;
};

TEST_F(ProjectTest, FactsComeFromTheProjectsDetail) {
  Fetcher& fetcher = serve([](const std::string&) { return answer(200, kDetail, {kDate}); });
  ProjectLookup lookup(config_, clock_);
  const Selection selection = lookup.selection(fetcher);
  ASSERT_THAT(selection.projects, testing::SizeIs(1));
  EXPECT_EQ(selection.projects[0].id, "4507");
  EXPECT_EQ(selection.projects[0].slug, "web");
  EXPECT_EQ(format_instant(selection.now), "2026-01-15T13:00:00.000000Z")
      << "the server's clock, not ours";
  lookup.selection(fetcher);
  EXPECT_EQ(http_->targets().size(), 1U) << "asked for once";
}

TEST_F(ProjectTest, NowIsTheNewestThatTheServerHasShown) {
  int asked = 0;
  config_.project.clear();
  config_.projects = {"web", "gone"};
  Fetcher& fetcher = serve([&](const std::string& target) {
    // The list is new, and what is asked for by name comes from a cache, or of no clock at all.
    if (target.starts_with("organizations/")) {
      return answer(200, "[" + std::string(kDetail) + "]", {kDate});
    }
    const std::string date =
        ++asked % 2 == 1 ? "Wed, 14 Jan 2026 13:00:00 GMT" : "Thu, 01 Jan 1970 00:00:00 GMT";
    return answer(404, R"({"detail":"x"})", {{"date", date}});
  });
  ProjectLookup lookup(config_, clock_);
  EXPECT_EQ(format_instant(lookup.selection(fetcher).now), "2026-01-15T13:00:00.000000Z");
  EXPECT_GT(asked, 0);
}

TEST_F(ProjectTest, FactsFollowARename) {
  Fetcher& fetcher = serve([](const std::string& target) {
    if (target == "projects/acme/web/") return answer(302, R"({"slug":"web2"})", {kDate});
    EXPECT_EQ(target, "projects/acme/web2/");
    return answer(200, R"({"id":"4507","slug":"web2"})", {kDate});
  });
  ProjectLookup lookup(config_, clock_);
  EXPECT_EQ(lookup.selection(fetcher).projects.at(0).slug, "web2");
}

TEST_F(ProjectTest, FactsDoWithoutWhatTheTokenMayNotSee) {
  for (const Response& refusal :
       {answer(403, R"({"detail":"x"})", {kDate}), answer(404, "", {kDate})}) {
    Fetcher& fetcher = serve([&](const std::string&) { return refusal; });
    ProjectLookup lookup(config_, clock_);
    const Selection selection = lookup.selection(fetcher);
    EXPECT_EQ(selection.projects.at(0).id, "");
    EXPECT_EQ(selection.projects.at(0).slug, "web");
  }
}

TEST_F(ProjectTest, AProjectThatIsNotThereIsNoPartition) {
  Fetcher& fetcher = serve([](const std::string& target) {
    if (target == "organizations/acme/") return answer(200, R"({"slug":"acme"})", {kDate});
    return answer(404, R"({"detail":"x"})", {kDate});
  });
  ProjectLookup lookup(config_, clock_);
  const Selection selection = lookup.selection(fetcher);
  ASSERT_TRUE(selection.gap);
  EXPECT_THAT(selection.projects, testing::IsEmpty());
  EXPECT_THAT(selection.gap->message(), HasSubstr("There is no project \"web\""));
  const auto plan = plan_stream(*find_stream("issues"), config_, selection, lookup, {});
  EXPECT_THAT(plan.plans, testing::IsEmpty());
  EXPECT_TRUE(plan.gap);
  EXPECT_FALSE(plan_stream(*find_stream("releases"), config_, selection, lookup, {}).gap);
}

TEST_F(ProjectTest, OneProjectBelongsToOneShard) {
  Fetcher& fetcher = serve([](const std::string&) { return answer(200, kDetail, {kDate}); });
  std::size_t read = 0;
  for (std::size_t index = 0; index < 3; ++index) {
    config_.shard = {index, 3};
    ProjectLookup lookup(config_, clock_);
    read += lookup.selection(fetcher).projects.size();
  }
  EXPECT_EQ(read, 1U);
}

TEST_F(ProjectTest, WhatIsConfiguredByNameAndNotListedIsAskedFor) {
  config_.projects = {"old", "hidden", "gone", "web"};
  config_.project.clear();
  Fetcher& fetcher = serve([](const std::string& target) {
    if (target == "projects/acme/old/") return answer(302, R"({"slug":"new"})");
    if (target == "projects/acme/new/") return answer(200, R"({"id":"7","slug":"new"})");
    if (target == "projects/acme/hidden/") return answer(200, R"({"id":"9","slug":"hidden"})");
    if (target == "projects/acme/gone/") return answer(404, R"({"detail":"x"})");
    EXPECT_THAT(target, testing::StartsWith("organizations/acme/projects/"));
    return answer(200, R"([{"id":"7","slug":"new"},{"id":"8","slug":"web"}])", {kDate});
  });
  ProjectLookup lookup(config_, clock_);
  const Selection selection = lookup.selection(fetcher);
  std::vector<std::string> found;
  for (const ProjectFacts& facts : selection.projects) {
    found.push_back(facts.slug + " " + facts.id + " " + facts.configured);
  }
  EXPECT_THAT(found, ElementsAre("hidden 9 ", "new 7 old", "web 8 "));
  EXPECT_THAT(selection.missing, ElementsAre("gone"));
  EXPECT_THAT(selection.gap->message(), HasSubstr("There is no project \"gone\""));
}

TEST_F(ProjectTest, APlainStateFollowsItsProjectsRename) {
  config_.projects = {"*"};
  Fetcher& fetcher = serve([](const std::string& target) {
    if (target == "projects/acme/web/") return answer(302, R"({"slug":"new"})");
    if (target == "projects/acme/new/") return answer(200, R"({"id":"7","slug":"new"})");
    return answer(200, R"([{"id":"7","slug":"new"},{"id":"8","slug":"api"}])", {kDate});
  });
  ProjectLookup lookup(config_, clock_);
  const Selection selection = lookup.selection(fetcher);
  const auto plan = plan_stream(*find_stream("events"), config_, selection, lookup, {});
  ASSERT_THAT(plan.partitions, testing::SizeIs(2));
  EXPECT_FALSE(plan.partitions[0].owns_plain_state);
  EXPECT_TRUE(plan.partitions[1].owns_plain_state);
}

TEST_F(ProjectTest, AnEmptyListOfProjectsIsNoMistakeInTheConfiguration) {
  config_.project.clear();
  Fetcher& fetcher = serve([](const std::string&) { return answer(200, "[]", {kDate}); });
  ProjectLookup lookup(config_, clock_);
  try {
    lookup.selection(fetcher);
    FAIL() << "accepted";
  } catch (const ConnectorError& error) {
    EXPECT_THAT(error.message(), HasSubstr("The token sees no project"));
  }
}

TEST_F(ProjectTest, FactsFailForEverybodyWhenTheTokenIsBad) {
  Fetcher& fetcher =
      serve([](const std::string&) { return answer(401, R"({"detail":"Invalid token"})"); });
  ProjectLookup lookup(config_, clock_);
  EXPECT_THROW(lookup.selection(fetcher), ConnectorError);
  EXPECT_THROW(lookup.selection(fetcher), ConnectorError);
  EXPECT_EQ(http_->targets().size(), 1U);
}

/// What the plan makes of one row.
std::optional<std::string> made_of(const PartitionPlan& plan, std::string_view row,
                                   Fetcher& fetcher) {
  std::optional<std::string> made;
  const auto route = [&](const RecordView& view) { return plan.expansion.route(view.json); };
  DocumentFetch(plan.shape, route, fetcher, plan.expansion.documents)
      .run({{row, {}, {}}}, [&](const RecordView& view, const DocumentFetch::Answer& answer) {
        made = plan.expansion.record(view.json, answer);
      });
  return made;
}

TEST_F(ProjectTest, ProjectsAreCompletedWithTheBytesOfTheirDetail) {
  Fetcher& fetcher = serve([](const std::string&) { return answer(200, kDetail); });
  ProjectLookup lookup(config_, clock_);
  const Selection selection{{{"web", "4507"}}, {}, {}};
  const std::vector<std::string> fields;
  const auto made =
      [&,
       plan =
           plan_stream(*find_stream("projects"), config_, selection, lookup, fields).plans.at(0)](
          std::string_view row) { return made_of(plan, row, fetcher); };
  EXPECT_EQ(
      made(R"({"id":"4507","slug":"web","status":"kept","x":1.0})"),
      R"({"id":"4507","slug":"web","status":"kept","x":1.0,"color":"#abc","isPublic":false,"organization":{"slug":"acme"}})");
  const std::string whole =
      R"({"slug":"web","avatar":1,"color":2,"isInternal":3,"isPublic":4,"organization":5,"status":6})";
  EXPECT_EQ(made(whole), whole);
  EXPECT_EQ(http_->targets().size(), 1U);
}

TEST_F(ProjectTest, ADetailIsAskedForOnceAndHoldsNobodyElseUp) {
  ProjectLookup lookup(config_, clock_);
  std::promise<void> asked, answer_it;
  const auto may_answer = answer_it.get_future().share();
  std::atomic<int> requests = 0;
  const auto get = [&](const std::string& slug) {
    FakeHttp http([&](const std::string& target) {
      ++requests;
      if (target == "projects/acme/slow/") {
        asked.set_value();
        may_answer.wait();
      }
      return answer(200, R"({"id":"1","slug":")" + slug + "\"}");
    });
    Fetcher fetcher(http, judge_, pacer_, clock_, stop_.get_token());
    return lookup.detail(slug, "1", fetcher)->json;
  };
  auto slow = std::async(std::launch::async, get, "slow");
  asked.get_future().wait();
  EXPECT_EQ(get("quick"), R"({"id":"1","slug":"quick"})");  // while the other one is under way
  auto same = std::async(std::launch::async, get, "slow");
  answer_it.set_value();
  EXPECT_EQ(slow.get(), R"({"id":"1","slug":"slow"})");
  EXPECT_EQ(same.get(), R"({"id":"1","slug":"slow"})");
  EXPECT_EQ(requests, 2);
}

TEST_F(ProjectTest, ProjectsStayAsListedWhenTheirDetailCannotBeRead) {
  Fetcher& fetcher = serve([](const std::string&) { return answer(403, ""); });
  ProjectLookup lookup(config_, clock_);
  const Selection selection{{{"web", "4507"}}, {}, {}};
  const std::vector<std::string> fields;
  const auto made =
      [&,
       plan =
           plan_stream(*find_stream("projects"), config_, selection, lookup, fields).plans.at(0)](
          std::string_view row) { return made_of(plan, row, fetcher); };
  EXPECT_EQ(made(R"({"id":"1","slug":"web"})"), R"({"id":"1","slug":"web"})");
}

TEST_F(ProjectTest, ProjectsFailWhenTheirDetailsMayBeThereNextTime) {
  for (const Response& failure :
       {answer(401, R"({"detail":"Invalid token"})"), answer(200, "<html>log in</html>")}) {
    Fetcher& fetcher = serve([&](const std::string&) { return failure; });
    ProjectLookup lookup(config_, clock_);
    const Selection selection{{{"web", "4507"}}, {}, {}};
    const std::vector<std::string> fields;
    const auto made =
        [&,
         plan =
             plan_stream(*find_stream("projects"), config_, selection, lookup, fields).plans.at(0)](
            std::string_view row) { return made_of(plan, row, fetcher); };
    EXPECT_THROW(made(R"({"id":"1","slug":"web"})"), ConnectorError) << failure.status;
  }
}

TEST_F(ProjectTest, DetailsStandInForListedProjects) {
  Fetcher& fetcher = serve([](const std::string& target) {
    if (target == "projects/acme/gone/")
      return answer(404, R"({"detail":"The requested resource does not exist"})");
    if (target == "projects/acme/closed/") return answer(403, "");
    return answer(200, kDetail);
  });
  ProjectLookup lookup(config_, clock_);
  const Selection selection{{{"web", "4507"}}, {}, {}};
  const std::vector<std::string> fields;
  const auto made =
      [&,
       plan = plan_stream(*find_stream("all_projects_detail"), config_, selection, lookup, fields)
                  .plans.at(0)](std::string_view row) { return made_of(plan, row, fetcher); };
  EXPECT_EQ(made(R"({"id":"4507","slug":"web"})"), kDetail);
  EXPECT_EQ(made(R"({"id":"1","slug":"gone"})"), std::nullopt);
  EXPECT_THROW(made(R"({"id":"2","slug":"closed"})"), ConnectorError);
  EXPECT_THROW(made(R"({"id":"3"})"), ConnectorError);
}

std::string list_of(std::vector<std::string> slugs) {
  std::string body;
  for (const auto& slug : slugs)
    body += (body.empty() ? "[" : ",") + (R"({"slug":")" + slug + "\"}");
  return body + "]";
}

const Response kUnknown = answer(404, R"({"detail":"The requested resource does not exist"})");

TEST_F(ProjectTest, CheckSucceedsWhenEverythingCanBeRead) {
  const ProbeResult result = check([](const std::string& target) {
    return answer(200, target == "projects/acme/web/" ? kDetail : "[]", {kDate});
  });
  EXPECT_TRUE(result.succeeded);
  EXPECT_EQ(result.message, "");
}

TEST_F(ProjectTest, CheckNamesNearMatchesOfAnUnknownProject) {
  const ProbeResult result = check([](const std::string& target) {
    if (target.starts_with("organizations/acme/projects/")) {
      return answer(200, list_of({"billing", "web-app", "wob", "search"}));
    }
    return kUnknown;
  });
  EXPECT_FALSE(result.succeeded);
  EXPECT_THAT(result.message, AllOf(HasSubstr("no project \"web\""), HasSubstr("\"web-app\""),
                                    HasSubstr("\"wob\""), Not(HasSubstr("billing"))));
}

TEST_F(ProjectTest, CheckTellsAnUnknownOrganizationFromAnUnknownProject) {
  const ProbeResult result = check([](const std::string& target) {
    if (target.starts_with("organizations/?")) return answer(200, list_of({"acme-corp", "zebra"}));
    return kUnknown;
  });
  EXPECT_FALSE(result.succeeded);
  EXPECT_THAT(result.message,
              AllOf(HasSubstr("no organization \"acme\""), HasSubstr("\"acme-corp\"")));
}

TEST_F(ProjectTest, CheckNamesTheScopesThatAreMissing) {
  const auto server = [](const std::string& target) {
    if (target.find("/issues/") != std::string::npos) return answer(403, R"({"detail":"no"})");
    return answer(200, target == "projects/acme/web/" ? kDetail : "[]", {kDate});
  };
  const ProbeResult part = check(server);
  EXPECT_TRUE(part.succeeded);
  EXPECT_THAT(part.message, HasSubstr("cannot read issues (needs the scope event:read)"));
  const ProbeResult nothing =
      check([](const std::string&) { return answer(403, R"({"detail":"no"})"); });
  EXPECT_FALSE(nothing.succeeded);
  EXPECT_THAT(nothing.message, HasSubstr("project:read"));
}

TEST_F(ProjectTest, CheckTellsWhatTheServerLacksFromWhatTheTokenLacks) {
  const auto result = check([](const std::string& target) {
    if (target.starts_with("organizations/acme/releases/")) return answer(404, "");
    if (target.find("/keys/") != std::string::npos) return answer(503, "maintenance");
    if (target.find("/issues/") != std::string::npos) {
      return answer(403, R"({"detail":"The requested feature is not available."})");
    }
    return answer(200, target == "projects/acme/web/" ? kDetail : "[]", {kDate});
  });
  EXPECT_TRUE(result.succeeded);
  EXPECT_THAT(result.message, AllOf(HasSubstr("this server does not offer issues, releases"),
                                    HasSubstr("these failed: project_keys"), HasSubstr("HTTP 503"),
                                    Not(HasSubstr("scope"))));
}

TEST_F(ProjectTest, CheckTriesAFewOfManyProjects) {
  config_.project.clear();
  std::set<std::string> tried;
  const auto result = check([&](const std::string& target) {
    if (target.starts_with("projects/acme/")) {
      tried.insert(target.substr(14, 4));
      return target.find("p199") == std::string::npos ? answer(200, R"({"id":"1","slug":"p"})")
                                                      : kUnknown;
    }
    std::string list;
    for (int i = 100; i < 200; ++i) {
      list += (i > 100 ? "," : "[") + (R"({"id":"1","slug":"p)" + std::to_string(i) + "\"}");
    }
    return answer(200, list + "]",
                  {kDate, {"link", "<u>; rel=\"next\"; results=\"false\"; cursor=\"c\""}});
  });
  EXPECT_EQ(tried, (std::set<std::string>{"p100", "p150", "p199"}));
  EXPECT_LT(asked_, 20);
  EXPECT_TRUE(result.succeeded);
  EXPECT_THAT(result.message, AllOf(HasSubstr("these failed: events, project_detail, project_keys"),
                                    HasSubstr("p199")));
}

TEST_F(ProjectTest, FactsAreReadWhateverElseStandsInAProject) {
  config_.project.clear();
  const std::string odd =
      R"([{"id":"1","slug":"a","name":"\ud800"},{"id":"2","slug":"b","n":[1e400]},7,{"id":"3"},)"
      R"({"id":"4","slug":"c","organization":{"slug":"acme"}},{"id":"5","slug":"d","organization":{"slug":"other"}}])";
  Fetcher& fetcher = serve([&](const std::string&) { return answer(200, odd, {kDate}); });
  ProjectLookup lookup(config_, clock_);
  const Selection selection = lookup.selection(fetcher);
  std::string slugs;
  for (const auto& facts : selection.projects) slugs += facts.slug + facts.id + " ";
  EXPECT_EQ(slugs, "a1 b2 c4 ");
  ASSERT_TRUE(selection.gap);
  EXPECT_THAT(selection.gap->message(), HasSubstr("2 entries that are not projects"));
  const std::vector<std::string> fields;
  EXPECT_TRUE(plan_stream(*find_stream("events"), config_, selection, lookup, fields).gap);
  EXPECT_FALSE(plan_stream(*find_stream("releases"), config_, selection, lookup, fields).gap);
}

TEST_F(ProjectTest, CheckTellsOfProjectsThatMayBeMissing) {
  config_.project.clear();
  const auto result = check([&](const std::string& target) {
    if (target.starts_with("projects/")) return answer(200, kDetail, {kDate});
    return answer(200, R"([{"id":"4507","slug":"web"},7])", {kDate});
  });
  EXPECT_TRUE(result.succeeded);
  EXPECT_THAT(result.message, HasSubstr("1 entry that is not a project"));
}

TEST_F(ProjectTest, AProjectIsReadFromItsDocument) {
  EXPECT_EQ(read_project(R"({"id":"7","slug":"web","x":1e400,"y":"\ud800"})")->id, "7");
  EXPECT_EQ(read_project(R"({"slug":"web"})")->id, "");
  for (const char* none : {"", "{}", "[]", R"({"id":"7"})", R"({"slug":"web")", R"({"slug":7})"}) {
    EXPECT_FALSE(read_project(none)) << none;
  }
}

TEST_F(ProjectTest, CheckSeesThatAServerIsNoSentry) {
  for (const Response& response :
       {answer(404, ""), answer(200, R"({"hello":"world"})"), answer(200, "[]")}) {
    const ProbeResult result = check([&](const std::string&) { return response; });
    EXPECT_FALSE(result.succeeded);
    EXPECT_THAT(result.message, HasSubstr("is not a Sentry"));
  }
  const ProbeResult page = check([](const std::string&) { return answer(200, "<html>"); });
  EXPECT_THAT(page.message, HasSubstr("web page"));
}

TEST_F(ProjectTest, CheckCallsADeadServerTransient) {
  const ProbeResult result =
      check([](const std::string&) { return broken(TransportProblem::kConnectFailure); });
  EXPECT_FALSE(result.succeeded);
  EXPECT_TRUE(result.transient);
  EXPECT_EQ(asked_, 2) << "a person waits";
}

TEST_F(ProjectTest, CheckFollowsARenameAndSaysSo) {
  const ProbeResult result = check([](const std::string& target) {
    if (target == "projects/acme/web/") return answer(302, R"({"slug":"web2"})", {kDate});
    return answer(200, target == "projects/acme/web2/" ? kDetail : "[]", {kDate});
  });
  EXPECT_TRUE(result.succeeded);
  EXPECT_THAT(result.message, HasSubstr("renamed to \"web2\""));
}

}  // namespace
}  // namespace source_sentry
