#include "engine/read/search_proof.h"

#include <gmock/gmock.h>

#include "engine/read/partition_reader.h"
#include "engine/state/stream_state.h"
#include "fakes/captured_output.h"
#include "fakes/fake_clock.h"
#include "fakes/fake_list.h"

namespace source_sentry {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

/// What a read gave of a server that is asked by `plan`.
struct Outcome {
  std::string error;
  std::size_t records = 0;
  std::size_t requests = 0;
  std::size_t waits = 0;
};

Outcome read(const PartitionPlan& plan, const FakeHttp::Server& server, nlohmann::json saved = {}) {
  CapturedOutput captured;
  FakeHttp http(server);
  Pacer pacer;
  const Judge judge = plain_judge;
  Fetcher fetcher(http, judge, pacer, captured.clock(), {});
  StreamOutput output(captured.emitter(), "s", state_before_reading(saved, plan.shape.cursor_key));
  StreamState state(output, plan.shape.cursor_key, saved);
  Outcome outcome;
  try {
    state.begin({Partition()});
    PartitionReader reader(plan, output, state.checkpoint(0), false,
                           [&](const Checkpoint& checkpoint) { state.save(0, checkpoint); });
    for (auto progress = Progress::kMore; progress != Progress::kDone;) {
      progress = reader.step(fetcher);
      outcome.waits += progress == Progress::kWaits ? 1 : 0;
    }
  } catch (const ConnectorError& error) {
    outcome.error = error.message();
  }
  for (const std::string& line : captured.story()) outcome.records += line.starts_with("RECORD");
  outcome.requests = http.targets().size();
  return outcome;
}

FakeList five_rows() {
  FakeList list;
  list.heeds_windows = false;
  for (int i = 1; i <= 5; ++i) list.rows.push_back({"r" + std::to_string(i), kNow - i * 10min});
  return list;
}

bool is_search(const std::string& target) { return target.find("start=") != target.npos; }

/// The list without its search, as a further way to ask.
Route unsearched(const PartitionPlan& plan) {
  Route route = plan.routes.front();
  route.query = "plain=true";
  route.window_query = nullptr;
  route.unsearched = true;
  return route;
}

class EmptySearch : public testing::Test {
 protected:
  const FakeList list_ = five_rows();
  PartitionPlan plan_ = list_.plan(kNow);
  const FakeHttp::Server deaf_ = [this](const std::string& target) {
    return is_search(target) ? FakeList()(target) : list_(target);
  };
};

TEST_F(EmptySearch, IsNoEndWhereTheListHoldsRowsOfThatTime) {
  EXPECT_THAT(read(plan_, deaf_).error, HasSubstr("searched by time"));
}

TEST_F(EmptySearch, LeadsToTheListWithoutOne) {
  plan_.routes.push_back(unsearched(plan_));
  for (const nlohmann::json& saved :
       {nlohmann::json(), nlohmann::json{{"dateCreated", "2026-01-15T11:25:00Z"}}}) {
    const Outcome outcome = read(plan_, deaf_, saved);
    EXPECT_EQ(outcome.error, "");
    EXPECT_EQ(outcome.records, saved.is_null() ? 5U : 3U) << "bounds are the client's";
  }
}

TEST_F(EmptySearch, IsHeldAgainstTheOtherWaysToAsk) {
  Route other = plan_.routes.front();
  other.path = "other/";
  plan_.routes.push_back(other);
  const auto server = [this](const std::string& target) {
    return target.starts_with("list/") ? FakeList()(target) : list_(target);
  };
  const Outcome outcome = read(plan_, server);
  EXPECT_EQ(outcome.error, "");
  EXPECT_EQ(outcome.records, 5U);
}

TEST_F(EmptySearch, LooksBehindRowsThatAreNewerThanTheRun) {
  FakeList busy = list_;
  busy.page_size = 10;
  for (int i = 1; i <= 35; ++i) busy.rows.push_back({"n" + std::to_string(i), kNow + i * 1s});
  const auto server = [&](const std::string& target) {
    return is_search(target) ? FakeList()(target) : busy(target);
  };
  EXPECT_THAT(read(plan_, server).error, HasSubstr("searched by time"));
}

TEST_F(EmptySearch, IsAskedOnceMoreForWhatCameMeanwhile) {
  int searches = 0;
  const auto server = [&](const std::string& target) {
    if (is_search(target) && ++searches == 1) return FakeList()(target);
    return list_(target);
  };
  const Outcome outcome = read(plan_, server);
  EXPECT_EQ(outcome.error, "");
  EXPECT_EQ(outcome.records, 5U);
}

TEST_F(EmptySearch, IsBelievedWhereTheListIsEmptyOrOfOtherTimes) {
  const auto nothing = [](const std::string& target) { return FakeList()(target); };
  EXPECT_EQ(read(plan_, nothing).error, "");
  EXPECT_EQ(read(plan_, nothing).requests, 2U);
  plan_.from = kNow - 1min;
  FakeList heeding = list_;
  heeding.heeds_windows = true;
  const Outcome outcome = read(plan_, heeding);
  EXPECT_EQ(outcome.error, "");
  EXPECT_EQ(outcome.requests, 2U) << "a search for all times";
  EXPECT_THAT(read(plan_, deaf_).error, HasSubstr("searched by time"));
}

TEST_F(EmptySearch, WaitsForWhatOthersFind) {
  const auto nothing = [](const std::string& target) { return FakeList()(target); };
  plan_.trust = std::make_shared<SearchTrust>();
  EXPECT_EQ(read(plan_, nothing).waits, 1U);
  plan_.trust->note_found(0);
  const Outcome believed = read(plan_, nothing);
  EXPECT_EQ(believed.waits, 0U);
  EXPECT_EQ(believed.requests, 1U);
}

TEST_F(EmptySearch, OfAllIsKnownByOne) {
  plan_.trust = std::make_shared<SearchTrust>();
  plan_.routes.push_back(unsearched(plan_));
  EXPECT_EQ(read(plan_, deaf_).records, 5U);
  const Outcome next = read(plan_, deaf_);
  EXPECT_EQ(next.records, 5U);
  EXPECT_EQ(next.requests, 1U) << "it asks no search that is in vain";
}

/// What one route has found says nothing of the next one.
TEST_F(EmptySearch, OfARouteIsNotBelievedForTheRowsOfAnother) {
  FakeList list = five_rows();
  list.heeds_windows = true;
  for (int i = 1; i <= 1200; ++i) list.rows.push_back({"n" + std::to_string(i), kNow - i * 1min});
  plan_ = list.plan(kNow);
  plan_.trust = std::make_shared<SearchTrust>();
  Route other = plan_.routes.front();
  other.path = "other/";
  plan_.routes.push_back(other);
  std::size_t pages = 0;
  std::size_t asked_other = 0;
  const auto server = [&](const std::string& target) {
    if (target.starts_with("other/")) {
      ++asked_other;
      return FakeList()(target);
    }
    const bool first_page = target.find("cursor=") == target.npos;
    if (!first_page) ++pages;
    return first_page && pages > 20 ? answer(404, "{}") : list(target);
  };
  EXPECT_GT(read(plan_, server).records, 0U);
  EXPECT_GT(asked_other, 0U);
  EXPECT_TRUE(plan_.trust->understood(0));
  EXPECT_FALSE(plan_.trust->understood(1)) << "it has found nothing";
}

TEST(ListWithoutIds, IsCutToTheConfiguredDates) {
  FakeList list;
  for (int i = 1; i <= 5; ++i) list.rows.push_back({"", kNow - i * 10min});
  PartitionPlan plan = list.plan(kNow);
  plan.ids_prove_windows = true;
  EXPECT_EQ(read(plan, list).records, 5U);
  plan.from = kNow - 45min;
  EXPECT_EQ(read(plan, list).records, 4U);
  plan.until = kNow - 15min;
  EXPECT_EQ(read(plan, list).records, 3U);
}

TEST_F(EmptySearch, OfWhatNothingShowsIsNotBelieved) {
  plan_.owner = Route{.path = "owner/", .what = "the owner", .scopes = "owner:read"};
  plan_.owner_unseen = true;
  plan_.lists_of_owner = {{.path = "members/"},
                          {.path = "all/", .is_meant = [](std::string_view row) {
                             return row.find("r1") != row.npos;
                           }}};
  FakeList strangers;
  strangers.rows = {{"r2", kNow}};
  const FakeHttp::Server none = FakeList();
  const std::vector<std::tuple<FakeHttp::Server, FakeHttp::Server, bool>> cases = {
      {list_, none, true},  // members
      {none, list_, true},
      {none, strangers, false},
      {none, none, false},
      {[](const std::string&) { return answer(403, "{}"); }, none, false}};
  for (const auto& [members, all, exists] : cases) {
    const auto server = [&members = members, &all = all](const std::string& target) {
      if (target.starts_with("owner/")) return answer(403, "{}");
      if (target.starts_with("members/")) return members(target);
      return target.starts_with("all/") ? all(target) : FakeList()(target);
    };
    EXPECT_EQ(read(plan_, server).error.empty(), exists);
  }
}

TEST_F(EmptySearch, OfWhatDoesNotExistIsNotBelieved) {
  plan_.owner = Route{.path = "owner/", .what = "the owner", .scopes = "owner:read"};
  plan_.owner_unseen = true;
  for (const bool in_windows : {true, false}) {
    for (const auto& [status, error] : {std::pair(404, "the owner: 404"), {200, ""}, {403, ""}}) {
      plan_.in_windows = in_windows;
      const auto server = [status = status](const std::string& target) {
        return target.starts_with("owner/") ? answer(status, "{}") : FakeList()(target);
      };
      EXPECT_EQ(read(plan_, server).error, error) << status << in_windows;
    }
  }
}

}  // namespace
}  // namespace source_sentry
