#include "engine/write/record_block.h"

#include <gmock/gmock.h>

#include "fakes/captured_output.h"

namespace source_sentry {
namespace {

using testing::ElementsAre;

class RecordBlockTest : public testing::Test {
 protected:
  CapturedOutput captured_;
  StreamOutput output_{captured_.emitter(), "issues", nlohmann::ordered_json::object()};
  RecordBlock block_{output_};
};

TEST_F(RecordBlockTest, WritesWholeLinesAndIsEmptyAgain) {
  EXPECT_TRUE(block_.empty());
  block_.add(R"({"id":"1"})");
  block_.add_own(R"({"id":"2"})");
  block_.add("{\n\"id\" : \"3\"\n}");
  EXPECT_FALSE(block_.empty());
  EXPECT_EQ(captured_.text(), "");
  block_.write();
  EXPECT_TRUE(block_.empty());
  block_.add_own(R"({"id":"4"})");
  block_.write();
  EXPECT_THAT(captured_.story(), ElementsAre("RUNNING issues", "RECORD issues 1", "RECORD issues 2",
                                             "RECORD issues 3", "RECORD issues 4"));
}

TEST_F(RecordBlockTest, WritesNothingWhereThereIsNothing) {
  block_.write();
  EXPECT_EQ(captured_.text(), "");
}

TEST_F(RecordBlockTest, GoesOutInPartsWhereItHoldsVeryMany) {
  constexpr int kMost = 4096;
  for (int i = 1; i < kMost; ++i) block_.add(R"({"id":"1"})");
  EXPECT_EQ(captured_.text(), "");
  block_.add(R"({"id":"2"})");
  EXPECT_TRUE(block_.empty());
  EXPECT_EQ(captured_.story().size(), 1U + kMost);
  EXPECT_EQ(captured_.story().back(), "RECORD issues 2");
  block_.add(R"({"id":"3"})");
  block_.write();
  EXPECT_EQ(captured_.story().back(), "RECORD issues 3");
}

TEST_F(RecordBlockTest, SaysWhenTheRecordsGoOut) {
  block_.add(R"({"id":"1"})");
  block_.write();
  captured_.clock().sleep_for(std::chrono::seconds(2), {});
  block_.add(R"({"id":"2"})");
  block_.add(R"({"id":"3"})");
  block_.write();
  std::vector<std::int64_t> times;
  for (const auto& line : captured_.lines()) {
    if (line["type"] == "RECORD") times.push_back(line["record"]["emitted_at"]);
  }
  EXPECT_THAT(times, ElementsAre(times.at(0), times.at(0) + 2'000, times.at(0) + 2'000));
}

}  // namespace
}  // namespace source_sentry
