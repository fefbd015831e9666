#include "engine/read/sweep.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <map>

#include "engine/write/row_memory.h"
#include "fakes/captured_output.h"
#include "fakes/fake_list.h"

namespace source_sentry {
namespace {

using namespace std::chrono_literals;
using std::chrono::days;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

/// A list by creation, and the answers to questions by id.
struct World {
  struct Row {
    Instant created;
    Instant seen;
    std::string state;
    bool listed = true;  ///< else it is only found by its id
  };
  std::map<std::string, Row> rows;
  std::string spoiled;  ///< listed as null
  bool heeds_ids = true;
  std::size_t page_size = 10;

  void add(const std::string& id, Duration age, const std::string& state = "open") {
    rows[id] = {kNow - age, kNow - 1h, state, true};
  }

  static std::string json(const std::string& id, const Row& row) {
    return R"({"id":")" + id + R"(","seen":")" + format_instant(row.seen) + R"(","born":")" +
           format_instant(row.created) + R"(","state":")" + row.state + R"("})";
  }

  Response operator()(const std::string& target) const {
    const bool by_id = heeds_ids && target.find("id=") != std::string::npos;
    std::vector<std::pair<Instant, std::string>> found;
    const auto wanted = FakeList::parameters(target);
    for (const auto& [id, row] : rows) {
      const bool named = (target + "&").find("id=" + id + "&") != std::string::npos;
      const bool born =
          by_id || !wanted.count("before") || row.created < *parse_instant(wanted.at("before"));
      if (by_id ? named : row.listed && born) {
        found.emplace_back(row.created, id == spoiled ? "null" : json(id, row));
      }
    }
    std::sort(found.rbegin(), found.rend());
    const std::size_t from = wanted.count("cursor") ? std::stoul(wanted.at("cursor")) : 0;
    const std::size_t size = by_id ? found.size() : page_size;
    std::string body;
    for (std::size_t i = from; i < std::min(from + size, found.size()); ++i) {
      body += (body.empty() ? "" : ",") + found[i].second;
    }
    const std::string more = from + size < found.size() ? "true" : "false";
    return answer(200, "[" + body + "]",
                  {{"link", "<u>; rel=\"next\"; results=\"" + more + "\"; cursor=\"" +
                                std::to_string(from + size) + "\""}});
  }
};

std::string state_of(std::string_view json) {
  return nlohmann::json::parse(json).value("state", "");
}

class SweepTest : public testing::Test {
 protected:
  SweepTest() {
    const Route list{
        .path = "list/",
        .query = "sort=new",
        .probe_query = "limit=1",
        .window_query = [](const Window& window) { return "before=" + format_seconds(window.to); },
        .rate_group = "default",
        .what = "the list",
        .scopes = "list:read"};
    Route by_id = list;
    by_id.query = "short=1";
    plan_.routes = {list};
    plan_.shape.id_key = "id";
    plan_.shape.cursor_key = "seen";
    plan_.shape.page_rows = 10;
    plan_.now = plan_.until = kNow;
    plan_.in_windows = true;
    plan_.fingerprint = [](std::string_view json, Instant /*now*/) {
      return static_cast<std::uint32_t>(std::hash<std::string>()(state_of(json)));
    };
    SweepPlan sweep;
    sweep.every = 24h;
    sweep.lists = {list};
    sweep.by_id = {by_id};
    sweep.id_parameter = "id";
    sweep.created = [](std::string_view json) {
      return parse_instant(nlohmann::json::parse(json).value("born", ""));
    };
    sweep.is_going = [](std::string_view json) { return state_of(json) == "going"; };
    sweep.marker = [](std::string_view id, Instant when) {
      return R"({"id":"gone )" + std::string(id) + R"(","seen":")" + format_instant(when) + "\"}";
    };
    plan_.sweep = sweep;
    checkpoint_.high_water = kNow - 1h;
    checkpoint_.refresh.emplace();
  }

  /// The ids of what a run's sweep writes, sorted; empty when none is due.
  std::vector<std::string> sweep() {
    saves_ = 0;
    requests_ = 0;
    PartitionState state(plan_, "s of web", checkpoint_, false, [&](const Checkpoint& checkpoint) {
      ++saves_;
      saved_ = checkpoint;
    });
    if (!state.memory().sweep_is_due()) return {};
    CapturedOutput captured;
    StreamOutput output(captured.emitter(), "s", {});
    FakeHttp http([&](const std::string& target) {
      ++requests_;
      return requests_ == fails_at_ ? answer(403, "") : world_(target);
    });
    Pacer pacer;
    const Judge judge = plain_judge;
    Fetcher fetcher(http, judge, pacer, captured.clock(), {});
    saved_ = checkpoint_;
    error_.clear();
    Sweep sweep({plan_, 0, state, output});
    try {
      while (sweep.step(fetcher)) {
      }
      saved_ = state.safe();
    } catch (const ConnectorError& error) {
      error_ = error.message();
    }
    summary_ = sweep.summary();
    checkpoint_ = saved_;
    std::vector<std::string> ids;
    for (const auto& line : captured.lines()) {
      if (line["type"] == "RECORD") ids.push_back(line["record"]["data"]["id"]);
    }
    std::sort(ids.begin(), ids.end());
    return ids;
  }

  std::vector<std::string> sweep_after(Duration span) {
    plan_.now = plan_.until = plan_.now + span;
    return sweep();
  }

  World world_;
  PartitionPlan plan_;
  Checkpoint checkpoint_;
  Checkpoint saved_;
  std::size_t requests_ = 0;
  std::size_t fails_at_ = 0;
  std::size_t saves_ = 0;
  std::string summary_;
  std::string error_;
};

