#include "engine/run/sync.h"

#include <gmock/gmock.h>

#include <map>
#include <mutex>
#include <new>
#include <utility>

#include "engine/run/stream_run.h"
#include "fakes/captured_output.h"
#include "fakes/fake_clock.h"
#include "fakes/fake_list.h"
#include "http/causes.h"

namespace source_sentry {
namespace {

using testing::ElementsAre;
using testing::Pair;

StreamJob job(const std::string& name, const std::string& path) {
  StreamJob job;
  job.name = name;
  job.cursor_key = "dateCreated";
  job.plan = [path](Fetcher&) {
    PartitionPlan plan = FakeList().plan(kNow);
    plan.routes[0].path = path;
    return StreamPlan{{Partition()}, {plan}};
  };
  return job;
}

Response serve(const std::string& target) {
  if (target.starts_with("forbidden/")) return answer(403, "");
  FakeList list;
  list.rows = {{"1", *parse_instant("2026-01-01T00:00:00Z")}};
  return list(target);
}

auto run(const std::vector<StreamJob>& jobs, CapturedOutput& captured, std::size_t workers = 1,
         const FakeHttp::Server& server = serve) {
  const Judge judge = plain_judge;
  Pacer pacer;
  return run_sync(jobs, {outputs_to(captured.emitter()), captured.clock(),
                         [&] { return std::make_unique<FakeHttp>(server); }, judge, pacer,
                         captured.stop().get_token(), workers});
}

TEST(Sync, ReadsStreamsInTheirOrderWithOneWorker) {
  CapturedOutput captured;
  StreamJob plain = job("b", "ok/");
  plain.cursor_key = "";
  plain.plan = [](Fetcher&) {
    PartitionPlan plan = FakeList().plan(kNow);
    plan.shape.cursor_key = "";
    plan.in_windows = false;
    return StreamPlan{{Partition()}, {plan}};
  };
  EXPECT_TRUE(run({job("a", "ok/"), plain}, captured).empty());
  std::vector<std::string> story = captured.story();
  std::erase(story, "LOG");
  EXPECT_THAT(story,
              ElementsAre("STARTED a", "RUNNING a", "RECORD a 1",
                          R"(STATE a {"dateCreated":"2026-01-01T00:00:00.000000Z"} 1.0)",
                          "COMPLETE a", "STARTED b", "RUNNING b", "RECORD b 1",
                          R"(STATE b {"__ab_no_cursor_state_message":true} 1.0)", "COMPLETE b"));
}

TEST(Sync, AsksOnceForWhatSeveralStreamsList) {
  CapturedOutput captured;
  const auto listing = [](const std::string& name) {
    StreamJob sharing = job(name, "ok/");
    sharing.list = "ok/";
    sharing.plan = [plan = sharing.plan](Fetcher& fetcher) {
      StreamPlan made = plan(fetcher);
      made.plans[0].routes[0].shared = Shared::kList;
      return made;
    };
    return sharing;
  };
  std::mutex mutex;
  std::vector<std::string> asked;
  const auto failures = run({listing("a"), job("b", "ok/"), listing("c")}, captured, 3,
                            [&](const std::string& target) {
                              const std::scoped_lock lock(mutex);
                              asked.push_back(target);
                              return serve(target);
                            });
  EXPECT_TRUE(failures.empty());
  const auto story = captured.story();
  for (const char* record :
       {"RECORD a 1", "RECORD b 1", "RECORD c 1", "COMPLETE a", "COMPLETE c"}) {
    EXPECT_THAT(story, testing::Contains(record));
  }
  // The stream that shares nothing asks for itself.
  std::map<std::string, int> times;
  for (const std::string& target : asked) ++times[target];
  EXPECT_THAT(times, testing::Each(Pair(testing::_, 2)));
}

TEST(Sync, LetsTheOthersGoOnWhenOneStreamFails) {
  CapturedOutput captured;
  StreamJob bad = job("bad", "forbidden/");
  bad.saved_state = {{"dateCreated", "2026-01-01T00:00:00Z"}};
  const auto failures = run({bad, job("good", "ok/")}, captured, 4);
  EXPECT_THAT(failures, ElementsAre(Pair("bad", "the list: 403")));
  const auto story = captured.story();
  EXPECT_THAT(story, testing::IsSupersetOf(
                         {"ERROR config_error", "INCOMPLETE bad", "COMPLETE good", "RECORD good 1",
                          R"(STATE bad {"dateCreated":"2026-01-01T00:00:00.000000Z"} 0.0)"}));
  for (const auto& line : captured.lines()) {
    if (line["type"] == "TRACE" && line["trace"]["type"] == "ERROR") {
      EXPECT_EQ(line["trace"]["error"]["stream_descriptor"]["name"], "bad");
    }
  }
}

/// Has no memory for the first error that it is told of.
class ForgetfulPerson final : public Person {
 public:
  void log(LogLevel, std::string_view) override {}
  void say(LogLevel, std::string_view) override {}
  void error(const ConnectorError& error, std::string_view) override {
    if (!std::exchange(has_failed_, true)) throw std::bad_alloc();
    told_.push_back(error.message());
  }
  const std::vector<std::string>& told() const { return told_; }

