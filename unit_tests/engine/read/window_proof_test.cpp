#include "engine/read/window_proof.h"

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

struct Outcome {
  std::map<std::string, int> ids;  // how often each record was written
  std::string mark;                // of the last state
  std::string summary;
  std::size_t requests = 0;
};

/// Reads the list on from the state of an earlier run.
Outcome read(const FakeList& list, Instant mark = kNow - 1h) {
  PartitionPlan plan = list.plan(kNow);
  plan.routes.front().sorted = false;
  plan.shape.received_key = "dateReceived";
  const nlohmann::json saved = {{"dateCreated", format_instant(mark)}};
  CapturedOutput captured;
  FakeHttp http(list);
  const Judge judge = plain_judge;
  Pacer pacer;
  Fetcher fetcher(http, judge, pacer, captured.clock(), {});
  StreamOutput output(captured.emitter(), "s", state_before_reading(saved, plan.shape.cursor_key));
  StreamState state(output, plan.shape.cursor_key, saved);
  state.begin({Partition()});
  PartitionReader reader(plan, output, state.checkpoint(0), false,
                         [&](const Checkpoint& checkpoint) { state.save(0, checkpoint); });
  auto progress = Progress::kMore;
  while (progress == Progress::kMore) progress = reader.step(fetcher);
  EXPECT_EQ(progress, Progress::kDone);
  state.finish(0, reader.checkpoint());
  output.complete(state.final_state());
  Outcome result;
  for (const auto& line : captured.lines()) {
    if (line["type"] == "RECORD") ++result.ids[line["record"]["data"].value("id", "")];
    if (line["type"] == "STATE") {
      result.mark = line["state"]["stream"]["stream_state"].value("dateCreated", "");
    }
  }
  result.summary = reader.summary();
  result.requests = http.targets().size();
  return result;
}

const std::map<std::string, int> kOnlyNew = {{"new", 1}};

TEST(ListsInAnotherOrder, ByReceiptAreReadUntilWhatWasReceivedBefore) {
  FakeList list;
  list.page_size = 2;
  list.heeds_windows = false;
  list.rows = {{"late1", kNow - 30h, kNow - 5min},  {"late2", kNow - 31h, kNow - 6min},
               {"new", kNow - 30min, kNow - 30min}, {"old1", kNow - 40h, kNow - 2h},
               {"old2", kNow - 3h, kNow - 3h},      {"old3", kNow - 4h, kNow - 4h},
               {"old4", kNow - 5h, kNow - 5h},      {"old5", kNow - 6h, kNow - 6h},
               {"older", kNow - 100h, kNow - 100h}, {"oldest", kNow - 101h, kNow - 101h}};
  const Outcome got = read(list);
  EXPECT_EQ(got.ids, kOnlyNew);
  EXPECT_EQ(got.mark, format_instant(kNow - 30min));
  // Three pages up to the first that was received before, and the question whether windows count.
  EXPECT_LE(got.requests, 5U);
  EXPECT_THAT(got.summary, HasSubstr("older rows left out"));
}

TEST(ListsInAnotherOrder, AreReadToTheirEnds) {
  for (const bool receipt : {false, true}) {
    for (const bool heeds_end : {false, true}) {
      for (const std::size_t page_size : {1U, 10U}) {
        FakeList list;
        list.page_size = page_size;
        list.heeds_windows = false;
        list.heeds_end = heeds_end;
        list.oldest_first = true;
        for (int i = 0; i < 30; ++i) {
          const Instant when = kNow - 100h + i * 1h;
          list.rows.push_back(
              {"old" + std::to_string(i), when, receipt ? std::optional(when) : std::nullopt});
        }
        list.rows.push_back(
            {"new", kNow - 20min, receipt ? std::optional(kNow - 10min) : std::nullopt});
        const Outcome got = read(list);
        EXPECT_EQ(got.ids, kOnlyNew) << receipt << heeds_end << page_size;
        EXPECT_EQ(got.mark, format_instant(kNow - 20min));
      }
    }
  }
}

TEST(StrayRows, OfAHeededWindowAreWrittenAndDoNotMoveTheState) {
  FakeList list;
  // Shown before the window that the server lists it in, the only row; then beside others.
  list.rows = {{"buffered", kNow - 3h, {}, kNow - 20min}};
  const Outcome alone = read(list);
  EXPECT_EQ(alone.ids, (std::map<std::string, int>{{"buffered", 1}}));
  EXPECT_EQ(alone.mark, format_instant(kNow - 1h));
  EXPECT_THAT(alone.summary, HasSubstr("1 of another time than the server lists them at"));
  list.rows.push_back({"new", kNow - 30min});
  // Seen again since: the server showed a newer time than it searched by.
  list.rows.push_back({"moved", kNow + 5s, {}, kNow - 10min});
  const Outcome beside = read(list);
  EXPECT_EQ(beside.ids, (std::map<std::string, int>{{"buffered", 1}, {"moved", 1}, {"new", 1}}));
  EXPECT_EQ(beside.mark, format_instant(kNow - 30min));
}

TEST(StrayRows, AtTheEdgesOfWindowsAreWrittenOnce) {
  FakeList list;
  list.page_size = 10;
  // Shown half a second off the time that the server searches by, to either side, in many windows.
  for (int i = 0; i < 9'000; ++i) {
    const Instant when = kNow - 75h - 1min + i * 30s;
    list.rows.push_back({"r" + std::to_string(i), when + (i % 2 == 0 ? 600ms : -600ms), {}, when});
  }
  // One that the server lists again and again, whichever window is asked for.
  for (int hours = 10; hours < 75; hours += 20) {
    list.rows.push_back({"everywhere", kNow + 40'000h, {}, kNow - hours * 1h});
  }
  const Outcome got = read(list, kNow - 90h);
  EXPECT_EQ(got.ids.size(), 9'001U);
  for (const auto& [id, count] : got.ids) EXPECT_EQ(count, 1) << id;
}

TEST(StrayRows, OfAServerThatIgnoresWindowsAreNotWritten) {
  FakeList list;
  list.page_size = 50;
  list.heeds_windows = false;
  for (int i = 0; i < 40; ++i)
    list.rows.push_back({"n" + std::to_string(i), kNow - 1min * (i + 1)});
  for (int i = 0; i < 10; ++i) list.rows.push_back({"old", kNow - 5h});
  const Outcome got = read(list);
  EXPECT_EQ(got.ids.size(), 40U);
  EXPECT_EQ(got.ids.count("old"), 0U);
}

}  // namespace
}  // namespace source_sentry