TEST_F(SweepTest, WritesWhatChangedAndNothingElse) {
  for (int i = 0; i < 25; ++i) world_.add(std::to_string(i), days(i));
  EXPECT_EQ(sweep().size(), 25U) << "nothing is known yet";
  EXPECT_EQ(requests_, 3U);
  EXPECT_THAT(sweep_after(24h), IsEmpty());
  EXPECT_EQ(requests_, 3U);
  world_.rows["3"].state = world_.rows["17"].state = "resolved";
  EXPECT_THAT(sweep_after(24h), ElementsAre("17", "3"));
  EXPECT_THAT(summary_, HasSubstr("3 requests: 2 changed, 0 deleted"));
  EXPECT_THAT(sweep_after(24h), IsEmpty());
}

TEST_F(SweepTest, TellsOfEntriesThatAreNoRowsAndLosesNothingByThem) {
  for (int i = 0; i < 25; ++i) world_.add(std::to_string(i), days(i));
  sweep();
  world_.rows["3"].state = world_.rows["17"].state = "resolved";
  world_.spoiled = "3";
  EXPECT_THAT(sweep_after(24h), ElementsAre("17")) << "no marker, and the rest";
  EXPECT_THAT(error_, HasSubstr("holds 1 entry that is not a record"));
  world_.spoiled.clear();
  EXPECT_THAT(sweep_after(24h), ElementsAre("3"));
  EXPECT_EQ(error_, "");
}

TEST_F(SweepTest, IsDueWhenItsTimeHasCome) {
  world_.add("1", 1h);
  sweep();
  sweep_after(12h);
  EXPECT_EQ(requests_, 0U);
  sweep_after(11h);
  EXPECT_EQ(requests_, 1U) << "a daily run does not come to the second";
}

TEST_F(SweepTest, RowsOutsideOfTheBoundsAreNotWritten) {
  world_.add("old", 5h);
  world_.add("new", 2h);
  world_.add("good", 2h);
  world_.rows["old"].seen = kNow - 4h;
  world_.rows["new"].seen = kNow;
  plan_.from = kNow - 3h;
  EXPECT_THAT(sweep(), ElementsAre("good"));
  EXPECT_EQ(checkpoint_.refresh->rows.size(), 1U);
}

