#include "engine/run/survey.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "fakes/partition_reading.h"

namespace source_sentry {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using How = Counted::How;

struct Surveyed {
  StreamSurvey survey;
  std::vector<std::string> targets;
};

Surveyed survey(std::vector<PartitionPlan> plans, const FakeHttp::Server& server,
                const nlohmann::json& state = {}) {
  Surveyed out;
  FakeClock clock;
  Pacer pacer;
  std::mutex mutex;
  const Judge judge = plain_judge;
  const StreamJob job{"s", "dateCreated", false, state, [&](Fetcher&) {
                        StreamPlan plan;
                        plan.plans = plans;
                        plan.partitions.resize(plans.size());
                        return plan;
                      }};
  const auto counted = [&](const std::string& target) {
    const std::scoped_lock lock(mutex);  // several ask at a time
    out.targets.push_back(target);
    return server(target);
  };
  out.survey = survey_of(
      job, {{}, clock, [&] { return std::make_unique<FakeHttp>(counted); }, judge, pacer, {}});
  return out;
}

std::vector<std::pair<How, std::uint64_t>> rows_of(const StreamSurvey& survey) {
  std::vector<std::pair<How, std::uint64_t>> rows;
  for (const Counted& one : survey.rows) rows.emplace_back(one.how, one.number);
  return rows;
}

using Rows = std::vector<std::pair<How, std::uint64_t>>;

TEST(Survey, TakesWhatTheFirstPageSays) {
  struct Case {
    std::size_t rows;
    std::vector<std::pair<std::string, std::string>> headers;
    std::pair<How, std::uint64_t> known;
  };
  for (const Case& one :
       {Case{7, {}, {How::kExact, 7}}, Case{70, {}, {How::kAtLeast, 10}},
        Case{70, {{"x-hits", "70"}, {"x-max-hits", "1000"}}, {How::kAbout, 70}},
        Case{70, {{"x-hits", "1000"}, {"x-max-hits", "1000"}}, {How::kAtLeast, 1000}}}) {
    const FakeList list = list_of(one.rows, 10);
    const Surveyed got = survey({list.plan(kNow)}, [&](const std::string& target) {
      Response response = list(target);
      for (const auto& header : one.headers) response.headers.push_back(header);
      return response;
    });
    EXPECT_EQ(rows_of(got.survey), Rows{one.known});
    EXPECT_EQ(got.targets.size(), 1U);
    EXPECT_EQ(got.survey.page_rows, one.rows > 10 ? 10U : 0U);
    EXPECT_GT(got.survey.record_bytes.value_or(0), 40);
  }
}

TEST(Survey, CountsWhereTheServerDoesAndLooksIntoTheLargestList) {
  const FakeList list = list_of(25, 10);
  std::vector<PartitionPlan> plans(3, list.plan(kNow));
  for (std::size_t i = 0; i < plans.size(); ++i) {
    plans[i].routes[0].path = "list" + std::to_string(i) + "/";
    plans[i].kept_for = std::chrono::days(90);
    plans[i].count = [i](const Window& window, Fetcher&) -> std::optional<std::uint64_t> {
      EXPECT_EQ(window.to - window.from, std::chrono::days(90));
      return i == 1 ? 25 : 0;
    };
  }
  const Surveyed got = survey(plans, [&](const std::string& target) { return list(target); });
  EXPECT_EQ(rows_of(got.survey), (Rows{{How::kExact, 0}, {How::kExact, 25}, {How::kExact, 0}}));
  EXPECT_THAT(got.targets, ElementsAre(HasSubstr("list1/")));
  EXPECT_EQ(got.survey.range->from, kNow - std::chrono::days(90));
}

TEST(Survey, BeginsWhereTheNextReadDoes) {
  const FakeList list = list_of(25, 10);
  PartitionPlan plan = list.plan(kNow);
  plan.lookback = std::chrono::minutes(5);
  const nlohmann::json state = {{"dateCreated", format_instant(kNow - std::chrono::minutes(5))}};
  const Surveyed got = survey({plan}, list, state);
  EXPECT_TRUE(got.survey.resumes);
  EXPECT_EQ(got.survey.range->from, kNow - std::chrono::minutes(10));
  EXPECT_EQ(rows_of(got.survey), (Rows{{How::kExact, 10}}));
}

TEST(Survey, TellsWhatMayNotBeRead) {
  const FakeList list = list_of(5, 10);
  std::vector<PartitionPlan> plans(2, list.plan(kNow));
  plans[0].routes[0].path = "closed/";
  const auto server = [&](const std::string& target) {
    return target.starts_with("closed/") ? answer(403, "") : list(target);
  };
  const Surveyed some = survey(plans, server);
  EXPECT_EQ(some.survey.refused, 1U);
  EXPECT_TRUE(some.survey.refusal->forbidden);
  EXPECT_FALSE(some.survey.is_closed);
  EXPECT_EQ(rows_of(some.survey), (Rows{{How::kUnknown, 0}, {How::kExact, 5}}));
  plans.resize(1);
  EXPECT_TRUE(survey(plans, server).survey.is_closed);
}

TEST(Survey, MeasuresWhatRowsLeadTo) {
  const FakeList list = list_of(3, 10);
  PartitionPlan plan = list.plan(kNow);
  plan.routes[0].names_only = true;
  plan.detail = [](std::string_view id) {
    return Route{.path = "detail/" + std::string(id), .rate_group = "details"};
  };
  const std::string document = R"({"id":"r0","text":")" + std::string(1000, 'x') + "\"}";
  const Surveyed got = survey({plan}, [&](const std::string& target) {
    return target.starts_with("detail/") ? answer(200, document) : list(target);
  });
  EXPECT_EQ(got.survey.each, StreamSurvey::Each::kDocument);
  EXPECT_EQ(got.survey.documents->rate_group, "details");
  EXPECT_EQ(got.survey.record_bytes, static_cast<double>(document.size()));
  EXPECT_EQ(got.targets.size(), 2U);
}

TEST(Survey, AsksAboutAHundredPartitionsAtMost) {
  const FakeList list = list_of(1, 10);
  const Surveyed got = survey(std::vector<PartitionPlan>(250, list.plan(kNow)), list);
  EXPECT_EQ(got.survey.partitions, 250U);
  EXPECT_EQ(got.survey.rows.size(), 100U);
  EXPECT_EQ(got.targets.size(), 100U);
}

}  // namespace
}  // namespace source_sentry