 private:
  bool has_failed_ = false;
  std::vector<std::string> told_;
};

TEST(Sync, TellsOfMissingMemoryOnceItCan) {
  ForgetfulPerson person;
  CapturedOutput captured;
  captured.emitter().address(person, true);
  const auto failures = run({job("bad", "forbidden/")}, captured);
  ASSERT_EQ(failures.size(), 1U);
  EXPECT_THAT(person.told(), ElementsAre(failures.front().second));
  EXPECT_THAT(failures.front().second, testing::HasSubstr("memory"));
}

TEST(Sync, FailsAStreamWhoseStateCannotBeReadAndKeepsThatState) {
  CapturedOutput captured;
  StreamJob bad = job("a", "ok/");
  bad.saved_state = {{"dateCreated", "yesterday"}};
  EXPECT_EQ(run({bad}, captured).size(), 1U);
  EXPECT_THAT(captured.story(), testing::Contains(R"(STATE a {"dateCreated":"yesterday"} 0.0)"));
}

TEST(Sync, FailsAStreamWhosePlanCannotBeMade) {
  CapturedOutput captured;
  StreamJob bad = job("a", "ok/");
  bad.plan = [](Fetcher&) -> StreamPlan {
    throw ConnectorError(FailureKind::kConfig, "no such stream");
  };
  EXPECT_THAT(run({bad, job("b", "ok/")}, captured), ElementsAre(Pair("a", "no such stream")));
  EXPECT_THAT(captured.story(), testing::Contains("COMPLETE b"));
}

TEST(Sync, ReadsWhatAPlanHasAndTellsItsGap) {
  CapturedOutput captured;
  StreamJob part = job("a", "ok/");
  part.plan = [plan = part.plan](Fetcher& fetcher) {
    auto made = plan(fetcher);
    made.gap = ConnectorError(FailureKind::kSystem, "there may be more");
    return made;
  };
  EXPECT_THAT(run({part}, captured), ElementsAre(Pair("a", "there may be more")));
  EXPECT_THAT(captured.story(),
              testing::IsSupersetOf({"RECORD a 1", "ERROR system_error", "INCOMPLETE a"}));
}

/// Two partitions with a record each, which a list can give together; their records begin with
/// their numbers.
StreamJob job_of_two() {
  StreamJob two;
  two.name = "a";
  two.cursor_key = "dateCreated";
  two.plan = [](Fetcher&) {
    StreamPlan plan;
    const auto at = [](const std::string& path) {
      PartitionPlan part = FakeList().plan(kNow);
      part.routes[0].path = path;
      part.name = path;
      return part;
    };
    for (const char* number : {"1", "2"}) {
      plan.partitions.emplace_back();
      plan.partitions.back().key = {{"id", number}};
      plan.partitions.back().names = {number};
      plan.partitions.back().number = number;
      plan.plans.push_back(at(number + std::string("/")));
    }
    plan.batching = Batching{2, "default", [at](const std::vector<std::string>& numbers) {
                               PartitionPlan batch = at("both/");
                               EXPECT_THAT(numbers, ElementsAre("1", "2"));
                               batch.partition_of = [](std::string_view record) {
                                 return std::string(record.substr(record.find("id\":\"") + 5, 1));
                               };
                               return batch;
                             }};
    return plan;
  };
  for (const char* number : {"1", "2"}) {
    two.saved_state["states"].push_back(
        {{"partition", {{"id", number}}}, {"cursor", {{"dateCreated", "2025-12-31T00:00:00Z"}}}});
  }
  return two;
}

FakeList::Row row_of(const std::string& number) {
  return {number + "x", *parse_instant("2026-01-0" + number + "T00:00:00Z")};
}

TEST(Sync, ReadsPartitionsAtTheSamePlaceAsOne) {
  CapturedOutput captured;
  const auto failures = run({job_of_two()}, captured, 1, [](const std::string& target) {
    EXPECT_TRUE(target.starts_with("both/")) << target;
    FakeList list;
    list.rows = {row_of("1"), row_of("2")};
    return list(target);
  });
  EXPECT_TRUE(failures.empty());
  const auto state =
      captured.lines().at(captured.lines().size() - 2)["state"]["stream"]["stream_state"];
  const auto& states = state["states"];
  EXPECT_EQ(states[0]["cursor"].dump(),
            R"({"dateCreated":"2026-01-02T00:00:00.000000Z","shared":true})");
  EXPECT_EQ(states[1]["cursor"].dump(), R"({"dateCreated":"2026-01-02T00:00:00.000000Z"})");
}

TEST(Sync, OpensAReaderWhenItsTurnComes) {
  CapturedOutput captured;
  StreamJob two = job_of_two();
  auto opened = std::make_shared<int>(0);
  two.plan = [opened, plan = two.plan](Fetcher& fetcher) {
    auto made = plan(fetcher);
    made.batching->plan = [opened,
                           plan = made.batching->plan](const std::vector<std::string>& numbers) {
      ++*opened;
      return plan(numbers);
    };
    return made;
  };
  FakeHttp http{FakeList()};
  const Judge judge = plain_judge;
  Pacer pacer;
  Fetcher fetcher(http, judge, pacer, captured.clock(), captured.stop().get_token());
  Causes causes;
  StreamRun stream(two, outputs_to(captured.emitter()), causes);
  stream.start();
  const auto parts = stream.begin(fetcher);
  EXPECT_THAT(parts, testing::SizeIs(1));
  EXPECT_EQ(stream.rate_group(parts.at(0)), "default");
  EXPECT_EQ(*opened, 0);
  stream.step(parts.at(0), fetcher);
  EXPECT_EQ(*opened, 1);
}

TEST(Sync, ReadsPartitionsByThemselvesWhereOneListFails) {
  for (const int page : {0, 1, 2}) {  // that fails: none is empty, so it is questioned
    CapturedOutput captured;
    const auto failures = run({job_of_two()}, captured, 1, [&](const std::string& target) {
      FakeList list;
      list.page_size = 1;
      if (!target.starts_with("both/")) {
        list.rows = {row_of(target.substr(0, 1))};
        return target.starts_with("2/") ? answer(403, "") : list(target);
      }
      const bool second = target.find("cursor=0") != std::string::npos;
      if (page == (second ? 2 : 1)) return answer(403, "");
      if (page > 0) list.rows = {row_of("1"), row_of("2")};
      return list(target);
    });
    EXPECT_THAT(failures, ElementsAre(Pair("a", "the list: 403"))) << page;
    const auto story = captured.story();
    const auto count = [&](const char* line) {
      return std::count(story.begin(), story.end(), line);
    };
    EXPECT_EQ(count("RECORD a 1x"), 1) << page;
    EXPECT_EQ(count("RECORD a 2x"), page == 2 ? 1 : 0) << page;
    EXPECT_EQ(count("INCOMPLETE a"), 1) << page;
    EXPECT_EQ(count("ERROR config_error"), 1) << page;
  }
}

TEST(Sync, StartsNothingAfterAStop) {
  CapturedOutput captured;
  captured.stop().request_stop();
  EXPECT_TRUE(run({job("a", "ok/")}, captured).empty());
  EXPECT_TRUE(captured.lines().empty());
}

TEST(Sync, EndsAStreamThatIsStoppedAsIncompleteWithItsState) {
  CapturedOutput captured;
  StreamJob stopping = job("a", "ok/");
  stopping.plan = [&](Fetcher&) -> StreamPlan {
    captured.stop().request_stop();
    return StreamPlan{{Partition()}, {FakeList().plan(kNow)}};
  };
  EXPECT_TRUE(run({stopping, job("b", "ok/")}, captured).empty());
  EXPECT_THAT(
      captured.story(),
      ElementsAre("STARTED a", "RUNNING a",
                  R"(STATE a {"dateCreated":"1900-01-01T00:00:00.000000Z"} 0.0)", "INCOMPLETE a"));
}

TEST(Sync, ReadsNothingWithoutStreams) {
  CapturedOutput captured;
  EXPECT_TRUE(run({}, captured).empty());
}

}  // namespace
}  // namespace source_sentry
