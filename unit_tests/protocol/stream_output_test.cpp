#include "protocol/stream_output.h"

#include <gmock/gmock.h>

#include "fakes/captured_output.h"

namespace source_sentry {
namespace {

using OrderedJson = nlohmann::ordered_json;
using std::chrono::seconds;
using testing::ElementsAre;

/// Writes records that have these ids.
void write(StreamOutput& output, const std::vector<std::string>& ids) {
  std::vector<std::string> lines;
  for (const std::string& id : ids) {
    lines.push_back(record_head(output.stream()) + R"({"id":")" + id + R"("})" + output.tail());
  }
  output.records(std::vector<std::string_view>(lines.begin(), lines.end()), ids.size());
}

TEST(StreamOutput, TellsAStreamInTheProtocolsOrder) {
  CapturedOutput captured;
  StreamOutput output(captured.emitter(), "issues", OrderedJson::object());
  output.started();
  write(output, {"1", "2"});
  output.state({{"lastSeen", "a"}});
  write(output, {"3"});
  output.complete({{"lastSeen", "b"}});
  EXPECT_THAT(captured.story(),
              ElementsAre("STARTED issues", "RUNNING issues", "RECORD issues 1", "RECORD issues 2",
                          R"(STATE issues {"lastSeen":"a"} 2.0)", "RECORD issues 3",
                          R"(STATE issues {"lastSeen":"b"} 1.0)", "COMPLETE issues"));
  EXPECT_GT(output.written().bytes, 0U);
}

TEST(StreamOutput, SaysRunningAndWritesAStateForAnEmptyStreamToo) {
  CapturedOutput captured;
  StreamOutput output(captured.emitter(), "teams", OrderedJson::object());
  output.started();
  output.complete({{"__ab_no_cursor_state_message", true}});
  EXPECT_THAT(
      captured.story(),
      ElementsAre("STARTED teams", "RUNNING teams",
                  R"(STATE teams {"__ab_no_cursor_state_message":true} 0.0)", "COMPLETE teams"));
}

TEST(StreamOutput, SaysNothingAfterItWasBrokenOff) {
  CapturedOutput captured;
  StreamOutput output(captured.emitter(), "a", {{"c", 0}});
  output.started();
  write(output, {"1"});
  output.break_off();
  output.break_off();
  write(output, {"2"});
  output.state({{"c", 2}});
  output.complete({{"c", 2}});
  EXPECT_THAT(captured.story(), ElementsAre("STARTED a", "RUNNING a", "RECORD a 1",
                                            R"(STATE a {"c":0} 1.0)", "INCOMPLETE a"));
}

TEST(StreamOutput, DoesNotRepeatAStateThatSaysNothingNew) {
  CapturedOutput captured;
  StreamOutput output(captured.emitter(), "a", OrderedJson::object());
  output.state({{"c", 1}});
  output.state({{"c", 1}});
  output.complete({{"c", 1}});
  EXPECT_THAT(captured.story(), ElementsAre("RUNNING a", R"(STATE a {"c":1} 0.0)", "COMPLETE a"));
}

TEST(StreamOutput, KeepsTheLastSafeStateWhenItFails) {
  CapturedOutput captured;
  StreamOutput output(captured.emitter(), "a", {{"c", 0}});
  output.started();
  write(output, {"1"});
  output.incomplete({{"c", 0}});
  EXPECT_THAT(captured.story(), ElementsAre("STARTED a", "RUNNING a", "RECORD a 1",
                                            R"(STATE a {"c":0} 1.0)", "INCOMPLETE a"));
}

TEST(StreamOutput, BeatsOnlyAfterSilence) {
  CapturedOutput captured;
  StreamOutput output(captured.emitter(), "a", {{"c", 0}});
  output.started();
  output.beat_if_silent(seconds(30));
  captured.clock().sleep_for(seconds(31), {});
  output.beat_if_silent(seconds(30));
  output.beat_if_silent(seconds(30));
  write(output, {"1"});
  captured.clock().sleep_for(seconds(31), {});
  output.beat_if_silent(seconds(30));
  EXPECT_THAT(captured.story(), ElementsAre("STARTED a", "RUNNING a", R"(STATE a {"c":0} 0.0)",
                                            "RECORD a 1", R"(STATE a {"c":0} 1.0)"));
}

TEST(StreamOutput, MeasuresSilenceByNoClockThatIsSet) {
  CapturedOutput captured;
  StreamOutput output(captured.emitter(), "a", {{"c", 0}});
  output.started();
  captured.clock().set(kNow + std::chrono::hours(1));
  output.beat_if_silent(seconds(30));
  EXPECT_THAT(captured.story(), ElementsAre("STARTED a"));
  captured.clock().set(kNow - std::chrono::hours(1));
  captured.clock().sleep_for(seconds(31), {});
  output.beat_if_silent(seconds(30));
  EXPECT_THAT(captured.story(), ElementsAre("STARTED a", "RUNNING a", R"(STATE a {"c":0} 0.0)"));
}

TEST(StreamOutput, SaysThatARateLimitHoldsIt) {
  CapturedOutput captured;
  StreamOutput output(captured.emitter(), "a", OrderedJson::object());
  output.started();
  output.rate_limited(*parse_instant("2026-01-15T12:01:00Z"));
  output.running_again();
  EXPECT_THAT(captured.story(),
              ElementsAre("STARTED a", "RUNNING a", "RUNNING a RATE_LIMITED", "RUNNING a"));
  const auto reason = captured.lines()[2]["trace"]["stream_status"]["reasons"];
  EXPECT_EQ(reason.size(), 1U);
  EXPECT_EQ(reason[0]["rate_limited"]["quota_reset"], 1768478460000);
}

}  // namespace
}  // namespace source_sentry
