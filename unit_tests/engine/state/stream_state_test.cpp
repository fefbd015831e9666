#include "engine/state/stream_state.h"

#include <gmock/gmock.h>

#include "fakes/captured_output.h"

namespace source_sentry {
namespace {

Instant day(int number) {
  return *parse_instant("2026-01-0" + std::to_string(number) + "T00:00:00Z");
}

Checkpoint read_up_to(int number) {
  Checkpoint checkpoint;
  checkpoint.high_water = day(number);
  return checkpoint;
}

/// The state of three partitions, and what it says about each.
class StreamStateTest : public testing::Test {
 protected:
  void begin(const nlohmann::json& saved) {
    state_.emplace(output_, "lastSeen", saved);
    std::vector<Partition> partitions(3);
    for (std::size_t i = 0; i < partitions.size(); ++i) {
      partitions[i].number = std::to_string(i);
      partitions[i].key = {{"id", partitions[i].number}};
    }
    state_->begin(partitions);
  }

  std::string cursors() const {
    std::string text;
    const auto state = state_->final_state();
    for (const auto& entry : state.at("states")) {
      const std::string mark = entry["cursor"]["lastSeen"];
      text += (text.empty() ? "" : " ") + mark.substr(0, 10) +
              (entry["cursor"].contains("shared") ? "*" : "");
    }
    return text;
  }

  CapturedOutput captured_;
  StreamOutput output_{captured_.emitter(), "s", nlohmann::json::object()};
  std::optional<StreamState> state_;
};

TEST_F(StreamStateTest, TakesWhatWasReadUpToTheNewestMark) {
  begin(nullptr);
  state_->finish(0, read_up_to(3), day(9));
  state_->finish(1, read_up_to(5), day(9));
  state_->finish(2, Checkpoint(), day(9));  // it has nothing at all
  EXPECT_EQ(cursors(), "2026-01-03 2026-01-05 1900-01-01");
  state_->level();
  EXPECT_EQ(cursors(), "2026-01-05* 2026-01-05 2026-01-05*");
}

// In the middle of a run too, where more is known than at its end; and with entries of partitions
// that are not read any more.
TEST_F(StreamStateTest, SaysNoMoreOfWrittenRecordsThanAStreamMay) {
  constexpr std::size_t kMost = 65'536;
  for (const std::size_t count : {1U, 50U, 1'000U}) {
    SCOPED_TRACE(count);
    const auto written_in = [](const nlohmann::json& state) {
      std::size_t sum = 0;
      const auto add = [&](const nlohmann::json& cursor) {
        if (cursor.contains("written")) {
          sum += std::string(R"("written":"",)").size() +
                 cursor["written"].get_ref<const std::string&>().size();
        }
      };
      add(state);
      for (const auto& entry : state.value("states", nlohmann::json::array())) add(entry["cursor"]);
      return sum;
    };
    Checkpoint busy = read_up_to(3);
    for (std::size_t i = 0; i < 20'000 / count + 100; ++i) busy.written.note(i, day(2));
    Checkpoint quiet = read_up_to(3);
    quiet.written.note(7, day(3));
    const nlohmann::json other = {
        {"partition", {{"id", "gone"}}},
        {"cursor", busy.write("lastSeen")},
    };
    std::vector<Partition> partitions(count);
    for (std::size_t i = 0; i < count && count > 1; ++i) {
      partitions[i].number = std::to_string(i);
      partitions[i].key = {{"id", partitions[i].number}};
    }
    nlohmann::json saved;
    if (count > 1) saved = {{"states", {other}}};
    StreamState state(output_, "lastSeen", saved);
    state.begin(partitions);
    state.save(0, quiet);
    for (std::size_t i = count > 1 ? 1 : 0; i < count; ++i) {
      state.save(i, busy);
      if (i < 3 || i + 3 > count) {
        EXPECT_LE(written_in(state.present_state()), kMost) << i;
      }
      if (i % 2 == 0) state.finish(i, busy);
    }
    EXPECT_LE(written_in(state.final_state()), kMost);
    EXPECT_GE(written_in(state.final_state()), kMost - 2'000) << "no room is left unused";
    if (count > 1) {
      EXPECT_TRUE(state.final_state()["states"][0]["cursor"].contains("written"));
      EXPECT_FALSE(state.final_state()["states"][count]["cursor"].contains("written"))
          << "too long";
    }
  }
}

TEST_F(StreamStateTest, UsesAnEntryThatSaysThereWasNothing) {
  const nlohmann::json gone = {{"partition", {{"project", "gone"}, {"id", "9"}}},
                               {"cursor", {{"lastSeen", "2026-01-01T00:00:00Z"}}}};
  begin({{"states",
          {gone,
           {{"partition", {{"id", "1"}}}, {"cursor", {{"lastSeen", "1900-01-01T00:00:00Z"}}}}}}});
  EXPECT_EQ(state_->unused(), std::nullopt);
  begin({{"states", {gone}}});
  EXPECT_THAT(state_->unused(), testing::Optional(testing::HasSubstr("about gone only")));
}

TEST_F(StreamStateTest, LeavesWhatWasNotReadSoFarWhereItIs) {
  begin(nullptr);
  state_->save(0, read_up_to(2));    // not to its end
  state_->finish(1, read_up_to(4));  // to its end, but nobody is sure of it
  state_->finish(2, read_up_to(3), day(9));
  state_->level();
  EXPECT_EQ(cursors(), "2026-01-02 2026-01-04 2026-01-03");
  // A mark of earlier runs may lie behind the end that was set this time.
  state_->finish(0, read_up_to(8), day(6));
  state_->finish(1, read_up_to(4), day(6));
  state_->finish(2, read_up_to(3), day(6));
  state_->level();
  EXPECT_EQ(cursors(), "2026-01-08 2026-01-04 2026-01-04*");
}

TEST_F(StreamStateTest, MovesABatchTogether) {
  begin(nlohmann::json::parse(R"({"states": [
      {"partition": {"id": "0"}, "cursor": {"lastSeen": "2026-01-02T00:00:00Z"}},
      {"partition": {"id": "1"}, "cursor": {"lastSeen": "2026-01-02T00:00:00Z", "shared": true}},
      {"partition": {"id": "2"}, "cursor": {"lastSeen": "2026-01-02T00:00:00Z", "shared": true}}]})"));
  EXPECT_FALSE(state_->checkpoint(Batch{0, 1}).shared) << "one of them has the mark's record";
  EXPECT_TRUE(state_->checkpoint(Batch{1, 2}).shared);
  state_->save(Batch{0, 1}, state_->checkpoint(Batch{0, 1}));
  EXPECT_EQ(cursors(), "2026-01-02 2026-01-02* 2026-01-02*") << "nothing new";
  Checkpoint batch = state_->checkpoint(Batch{0, 1});
  batch.advance(day(4), "1");
  state_->finish(Batch{0, 1}, batch, day(9));
  EXPECT_EQ(cursors(), "2026-01-04* 2026-01-04 2026-01-02*");
}

}  // namespace
}  // namespace source_sentry