TEST_F(SweepTest, WhatIsGoneIsMarkedAndWhatIsOnlyOldForgotten) {
  for (const char* id : {"1", "2", "3", "4"}) world_.add(id, 1h);
  sweep();
  world_.rows.erase("1");
  world_.rows["2"].listed = false;
  world_.rows["3"].listed = false;
  world_.rows["3"].state = "going";
  EXPECT_THAT(sweep_after(24h), ElementsAre("gone 1"));
  EXPECT_EQ(requests_, 2U);
  EXPECT_EQ(checkpoint_.high_water, kNow - 1h) << "a marker moves nothing";
  EXPECT_EQ(checkpoint_.refresh->rows.size(), 2U);
  world_.rows.erase("3");
  EXPECT_THAT(sweep_after(24h), ElementsAre("gone 3"));
  EXPECT_THAT(sweep_after(24h), IsEmpty());
}

TEST_F(SweepTest, NothingIsMarkedWhereTheServerDoesNotSay) {
  for (const char* id : {"1", "2", "3"}) world_.add(id, 1h);
  sweep();
  world_.rows.erase("1");
  world_.rows["2"].listed = false;
  world_.add("4", 2h);
  world_.heeds_ids = false;  // answers with its list, in which other rows are
  EXPECT_THAT(sweep_after(24h), ElementsAre("4"));
  EXPECT_EQ(checkpoint_.refresh->rows.size(), 4U);
  world_.heeds_ids = true;
  EXPECT_THAT(sweep_after(24h), ElementsAre("gone 1"));
  world_.rows.erase("3");
  plan_.sweep->by_id = {std::nullopt};
  EXPECT_THAT(sweep_after(24h), IsEmpty());
  EXPECT_EQ(checkpoint_.refresh->rows.size(), 1U) << "there it is forgotten";
}

TEST_F(SweepTest, NothingIsMarkedWhereNothingIsListed) {
  for (const char* id : {"1", "2"}) world_.add(id, 1h);
  sweep();
  World hidden;
  std::swap(world_, hidden);
  EXPECT_THAT(sweep_after(24h), IsEmpty());
  EXPECT_EQ(checkpoint_.refresh->rows.size(), 2U);
  std::swap(world_, hidden);
  world_.rows.erase("2");
  EXPECT_THAT(sweep_after(24h), ElementsAre("gone 2"));
}

TEST_F(SweepTest, WhatFailsMarksNothingAndIsTriedAgain) {
  for (int i = 0; i < 25; ++i) world_.add(std::to_string(i), days(i));
  sweep();
  world_.rows.erase("0");
  for (std::size_t at = 1; at <= 4; ++at) {
    fails_at_ = at;
    EXPECT_THAT(sweep_after(24h), IsEmpty()) << at;
    EXPECT_THAT(error_, HasSubstr("403"));
  }
  fails_at_ = 0;
  EXPECT_THAT(sweep_after(24h), ElementsAre("gone 0"));
}

TEST_F(SweepTest, GoesOnInTheNextRunWhereTheBudgetEnded) {
  constexpr std::size_t kRows = Sweep::kRequests + 5;
  world_.page_size = 1;
  for (std::size_t i = 0; i < kRows; ++i) world_.add(std::to_string(i), i * 1min);
  EXPECT_EQ(sweep().size(), Sweep::kRequests);
  EXPECT_EQ(requests_, Sweep::kRequests);
  EXPECT_THAT(summary_, HasSubstr("the next run continues"));
  EXPECT_EQ(sweep_after(1h).size(), 5U) << "at once, and without what came before";
  EXPECT_EQ(requests_, 6U) << "the page before is looked at again";
  EXPECT_THAT(sweep_after(1h), IsEmpty());
  EXPECT_EQ(requests_, 0U);
  world_.rows.erase("0");
  world_.rows.erase(std::to_string(kRows - 1));
  EXPECT_THAT(sweep_after(24h), IsEmpty());
  EXPECT_THAT(sweep_after(1h), UnorderedElementsAre("gone 0", "gone " + std::to_string(kRows - 1)));
}

TEST_F(SweepTest, ManyThatAreGoneAreAskedForInTurns) {
  for (int i = 0; i < 130; ++i) world_.add(std::to_string(i), i * 1min);
  sweep();
  for (int i = 10; i < 130; ++i) world_.rows.erase(std::to_string(i));
  EXPECT_EQ(sweep_after(24h).size(), 120U);
  EXPECT_EQ(requests_, 1U + 3U);
  EXPECT_EQ(checkpoint_.refresh->rows.size(), 10U);
}

}  // namespace
}  // namespace source_sentry
