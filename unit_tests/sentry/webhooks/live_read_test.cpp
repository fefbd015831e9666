#include "sentry/webhooks/live_read.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "fakes/captured_output.h"
#include "fakes/message_of.h"
#include "fakes/temporary_folder.h"
#include "protocol/stream_output.h"
#include "sentry/webhooks/webhook_record.h"
#include "spool/deliveries.h"
#include "spool/spool_writer.h"

namespace source_sentry {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;
using Json = nlohmann::json;

const WebhookStream& stream_named(std::string_view name) {
  for (const WebhookStream& stream : webhook_streams()) {
    if (stream.name == name) return stream;
  }
  return webhook_streams().back();
}

/// Two streams of a spool, read by one run after the other.
class LiveReadTest : public testing::Test {
 protected:
  void issue(const std::string& id) {
    put(R"({"action":"created","data":{"issue":{"id":")" + id + R"("}}})");
  }
  void comment(const std::string& id) {
    put(R"({"action":"created","data":{"comment_id":)" + id + R"(,"issue_id":1}})");
  }
  void put(std::string body) {
    Delivery delivery = numbered(++count_);
    delivery.body = std::move(body);
    ASSERT_EQ(store(*writer_, delivery), SpoolWriter::Result::kStored);
  }
  void restart() {
    writer_.reset();
    writer_.emplace(folder_, SpoolLimits(), clock_);
  }

  LiveJob job(const std::string& name) {
    LiveJob job{.name = name, .webhooks = &stream_named(name)};
    if (states_.contains(name)) job.saved_state = states_[name];
    return job;
  }

  /// Reads both, and keeps their last states. What their records are about.
  std::vector<std::string> read(const std::vector<LiveJob>& jobs) {
    CapturedOutput output;
    const auto failures =
        read_live(jobs, {folder_.string(), outputs_to(output.emitter()), output.clock(), {}});
    failed_.clear();
    for (const auto& [stream, why] : failures) failed_.push_back(stream + ": " + why);
    std::vector<std::string> told;
    for (const Json& line : output.lines()) {
      if (line["type"] == "RECORD") {
        const Json& data = line["record"]["data"];
        told.push_back(data.contains("commentId")
                           ? "comment " + data["commentId"].get<std::string>()
                           : "issue " + data.value("issueId", "?"));
      } else if (line["type"] == "STATE") {
        const Json& stream = line["state"]["stream"];
        states_[stream["stream_descriptor"]["name"]] = stream["stream_state"];
      } else if (line["type"] == "TRACE" && line["trace"]["type"] == "STREAM_STATUS") {
        const Json& status = line["trace"]["stream_status"];
        statuses_[status["stream_descriptor"]["name"]] = status["status"];
      }
    }
    return told;
  }
  std::vector<std::string> read_both() {
    return read({job("issue_webhooks"), job("comment_webhooks")});
  }

  TemporaryFolder temporary_;
  std::filesystem::path folder_ = temporary_.path() / "spool";
  FakeClock clock_;
  std::optional<SpoolWriter> writer_{std::in_place, folder_, SpoolLimits(), clock_};
  std::uint64_t count_ = 0;
  std::map<std::string, Json> states_;
  std::map<std::string, std::string> statuses_;
  std::vector<std::string> failed_;
};

TEST_F(LiveReadTest, GivesEachStreamItsOwn) {
  issue("1");
  comment("7");
  issue("2");
  EXPECT_THAT(read_both(), UnorderedElementsAre("issue 1", "comment 7", "issue 2"));
  EXPECT_EQ(statuses_["issue_webhooks"], "COMPLETE");
  EXPECT_EQ(statuses_["comment_webhooks"], "COMPLETE");
}

TEST_F(LiveReadTest, ResumesWhereEachStreamWas) {
  issue("1");
  EXPECT_THAT(read({job("issue_webhooks")}), ElementsAre("issue 1"));
  EXPECT_THAT(read({job("issue_webhooks")}), IsEmpty());
  issue("2");
  comment("7");
  EXPECT_THAT(read_both(), UnorderedElementsAre("issue 2", "comment 7"));
  restart();
  issue("3");
  EXPECT_THAT(read_both(), ElementsAre("issue 3"));
  EXPECT_THAT(read_both(), IsEmpty());
}

TEST_F(LiveReadTest, ReadsAllAgainInAFullRefresh) {
  issue("1");
  read_both();
  LiveJob whole = job("issue_webhooks");
  whole.full_refresh = true;
  EXPECT_THAT(read({whole}), ElementsAre("issue 1"));
}

TEST_F(LiveReadTest, SaysInTheStateHowFarItIsAlsoWhereNothingWasItsOwn) {
  comment("7");
  EXPECT_THAT(read({job("issue_webhooks")}), IsEmpty());
  const std::string position = states_["issue_webhooks"][kSpoolCursor];
  EXPECT_TRUE(parse_position(position)) << position;
}

TEST_F(LiveReadTest, FailsForAStateThatIsNoPlaceAndReadsTheOthers) {
  issue("1");
  comment("7");
  LiveJob wrong = job("issue_webhooks");
  wrong.saved_state = {{kSpoolCursor, "yesterday"}};
  EXPECT_THAT(read({wrong, job("comment_webhooks")}), ElementsAre("comment 7"));
  EXPECT_THAT(failed_, ElementsAre(HasSubstr("\"yesterday\" as spoolPosition")));
  EXPECT_EQ(statuses_["issue_webhooks"], "INCOMPLETE");
  EXPECT_EQ(statuses_["comment_webhooks"], "COMPLETE");
}

TEST_F(LiveReadTest, FailsWhereThereIsNoSpool) {
  CapturedOutput output;
  const auto failures = read_live(
      {job("issue_webhooks")},
      {(temporary_.path() / "none").string(), outputs_to(output.emitter()), output.clock(), {}});
  EXPECT_EQ(failures.size(), 1U);
  EXPECT_THAT(message_of([&] { check_spool((temporary_.path() / "none").string()); }),
              HasSubstr("none"));
}

TEST_F(LiveReadTest, ShowsTheNewestFirst) {
  for (const char* id : {"1", "2", "3"}) issue(id);
  comment("7");
  const auto newest = live_sample(job("issue_webhooks"), folder_.string(), 2);
  ASSERT_EQ(newest.size(), 2U);
  EXPECT_EQ(Json::parse(newest[0])["issueId"], "3");
  EXPECT_EQ(Json::parse(newest[1])["issueId"], "2");
}

TEST_F(LiveReadTest, FollowsUntilItIsStopped) {
  issue("1");
  CapturedOutput output;
  std::stop_source stop;
  std::size_t seen = 0;
  LiveContext context{folder_.string(), outputs_to(output.emitter()), output.clock(),
                      stop.get_token(), true};
  context.seen = [&](const Delivery&, const Envelope&) { ++seen; };
  context.written = [&](SpoolPosition) {
    if (seen == 1) issue("2");  // while it waits
    if (seen == 2) stop.request_stop();
  };
  EXPECT_THAT(read_live({job("issue_webhooks")}, context), IsEmpty());
  EXPECT_EQ(seen, 2U);
}

}  // namespace
}  // namespace source_sentry
