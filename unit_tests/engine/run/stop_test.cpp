#include <gmock/gmock.h>

#include <algorithm>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "engine/expand/document_fetch.h"
#include "engine/expand/side_by_side.h"
#include "engine/run/sync.h"
#include "fakes/captured_output.h"
#include "fakes/fake_list.h"
#include "fakes/partition_reading.h"

namespace source_sentry {
namespace {

/// One stream, and the server that it is read from.
struct Subject {
  std::string name;
  FakeList list;
  PartitionPlan plan;
  nlohmann::json state{};
};

/// A stream of each kind, by what it asks for beside its list.
std::vector<Subject> subjects() {
  std::vector<Subject> all;
  const auto add = [&](const std::string& name, std::size_t rows) -> Subject& {
    FakeList list = make_list(rows, std::chrono::hours(20), 10);
    all.push_back({name, list, list.plan(kNow)});
    return all.back();
  };
  const auto ask = [](const std::string& path, Fetcher& fetcher) {
    Response response;
    const Route route{.path = path, .rate_group = "default", .what = path};
    fetcher.fetch(path, route, response, {});
    return response.body;
  };
  add("windows", 35);
  add("list", 35).plan.in_windows = false;
  Subject& expanded = add("expansion", 12);
  expanded.plan.in_windows = false;
  expanded.plan.expansion.route = [](std::string_view) {
    return std::optional(Route{.path = "document/",
                               .is_meant = [](std::string_view) { return true; },
                               .rate_group = "default",
                               .what = "a document"});
  };
  expanded.plan.expansion.record = [](std::string_view row, const DocumentFetch::Answer&) {
    return std::optional(std::string(row));
  };
  Subject& named = add("details", 25);
  named.plan.routes[0].names_only = true;
  named.plan.detail = [](std::string_view id) {
    return Route{.path = "detail/" + std::string(id), .rate_group = "default", .what = "a detail"};
  };
  add("count", 5).plan.count = [ask](const Window&, Fetcher& fetcher) {
    ask("count/", fetcher);
    return std::optional<std::uint64_t>(5);
  };
  const Route owner{.path = "owner/", .rate_group = "default", .what = "the owner"};
  Subject& emptied = add("emptied", 0);
  emptied.plan.owner = owner;
  emptied.state = {{"dateCreated", format_instant(kNow - std::chrono::hours(1))}};
  Subject& unseen = add("owner", 0);
  unseen.plan.owner = owner;
  unseen.plan.owner_unseen = true;
  return all;
}

/// What one run has written, and how it ended.
struct Reading {
  std::set<std::string> ids;
  nlohmann::json state;
  std::size_t requests = 0;
  std::vector<std::string> failed;
  std::vector<std::string> story;
};

/// Runs the stream; a stop comes while request `stop_at` is under way.
Reading read_until(const Subject& subject, const nlohmann::json& state, std::size_t stop_at = 0) {
  CapturedOutput captured;
  StreamJob job;
  job.name = "a";
  job.cursor_key = "dateCreated";
  job.saved_state = state;
  job.plan = [&](Fetcher& fetcher) {
    const Route route{.path = "plan/", .rate_group = "default", .what = "the plan"};
    Response response;
    fetcher.fetch("plan/", route, response, {});
    return StreamPlan{{Partition()}, {subject.plan}};
  };
  Reading result;
  const FakeHttp::Server server = [&](const std::string& target) {
    if (++result.requests == stop_at) captured.stop().request_stop();
    if (target.starts_with("list/")) return subject.list(target);
    if (!target.starts_with("detail/")) return answer(200, "{}");
    const auto row = std::find_if(subject.list.rows.begin(), subject.list.rows.end(),
                                  [&](const auto& one) { return target == "detail/" + one.id; });
    return answer(
        200, R"({"id":")" + row->id + R"(","dateCreated":")" + format_instant(row->when) + "\"}");
  };
  const Judge judge = plain_judge;
  Pacer pacer;
  const auto failures = run_sync({job}, {outputs_to(captured.emitter()), captured.clock(),
                                         [&] { return std::make_unique<FakeHttp>(server); }, judge,
                                         pacer, captured.stop().get_token(), 1});
  for (const auto& [stream, why] : failures) result.failed.push_back(why);
  for (const auto& line : captured.lines()) {
    if (line["type"] == "RECORD") result.ids.insert(line["record"]["data"]["id"]);
    if (line["type"] == "STATE") result.state = line["state"]["stream"]["stream_state"];
  }
  result.story = captured.story();
  return result;
}

/// A stop may come while any request of any kind is under way: it is no failure, the stream ends
/// INCOMPLETE with its state, and the next run writes all that this one has not.
TEST(Stop, AtAnyRequestIsNoFailureAndLosesNothing) {
  for (const Subject& subject : subjects()) {
    const Reading whole = read_until(subject, subject.state);
    EXPECT_THAT(whole.failed, testing::IsEmpty()) << subject.name;
    EXPECT_EQ(whole.ids.size(), subject.list.rows.size()) << subject.name;
    ASSERT_GE(whole.requests, 3U) << subject.name;
    for (std::size_t at = 1; at <= whole.requests; ++at) {
      const std::string where = subject.name + ", stopped at request " + std::to_string(at);
      const Reading cut = read_until(subject, subject.state, at);
      EXPECT_LE(cut.requests, at + kSideBySide) << where;
      EXPECT_THAT(cut.failed, testing::IsEmpty()) << where;
      EXPECT_THAT(cut.story, testing::Not(testing::Contains(testing::StartsWith("ERROR"))))
          << where;
      const bool only_proves = subject.name == "count" && at == whole.requests;
      EXPECT_EQ(cut.story.back(), only_proves ? "COMPLETE a" : "INCOMPLETE a") << where;
      Reading rest = read_until(subject, cut.state);
      rest.ids.insert(cut.ids.begin(), cut.ids.end());
      EXPECT_EQ(rest.ids, whole.ids) << where;
      EXPECT_EQ(rest.state, whole.state) << where;
    }
  }
}

}  // namespace
}  // namespace source_sentry
