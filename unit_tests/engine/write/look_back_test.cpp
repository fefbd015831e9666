#include "engine/write/look_back.h"

#include <gmock/gmock.h>

#include <map>
#include <set>

#include "engine/read/partition_reader.h"
#include "engine/state/stream_state.h"
#include "fakes/captured_output.h"
#include "fakes/fake_list.h"

namespace source_sentry {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using std::chrono::days;

constexpr auto kLookback = 10min;

/// A run: its lines, and what can be told of them.
struct Outcome {
  std::vector<json> lines;
  std::string error;

  std::multiset<std::string> ids(std::size_t until = SIZE_MAX) const {
    std::multiset<std::string> found;
    for (std::size_t i = 0; i < std::min(until, lines.size()); ++i) {
      if (lines[i]["type"] == "RECORD") found.insert(lines[i]["record"]["data"]["id"]);
    }
    return found;
  }

  /// The last state among the first lines, or the one that the run began with.
  json state(json before = {}, std::size_t until = SIZE_MAX) const {
    for (std::size_t i = 0; i < std::min(until, lines.size()); ++i) {
      if (lines[i]["type"] == "STATE") before = lines[i]["state"]["stream"]["stream_state"];
    }
    return before;
  }
};

struct Case {
  json state{};
  Instant now = kNow;
  bool full_refresh = false;
  Duration lookback = kLookback;
  Duration late{};
  int broken_at = -1;  // that request and those behind it are refused
};

Outcome read(const FakeList& list, const Case& options, const FakeHttp::Server& server = {}) {
  CapturedOutput captured;
  int left = options.broken_at;
  FakeHttp http([&](const std::string& target) {
    if (left == 0) return answer(403, "");
    if (left > 0) --left;
    return server ? server(target) : list(target);
  });
  PartitionPlan plan = list.plan(options.now);
  plan.records_stay = true;
  plan.lookback = options.lookback;
  plan.late_window = options.late;
  plan.shape.received_key = "dateReceived";
  const Judge judge = plain_judge;
  Pacer pacer;
  Fetcher fetcher(http, judge, pacer, captured.clock(), {});
  StreamOutput output(captured.emitter(), "s", state_before_reading(options.state, "dateCreated"));
  StreamState state(output, "dateCreated", options.state);
  Outcome run;
  try {
    state.begin({Partition()});
    PartitionReader reader(plan, output, state.checkpoint(0), options.full_refresh,
                           [&](const Checkpoint& checkpoint) { state.save(0, checkpoint); });
    while (reader.step(fetcher) == Progress::kMore) {
    }
    state.finish(0, reader.checkpoint());
    output.complete(state.final_state());
  } catch (const ConnectorError& error) {
    run.error = error.message();
    output.incomplete(state.present_state());
  }
  run.lines = captured.lines();
  return run;
}

/// A list with a row every so often up to `until`.
FakeList rows_until(Instant until, Duration over, Duration every) {
  FakeList list;
  for (Instant when = until - over; when < until; when += every) {
    list.rows.push_back({"r" + format_instant(when), when});
  }
  return list;
}

std::multiset<std::string> all_of(const FakeList& list) {
  std::multiset<std::string> all;
  for (const auto& row : list.rows) all.insert(row.id);
  return all;
}

TEST(LookBack, FiveSyncsWriteEachRecordOnceAndWhatComesLate) {
  FakeList list = rows_until(kNow, 3h, 45s);
  Outcome run = read(list, {});
  std::multiset<std::string> written = run.ids();
  for (int sync = 1; sync <= 5; ++sync) {
    const Instant now = kNow + sync * 5min;
    for (int i = 1; i <= 20; ++i) {
      list.rows.push_back({"n" + std::to_string(sync * 100 + i), now - i * 10s});
    }
    // In the midst of what is written, also in the very second of another one.
    list.rows.push_back({"l" + std::to_string(sync), now - 6min});
    list.rows.push_back({"m" + std::to_string(sync), now - 5min - 10s});
    run = read(list, {.state = run.state(), .now = now});
    EXPECT_EQ(run.error, "");
    EXPECT_EQ(run.ids().size(), 22U) << sync;
    written.merge(run.ids());
  }
  EXPECT_EQ(written, all_of(list));
  // Nothing new: nothing written, and the state stays what it is.
  const Outcome idle = read(list, {.state = run.state(), .now = kNow + 25min});
  EXPECT_TRUE(idle.ids().empty());
  EXPECT_EQ(idle.state(), run.state());
}

TEST(LookBack, StatesHoldOnlyWhatTheNextLookBackListsAgain) {
  FakeList list = rows_until(kNow, 3h, 10s);
  json state = read(list, {}).state();
  for (int sync = 1; sync <= 5; ++sync) {
    const auto ids = WrittenIds::parse(state["written"].get<std::string>(),
                                       *parse_instant(state["dateCreated"].get<std::string>()));
    ASSERT_TRUE(ids);
    EXPECT_EQ(ids->size(), 61U) << "ten minutes, both ends included";
    const Instant now = kNow + sync * 2min;
    for (Instant when = now - 2min; when < now; when += 10s) {
      list.rows.push_back({"r" + format_instant(when), when});
    }
    state = read(list, {.state = state, .now = now}).state();
  }
}

TEST(LookBack, KilledAtAnyLineNothingIsLostAndWhatTheStateKnowsComesNotAgain) {
  FakeList list = rows_until(kNow, 11min, 6s);
  const json before = read(list, {}).state();
  std::set<std::string> news;
  const Instant now = kNow + 30min;
  for (int i = 1; i <= 150; ++i) {
    list.rows.push_back({"n" + std::to_string(i), now - i * 9s});
    news.insert(list.rows.back().id);
  }
  for (int i = 1; i <= 10; ++i) {
    list.rows.push_back({"l" + std::to_string(i), kNow - i * 13s});
    news.insert(list.rows.back().id);
  }
  const Outcome whole = read(list, {.state = before, .now = now});
  EXPECT_EQ(whole.ids(), std::multiset<std::string>(news.begin(), news.end()));
  std::size_t states = 0;
  for (std::size_t at = 0; at <= whole.lines.size(); ++at) {
    SCOPED_TRACE(at);
    const json saved = whole.state(before, at);
    const Outcome rest = read(list, {.state = saved, .now = now});
    std::multiset<std::string> both = whole.ids(at);
    both.merge(rest.ids());
    const std::set<std::string> distinct(both.begin(), both.end());
    ASSERT_EQ(distinct, news);
    // Ten pages of ten rows lie between two states, and a second that is read again.
    ASSERT_LE(both.size(), news.size() + 102);
    if (at > 0 && whole.lines[at - 1]["type"] == "STATE") ++states;
  }
  EXPECT_GT(states, 2U);
}

TEST(LookBack, ARunThatFailsAnywhereCostsNothing) {
  FakeList list = rows_until(kNow, 11min, 6s);
  const json before = read(list, {}).state();
  std::set<std::string> news;
  for (int i = 1; i <= 150; ++i) {
    list.rows.push_back({"n" + std::to_string(i), kNow + 29min - i * 9s});
    news.insert(list.rows.back().id);
  }
  bool failed = true;
  for (int at = 0; failed; ++at) {
    SCOPED_TRACE(at);
    const Case one{.state = before, .now = kNow + 30min, .broken_at = at};
    const Outcome first = read(list, one);
    failed = !first.error.empty();
    const Outcome rest = read(list, {.state = first.state(before), .now = one.now});
    std::multiset<std::string> both = first.ids();
    both.merge(rest.ids());
    ASSERT_EQ(std::set<std::string>(both.begin(), both.end()), news);
  }
}

TEST(LookBack, OfAWindowWithAHoleTheHoleIsReadAndWhatIsBeforeItComesNotAgain) {
  FakeList list = rows_until(kNow, 20min, 10s);
  const json before = read(list, {}).state();
  for (int i = 1; i <= 60; ++i) list.rows.push_back({"n" + std::to_string(i), kNow + i * 10s});
  // One second of the look back fails, by whatever window it is asked for.
  const Instant bad = kNow - 2min;
  const auto server = [&](const std::string& target) {
    auto wanted = FakeList::parameters(target);
    const bool fails = !wanted["start"].empty() && *parse_instant(wanted["start"]) <= bad &&
                       *parse_instant(wanted["end"]) > bad;
    return fails ? answer(500, "") : list(target);
  };
  list.rows.push_back({"late", bad});
  const Instant now = kNow + 11min;
  const Outcome holed = read(list, {.state = before, .now = now}, server);
  EXPECT_NE(holed.error, "");
  EXPECT_EQ(holed.ids().size(), 60U);
  const Outcome rest = read(list, {.state = holed.state(before), .now = now});
  EXPECT_EQ(rest.error, "");
  EXPECT_EQ(rest.ids().count("late"), 1U);
  // It looks back from there, and so two minutes further than the first run did.
  EXPECT_LE(rest.ids().size(), 61U + 12U) << "nothing of the first run's look back";
}

TEST(LookBack, IsNotTrustedWithWhatItCannotKnow) {
  FakeList list = rows_until(kNow, 20min, 10s);
  const json state = read(list, {}).state();
  const auto count = [&](const json& saved, const Case& more = {}) {
    Case options = more;
    options.state = saved;
    return read(list, options).ids().size();
  };
  EXPECT_EQ(count(state), 0U);
  EXPECT_EQ(count(state, {.full_refresh = true}), list.rows.size());
  EXPECT_EQ(count(state, {.lookback = Duration::zero()}), 1U) << "the saved second, as ever";
  // More than was kept: the rest comes once more.
  EXPECT_EQ(count(state, {.lookback = 15min}), 30U);
  json changed = state;
  changed["dateCreated"] = format_instant(kNow - 5min);
  EXPECT_EQ(count(changed), 90U) << "somebody has moved the cursor back to read it again";
  for (const json& damaged : {json("????"), json(7), json(""), json::object(), json(nullptr)}) {
    changed = state;
    changed["written"] = damaged;
    EXPECT_EQ(count(changed), 61U) << damaged;
  }
  EXPECT_FALSE(read(list, {.full_refresh = true}).state().contains("written"));
  EXPECT_FALSE(
      read(list, {.state = state, .lookback = Duration::zero()}).state().contains("written"));
}

TEST(LookBack, AListThatIsEmptyForOnceChangesNothing) {
  const FakeList list = rows_until(kNow, 20min, 10s);
  const json state = read(list, {}).state();
  const Outcome empty = read(FakeList(), {.state = state, .now = kNow + 1min});
  EXPECT_EQ(empty.state(state), state);
  EXPECT_TRUE(read(list, {.state = empty.state(state), .now = kNow + 2min}).ids().empty());
}

TEST(LookBack, LateRecordsComeOnceToo) {
  FakeList list = rows_until(kNow, 1h, 30s);
  for (auto& row : list.rows) row.received = row.when;
  list.heeds_windows = false;
  const Case late{.late = days(3)};
  Outcome run = read(list, late);
  for (int sync = 1; sync <= 4; ++sync) {
    const Instant now = kNow + sync * 5min;
    // A day old, and received only now; and one that is new.
    list.rows.push_back({"l" + std::to_string(sync), now - days(1), now - 1min});
    list.rows.push_back({"n" + std::to_string(sync), now - 1min, now - 1min});
    run = read(list, {.state = run.state(), .now = now, .late = late.late});
    EXPECT_EQ(run.error, "");
    EXPECT_EQ(run.ids(),
              (std::multiset<std::string>{"l" + std::to_string(sync), "n" + std::to_string(sync)}));
  }
}

// They are listed by another time than they show, here at the edge of a look back.
TEST(LookBack, RecordsThatShowAnotherTimeThanTheyAreListedAtComeOnceToo) {
  FakeList list = rows_until(kNow, 20min, 10s);
  for (int i = 0; i < 20; ++i) {
    const Instant searched = kNow + i * 1s - 10s - kLookback;
    list.rows.push_back({"e" + std::to_string(i), searched - 200ms, {}, searched});
  }
  const json state = read(list, {}).state();
  list.rows.push_back({"n", kNow + 5s - 200ms, {}, kNow + 5s});
  const Outcome run = read(list, {.state = state, .now = kNow + 1min});
  EXPECT_EQ(run.ids(), std::multiset<std::string>{"n"});
  EXPECT_TRUE(read(list, {.state = run.state(), .now = kNow + 2min}).ids().empty());
}

// More of one second than a page holds is told apart by pages' numbers, which lead past a row where
// one above it is deleted. That the others are known says nothing.
TEST(LookBack, RowsThatMoveAmongKnownOnesHideNoNewOne) {
  FakeList list;
  list.page_numbers = true;
  for (int i = 0; i < 25; ++i) list.rows.push_back({"r" + std::to_string(i), kNow - 30s});
  const json before = read(list, {}).state();
  for (int deleted_at = 1; deleted_at <= 5; ++deleted_at) {
    SCOPED_TRACE(deleted_at);
    FakeList moving = list;
    moving.rows.insert(moving.rows.begin() + 10, {"late", kNow - 30s});  // first of the second page
    int asked = 0;
    const auto server = [&](const std::string& target) {
      const Response page = moving(target);
      if (++asked == deleted_at) moving.rows.erase(moving.rows.begin());
      return page;
    };
    const Outcome run = read(moving, {.state = before, .now = kNow}, server);
    EXPECT_EQ(run.ids(), std::multiset<std::string>{"late"});
  }
}

}  // namespace
}  // namespace source_sentry
