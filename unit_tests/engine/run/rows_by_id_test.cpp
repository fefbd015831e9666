#include "engine/run/rows_by_id.h"

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "fakes/partition_reading.h"

namespace source_sentry {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

/// A stream of one or two partitions, whose second route takes ids.
StreamPlan plan_with_ids() {
  StreamPlan plan;
  for (const char* name : {"web", "api"}) {
    Partition& partition = plan.partitions.emplace_back();
    partition.names = {name, std::string(name) + "-number"};
    PartitionPlan& part = plan.plans.emplace_back();
    part.shape.id_key = "id";
    SweepPlan sweep;
    Route route;
    route.path = std::string(name) + "/";
    route.query = "per_page=100&collapse=stats&collapse=lifetime&x=1";
    sweep.by_id = {std::nullopt, route};
    sweep.id_parameter = "group";
    part.sweep = sweep;
  }
  return plan;
}

struct Read {
  std::vector<std::string> rows;
  std::vector<std::string> targets;
  std::size_t found = 0;
};

Read read(StreamPlan plan, std::size_t partition, const std::vector<std::string>& ids,
          const Response& given) {
  Read got;
  FakeClock clock;
  Pacer pacer;
  const Judge judge = plain_judge;
  FakeHttp http([&](const std::string& target) {
    got.targets.push_back(target);
    return given;
  });
  Fetcher fetcher(http, judge, pacer, clock, {});
  const RowsById rows(std::move(plan));
  got.found = rows.read(partition, ids, fetcher, [&](std::string_view json, std::string_view) {
    got.rows.emplace_back(json);
  });
  return got;
}

TEST(RowsById, AreAskedForWholeByTheRouteThatTakesIds) {
  const Read got = read(plan_with_ids(), 1, {"1", "2"}, answer(200, R"([{"id":"2"},{"id":"1"}])"));
  EXPECT_THAT(got.rows, ElementsAre(R"({"id":"2"})", R"({"id":"1"})"));
  EXPECT_EQ(got.found, 2U);
  EXPECT_THAT(got.targets, ElementsAre(AllOf(HasSubstr("api/?per_page=100&x=1&group=1&group=2"),
                                             Not(HasSubstr("collapse")))));
}

TEST(RowsById, AreOnlyThoseThatWereAskedFor) {
  const Read got = read(plan_with_ids(), 0, {"1"}, answer(200, R"([{"id":"9"},{"id":"1"}])"));
  EXPECT_THAT(got.rows, ElementsAre(R"({"id":"1"})"));
}

TEST(RowsById, AreTransformedAsThoseOfARead) {
  StreamPlan plan = plan_with_ids();
  plan.plans[0].transform = [](std::string_view row) {
    return row.find("\"1\"") != row.npos ? Transformed::into(R"({"id":"one"})")
                                         : Transformed::left_out();
  };
  const Read got = read(plan, 0, {"1", "2"}, answer(200, R"([{"id":"1"},{"id":"2"}])"));
  EXPECT_THAT(got.rows, ElementsAre(R"({"id":"one"})"));
}

TEST(RowsById, CannotBeHadWithoutSuchARoute) {
  StreamPlan plan = plan_with_ids();
  plan.plans[0].sweep->by_id = {std::nullopt};
  EXPECT_THAT(read(plan, 0, {"1"}, answer(200, "[]")).targets, IsEmpty());
  plan.plans[0].sweep.reset();
  EXPECT_THAT(read(plan, 0, {"1"}, answer(200, "[]")).targets, IsEmpty());
}

TEST(RowsById, FailWhereTheServerRefuses) {
  EXPECT_THROW(read(plan_with_ids(), 0, {"1"}, answer(403, "{}")), ConnectorError);
}

TEST(RowsById, KnowTheirPartitionByEachOfItsNames) {
  const RowsById rows(plan_with_ids());
  EXPECT_EQ(rows.partition_of("api"), 1U);
  EXPECT_EQ(rows.partition_of("web-number"), 0U);
  EXPECT_EQ(rows.partition_of("other"), std::nullopt);
  StreamPlan one;
  one.partitions.resize(1);
  EXPECT_EQ(RowsById(std::move(one)).partition_of("any"), 0U);
}

}  // namespace
}  // namespace source_sentry
