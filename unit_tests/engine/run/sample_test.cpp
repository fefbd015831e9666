#include "engine/run/sample.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "fakes/partition_reading.h"

namespace source_sentry {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

/// A stream of which a few records are read.
struct Sampled {
  std::vector<std::string> ids;
  std::vector<std::string> targets;
};

Sampled sample(std::vector<PartitionPlan> plans, std::size_t most, const FakeHttp::Server& server,
               std::optional<ConnectorError> gap = {}) {
  Sampled sampled;
  FakeClock clock;
  Pacer pacer;
  const Judge judge = plain_judge;
  const StreamJob job{"s", "dateCreated", true, {}, [&](Fetcher&) {
                        StreamPlan plan;
                        plan.plans = plans;
                        plan.partitions.resize(plans.size());
                        plan.gap = gap;
                        return plan;
                      }};
  const auto counted = [&](const std::string& target) {
    sampled.targets.push_back(target);
    return server(target);
  };
  const auto records =
      sample_of(job, most,
                {{}, clock, [&] { return std::make_unique<FakeHttp>(counted); }, judge, pacer, {}});
  for (const std::string& record : records) {
    sampled.ids.push_back(nlohmann::json::parse(record).at("id"));
  }
  return sampled;
}

PartitionPlan plan_of(const FakeList& list, const std::string& path = "list/") {
  PartitionPlan plan = list.plan(kNow);
  plan.routes[0].query = "per_page=100";
  plan.routes[0].path = path;
  return plan;
}

TEST(Sample, TakesTheNewestRowsWithOneRequest) {
  const FakeList list = list_of(50, 100);
  const Sampled got = sample({plan_of(list)}, 3, list);
  EXPECT_THAT(got.ids, ElementsAre("r0", "r1", "r2"));
  EXPECT_THAT(got.targets, ElementsAre(HasSubstr("list/?per_page=3&start=1900-01-01")));
}

TEST(Sample, TakesNoMoreThanThatOfALargerPage) {
  const FakeList list = list_of(50, 10);
  const Sampled got = sample({plan_of(list)}, 3, [&](std::string target) {
    target.replace(target.find("per_page=3"), 10, "per_page=9");
    return list(target);
  });
  EXPECT_THAT(got.ids, ElementsAre("r0", "r1", "r2"));
  EXPECT_EQ(got.targets.size(), 1U);
}

TEST(Sample, GoesOnToTheNextPageAndTheNextPartition) {
  const FakeList list = list_of(3, 2);
  const Sampled got =
      sample({plan_of(list_of(0, 100), "none/"), plan_of(list)}, 5, [&](const std::string& target) {
        return target.starts_with("none/") ? list_of(0, 100)(target) : list(target);
      });
  EXPECT_THAT(got.ids, ElementsAre("r0", "r1", "r2"));
  EXPECT_EQ(got.targets.size(), 3U);
}

TEST(Sample, LooksWithinTheConfiguredDates) {
  const FakeList list = list_of(50, 100);
  PartitionPlan plan = plan_of(list);
  plan.until = kNow - std::chrono::minutes(30);
  plan.from = kNow - std::chrono::minutes(33);
  EXPECT_THAT(sample({plan}, 5, list).ids, ElementsAre("r30", "r31", "r32"));
}

TEST(Sample, TriesTheOtherWays) {
  const FakeList list = list_of(5, 100);
  PartitionPlan plan = plan_of(list, "new/");
  plan.routes.push_back(plan.routes[0]);
  plan.routes[1].path = "old/";
  const Sampled got = sample({plan}, 1, [&](const std::string& target) {
    return target.starts_with("new/") ? answer(404, "") : list(target);
  });
  EXPECT_THAT(got.ids, ElementsAre("r0"));
}

TEST(Sample, AsksForLessTimeWhereAllIsTooMuch) {
  const FakeList list = list_of(5, 100);
  const Sampled got = sample({plan_of(list)}, 1, [&](const std::string& target) {
    return target.find("start=19") != std::string::npos ? answer(413, "") : list(target);
  });
  EXPECT_THAT(got.ids, ElementsAre("r0"));
}

TEST(Sample, FailsOnlyWhereThereIsNothingToShow) {
  const FakeList list = list_of(2, 100);
  const auto server = [&](const std::string& target) {
    return target.starts_with("closed/") ? answer(403, "") : list(target);
  };
  EXPECT_THAT(sample({plan_of(list, "closed/"), plan_of(list)}, 5, server).ids,
              ElementsAre("r0", "r1"));
  EXPECT_THROW(sample({plan_of(list, "closed/")}, 5, server), ConnectorError);
  EXPECT_THROW(sample({}, 5, server, ConnectorError(FailureKind::kConfig, "No projects.")),
               ConnectorError);
}

TEST(Sample, ReadsNoMoreChildrenThanItShows) {
  const FakeList parents = list_of(3, 100);
  const FakeList children = list_of(30, 10);
  PartitionPlan plan = plan_of(parents);
  plan.expansion.list = ChildList{{.id_key = "id"}};
  plan.expansion.route = [](std::string_view) -> std::optional<Route> {
    return Route{.path = "children/", .what = "the children"};
  };
  const Sampled got = sample({plan}, 4, [&](const std::string& target) {
    return target.starts_with("children/") ? children(target) : parents(target);
  });
  EXPECT_THAT(got.ids, ElementsAre("r0", "r1", "r2", "r3"));
  EXPECT_LE(std::count_if(got.targets.begin(), got.targets.end(),
                          [](const auto& target) { return target.starts_with("children/"); }),
            2)
      << "all are nine pages; the second was asked for while the first was written";
}

}  // namespace
}  // namespace source_sentry
