#include "engine/read/partition_reader.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <map>

#include "fakes/partition_reading.h"
#include "http/base_url.h"
#include "sentry/answers/answers.h"

namespace source_sentry {
namespace {

using namespace std::chrono_literals;
using std::chrono::days;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

TEST(PartitionReader, ReadsEverythingOnceAndEndsWithTheOfficialState) {
  const FakeList list = make_list(8'000, days(80), 10);
  const Outcome got = read(list);
  expect_every_row_once(got, list);
  EXPECT_EQ(got.last_state, (nlohmann::json{{"dateCreated", format_instant(newest(list))}}));
  EXPECT_GE(got.states, 16U);
}

TEST(PartitionReader, ReadsAnEmptyStream) {
  const Outcome got = read(FakeList());
  EXPECT_TRUE(got.finished);
  EXPECT_THAT(got.story, ElementsAre("RUNNING s",
                                     R"(STATE s {"dateCreated":"1900-01-01T00:00:00.000000Z"} 0.0)",
                                     "COMPLETE s"));
}

TEST(PartitionReader, ReadsOnlyWhatIsNewerThanItsStateTheBoundaryIncluded) {
  FakeList list = make_list(500, days(10), 10);
  const Instant state = list.rows[123].when;  // a record with this very time was written before
  const Outcome got = read(list, {.state = {{"dateCreated", format_instant(state)}}});
  expect_every_row_once(got, list, state);
  const Outcome again = read(list, {.state = got.last_state});
  EXPECT_EQ(again.ids.size(), 1U);
  EXPECT_EQ(again.requests, 1U);
  EXPECT_EQ(again.last_state, got.last_state);
}

TEST(PartitionReader, LeavesOutWhatIsNewerThanTheRunsBegin) {
  FakeList list = make_list(5, days(1), 10);
  list.rows.push_back({"tomorrow", kNow + days(1)});
  list.heeds_windows = false;
  const Outcome got = read(list);
  EXPECT_EQ(got.ids.count("tomorrow"), 0U);
  EXPECT_LT(got.last_state["dateCreated"], format_instant(kNow));
  const Outcome later = read(list, {.state = got.last_state, .now = kNow + days(2)});
  EXPECT_EQ(later.ids.count("tomorrow"), 1U);
}

TEST(PartitionReader, WritesNothingTwiceWhenTheServerIgnoresWindows) {
  FakeList list = make_list(3'000, days(200), 100);
  list.heeds_windows = false;
  const Outcome full = read(list);
  expect_every_row_once(full, list);
  EXPECT_LE(full.requests, 34U);
  const Instant state = kNow - days(100);
  const Outcome incremental = read(list, {.state = {{"dateCreated", format_instant(state)}}});
  expect_every_row_once(incremental, list, state);
  EXPECT_LE(incremental.requests, 20U);
}

TEST(PartitionReader, ClampsAStateFromTheFuture) {
  FakeList list = make_list(50, days(1), 10);
  const Outcome got = read(list, {.state = {{"dateCreated", "2100-01-01T00:00:00.0Z"}}});
  EXPECT_TRUE(got.finished);
  EXPECT_TRUE(got.ids.empty());
  EXPECT_EQ(got.last_state, (nlohmann::json{{"dateCreated", format_instant(kNow)}}));
  list.rows.push_back({"new", kNow + 1h});
  const Outcome later = read(list, {.state = got.last_state, .now = kNow + 2h});
  EXPECT_EQ(later.ids.size(), 1U);
}

TEST(PartitionReader, CompletesWhatAKilledRunLeftWhereverItDied) {
  const FakeList list = make_list(2'000, days(60), 10);
  const std::size_t whole = read(list).requests;
  ASSERT_GT(whole, 200U);
  for (const bool full_refresh : {false, true}) {
    for (std::size_t requests = 1; requests < whole; requests += 19) {
      const Outcome first = read(
          list, {.full_refresh = full_refresh, .die_after_requests = static_cast<int>(requests)});
      ASSERT_FALSE(first.finished);
      const Outcome second = read(list, {.state = first.last_state, .full_refresh = full_refresh});
      ASSERT_TRUE(second.finished) << second.error;
      std::map<std::string, int> both = first.ids;
      for (const auto& [id, count] : second.ids) both[id] += count;
      EXPECT_EQ(both.size(), list.rows.size()) << "after " << requests;
      std::size_t repeated = 0;
      for (const auto& [id, count] : both) repeated += count > 1 ? 1U : 0U;
      EXPECT_LE(repeated, (WindowReader::kPagesPerState + 1) * list.page_size) << requests;
      EXPECT_LE(first.requests + second.requests, whole + WindowReader::kPagesPerState + 8);
    }
  }
}

TEST(PartitionReader, ResumesInsideOneLongWindow) {
  FakeList list = make_list(1'000, days(1), 10);
  list.heeds_windows = false;  // one pass is one window
  const Outcome first = read(list, {.die_after_requests = 55});
  ASSERT_TRUE(first.last_state["position"].contains("page"));
  const Outcome second = read(list, {.state = first.last_state});
  ASSERT_TRUE(second.finished);
  EXPECT_LE(second.requests, 55U);
  std::map<std::string, int> both = first.ids;
  for (const auto& [id, count] : second.ids) both[id] += count;
  EXPECT_EQ(both.size(), list.rows.size());
  EXPECT_EQ(second.last_state, (nlohmann::json{{"dateCreated", format_instant(newest(list))}}));
}

TEST(PartitionReader, ReadsTheWindowAnewWhenItsPositionIsNotTaken) {
  FakeList list = make_list(300, days(1), 10);
  list.heeds_windows = false;
  const Outcome first = read(list, {.die_after_requests = 15});
  nlohmann::json state = first.last_state;
  ASSERT_TRUE(state["position"].contains("page"));
  state["position"]["page"]["cursor"] = "no-longer-valid";
  const Outcome second = read(list, {.state = state});
  expect_every_row_once(second, list);
}

TEST(PartitionReader, StartsOverOnAFullRefreshUnlessOneWasUnderWay) {
  const FakeList list = make_list(40, days(1), 10);
  const Outcome full =
      read(list, {.state = {{"dateCreated", format_instant(kNow - 1min)}}, .full_refresh = true});
  expect_every_row_once(full, list);
}

TEST(PartitionReader, LeavesOutRowsThatAListShowsTwice) {
  // A row inserted above the position moves the rest down: the page's last row comes again.
  FakeList list = make_list(25, days(1), 10);
  list.heeds_windows = false;
  int requests = 0;
  const Outcome got = read(list.plan(kNow), [&](const std::string& target) {
    if (++requests == 2) list.rows.push_back({"inserted", kNow + 1h});
    return list(target);
  });
  EXPECT_TRUE(got.finished);
  EXPECT_EQ(got.ids.size(), 25U);
  for (const auto& [id, count] : got.ids) EXPECT_EQ(count, 1) << id;
}

TEST(PartitionReader, WritesRecordsWithoutCursorButDoesNotCountThemAsProgress) {
  PartitionPlan plan = FakeList().plan(kNow);
  const Outcome got = read(plan, [](const std::string&) {
    return answer(
        200,
        R"([{"id":"a"},{"id":"b","dateCreated":"2026-01-01T00:00:00Z"},{"id":"c","dateCreated":null}])");
  });
  EXPECT_EQ(got.ids.size(), 3U);
  EXPECT_EQ(got.last_state["dateCreated"], "2026-01-01T00:00:00.000000Z");
}

TEST(PartitionReader, FallsBackToTheOlderRoute) {
  FakeList list = make_list(30, days(1), 10);
  PartitionPlan plan = list.plan(kNow);
  plan.routes.push_back(plan.routes[0]);
  plan.routes[0].path = "modern/";
  const auto server = [&](const std::string& target) {
    return target.starts_with("modern/") ? answer(404, "") : list(target);
  };
  const Outcome got = read(plan, server);
  expect_every_row_once(got, list);
  EXPECT_EQ(got.targets[0].substr(0, 7), "modern/");
  const Outcome refused = read(plan, [](const std::string&) { return answer(404, ""); });
  EXPECT_EQ(refused.error, "the list: 404");
}

TEST(PartitionReader, GoesToTheSuccessorOfARouteAndNeverInCircles) {
  FakeList list = make_list(30, days(1), 10);
  PartitionPlan plan = list.plan(kNow);
  plan.routes.push_back(plan.routes[0]);
  plan.routes.push_back(plan.routes[0]);
  plan.routes[0].path = "first/";
  plan.routes[1].path = "second/";
  plan.routes[0].others = {"second/", "list/"};
  plan.routes[1].others = {"first/", "list/"};
  plan.routes[2].others = {"first/", "second/"};
  const Judge judge = [](const Response& response, const Route& route) {
    Verdict verdict = plain_judge(response, route);
    const bool known = std::count(route.others.begin(), route.others.end(), response.body) > 0;
    if (response.status == 510 && known) verdict.successor = response.body;
    return verdict;
  };
  const auto moved_on = read(
      plan,
      [&](const std::string& target) {
        return target.starts_with("first/") ? answer(510, "list/") : list(target);
      },
      {}, judge);
  expect_every_row_once(moved_on, list);
  EXPECT_EQ(moved_on.targets[1].substr(0, 5), "list/") << "past the second";
  const auto circle = read(
      plan,
      [&](const std::string& target) {
        return answer(510, target.starts_with("first/") ? "list/" : "first/");
      },
      {}, judge);
  EXPECT_EQ(circle.error, "the list: 510");
  EXPECT_EQ(circle.requests, 1U + 6U) << "the last one is waited for";
}

TEST(PartitionReader, GoesBackToARouteThatOnlyFailedForAWhile) {
  FakeList list = make_list(30, days(1), 10);
  FakeList less = list;
  less.rows.resize(20);
  PartitionPlan plan = list.plan(kNow);
  plan.routes.push_back(plan.routes[0]);
  plan.routes[0].path = "modern/";
  int failures = 5;
  const auto server = [&](const std::string& target) {
    if (!target.starts_with("modern/")) return less(target);
    return failures-- > 0 ? answer(500, "") : list(target);
  };
  const Outcome got = read(plan, server);
  EXPECT_TRUE(got.finished) << got.error;
  EXPECT_EQ(got.ids.size(), 30U);
  EXPECT_EQ(got.last_state["dateCreated"], format_instant(newest(list)));
}

TEST(PartitionReader, KeepsTheHorizonOfARoute) {
  FakeList list = make_list(30, days(1), 10);
  PartitionPlan plan = list.plan(kNow);
  plan.routes[0].horizon = days(90);
  const Outcome got = read(plan, list);
  EXPECT_THAT(got.targets[0], HasSubstr("start=2025-10-17T12:00:00"));
}

TEST(PartitionReader, ReadsPlainListsAndFiltersThemByCursor) {
  FakeList list = make_list(25, days(10), 10);
  PartitionPlan plan = list.plan(kNow);
  plan.in_windows = false;
  const Outcome full = read(plan, list);
  expect_every_row_once(full, list);
  EXPECT_EQ(full.requests, 3U);
  const Instant state = kNow - days(5);
  const Outcome incremental = read(plan, list, {.state = {{"dateCreated", format_instant(state)}}});
  expect_every_row_once(incremental, list, state);
  EXPECT_EQ(incremental.last_state, full.last_state);
}

TEST(PartitionReader, MapsRecordsAndWritesEachAtOnce) {
  FakeList list = make_list(3, days(1), 10);
  PartitionPlan plan = list.plan(kNow);
  plan.in_windows = false;
  plan.shape.cursor_key.clear();
  plan.expansion.route = [](std::string_view) {
    return std::optional(Route{.path = "detail/",
                               .is_meant = [](std::string_view) { return true; },
                               .rate_group = "default",
                               .what = "detail"});
  };
  plan.expansion.record = [](std::string_view record,
                             const DocumentFetch::Answer&) -> std::optional<std::string> {
    if (record.find("\"r1\"") != std::string_view::npos) return std::nullopt;
    return R"({"id":"mapped )" + std::string(record.substr(7, 2)) + "\"}";
  };
  const Outcome got = read(plan, [&](const std::string& target) {
    return target == "detail/" ? answer(200, R"({"id":"d"})") : list(target);
  });
  EXPECT_EQ(got.ids, (std::map<std::string, int>{{"mapped r0", 1}, {"mapped r2", 1}}));
  EXPECT_EQ(got.last_state, nlohmann::json(state_without_cursor()));
}

TEST(PartitionReader, TransformsRecordsWithoutWaitingForTheNextPage) {
  FakeList list = make_list(6, days(1), 2);
  PartitionPlan plan = list.plan(kNow);
  plan.in_windows = false;
  std::vector<std::size_t> requests;  // that were sent before each record was made
  const FakeHttp* http = nullptr;
  plan.transform = [&](std::string_view record) {
    requests.push_back(http->targets().size());
    if (record.find("\"r1\"") != std::string_view::npos) return Transformed::left_out();
    if (record.find("\"r2\"") != std::string_view::npos) {
      return Transformed::into(R"({"id":"made of r2"})");
    }
    return Transformed::as_it_is();
  };
  const Outcome got = read(plan, list, {.begins = [&](const FakeHttp& client) { http = &client; }});
  EXPECT_TRUE(got.finished) << got.error;
  EXPECT_EQ(got.ids, (std::map<std::string, int>{
                         {"r0", 1}, {"made of r2", 1}, {"r3", 1}, {"r4", 1}, {"r5", 1}}));
  EXPECT_EQ(requests.at(0), 2U) << "the second page is on its way while the first is made";
  EXPECT_EQ(got.last_state["dateCreated"], format_instant(newest(list)))
      << "what is not wanted was read all the same";
}

TEST(PartitionReader, AsksForLessWhenAWindowIsTooMuch) {
  for (const Duration most : {Duration(days(7)), Duration(1h), Duration(10s)}) {
    const FakeList list = make_list(100, 2h, 10);
    const Outcome got = read(list.plan(kNow),
                             [&](const std::string& target) {
                               auto wanted = FakeList::parameters(target);
                               const Duration span =
                                   *parse_instant(wanted["end"]) - *parse_instant(wanted["start"]);
                               return span > most ? answer(413, "") : list(target);
                             },
                             {.state = {{"dateCreated", format_instant(kNow - 3h)}}});
    expect_every_row_once(got, list);
  }
}

TEST(PartitionReader, WritesNothingTwiceWhenAWindowTurnsOutTooMuchInTheMiddle) {
  const FakeList list = make_list(400, days(10), 10);
  const Outcome got = read(list.plan(kNow), [&](const std::string& target) {
    auto wanted = FakeList::parameters(target);
    const bool deep = wanted["cursor"].size() > 4;  // behind a hundred rows
    return deep ? answer(413, "") : list(target);
  });
  expect_every_row_once(got, list);
}

TEST(PartitionReader, TellsASecondThatIsTooMuch) {
  const FakeList list = make_list(30, days(1), 10);
  const Outcome got = read(list.plan(kNow), [&](const std::string&) { return answer(413, ""); },
                           {.state = {{"dateCreated", format_instant(kNow - 1h)}}});
  EXPECT_THAT(got.error, HasSubstr("the list: 413"));
  EXPECT_EQ(got.last_state["dateCreated"], format_instant(kNow - 1h));
}

TEST(PartitionReader, QuestionsAStreamThatHeldDataAndIsEmpty) {
  const Case before{.state = {{"dateCreated", format_instant(kNow - 1h)}}};
  PartitionPlan plan = FakeList().plan(kNow);
  plan.owner = Route{.path = "owner/", .rate_group = "default", .what = "the owner"};
  int status = 200;
  const auto server = [&](const std::string& target) {
    return target == "owner/" ? answer(status, "{}") : FakeList()(target);
  };
  const Outcome empty = read(plan, server, before);
  EXPECT_TRUE(empty.finished);
  EXPECT_THAT(empty.targets, ElementsAre(HasSubstr("start="), HasSubstr("start=1900-01-01"),
                                         "list/?per_page=1", "owner/"));
  EXPECT_EQ(empty.last_state, (nlohmann::json{{"dateCreated", format_instant(kNow - 1h)}}));
  status = 403;
  EXPECT_EQ(read(plan, server, before).error, "the owner: 403");
  plan.kept_for = days(90);
  EXPECT_EQ(read(plan, server, before).error, "the owner: 403");
  // The search itself is held against the list in any case.
  const nlohmann::json long_ago = {{"dateCreated", format_instant(kNow - days(91))}};
  EXPECT_EQ(read(plan, server, {.state = long_ago}).requests, 2U);
  EXPECT_EQ(read(plan, server).requests, 2U) << "without a state";
  EXPECT_EQ(read(plan, server, {.state = before.state, .full_refresh = true}).requests, 2U);
  plan.from = kNow - 1min;
  EXPECT_EQ(read(plan, server, before).requests, 3U) << "the saved second is left out";
}

/// Rows of somebody else do not show that a list holds anything.
TEST(PartitionReader, TakesAListThatShowsOnlyRowsOfOthersForEmpty) {
  FakeList list;
  list.rows.push_back({"other", kNow - days(3)});
  PartitionPlan plan = list.plan(kNow);
  plan.in_windows = false;
  plan.routes[0].is_meant = [](std::string_view) { return false; };
  plan.owner = Route{.path = "owner/", .rate_group = "default", .what = "the owner"};
  const auto server = [&](const std::string& target) {
    return target == "owner/" ? answer(403, "{}") : list(target);
  };
  const Outcome got = read(plan, server, {.state = {{"dateCreated", format_instant(kNow - 1h)}}});
  EXPECT_EQ(got.error, "the owner: 403");
}

TEST(PartitionReader, BelievesAnEmptyWindowOfAListThatHoldsOthers) {
  FakeList list;
  list.rows.push_back({"old", kNow - days(3)});
  PartitionPlan plan = list.plan(kNow);
  plan.owner = Route{.path = "owner/", .rate_group = "default", .what = "the owner"};
  const Outcome got = read(plan, list, {.state = {{"dateCreated", format_instant(kNow - 1h)}}});
  EXPECT_TRUE(got.finished);
  EXPECT_THAT(got.targets, ElementsAre(HasSubstr("start="), HasSubstr("start=1900-01-01")))
      << "a search for all times shows that it is understood, and that there are others";
}

TEST(PartitionReader, LeavesOutARecordThatCannotBeMade) {
  FakeList list = make_list(12, days(1), 10);
  PartitionPlan plan = list.plan(kNow);
  plan.in_windows = false;
  std::string bad = "\"r1\"";
  plan.expansion.route = [](std::string_view) { return std::optional<Route>(); };
  plan.expansion.record = [&](std::string_view record,
                              const DocumentFetch::Answer&) -> std::optional<std::string> {
    if (record.find(bad) == std::string_view::npos) return std::string(record);
    throw ConnectorError(FailureKind::kSystem, "no such thing");
  };
  const Outcome got = read(plan, list);
  EXPECT_EQ(got.ids.size(), 11U);
  EXPECT_THAT(got.error, HasSubstr("no such thing So 1 record of s could not be read."));
  EXPECT_EQ(got.last_state["dateCreated"], "1900-01-01T00:00:00.000000Z");
  bad = "r";
  EXPECT_THAT(read(plan, list).error, HasSubstr("3 records"));
}

TEST(PartitionReader, FailsOnADocumentThatIsNone) {
  PartitionPlan plan = FakeList().plan(kNow);
  plan.shape.root = RecordSplitter::Root::kObject;
  plan.in_windows = false;
  plan.shape.cursor_key.clear();
  for (const std::string body : {"{}", R"({"detail":"well"})"}) {
    const Outcome got = read(plan, [&](const std::string&) { return answer(200, body); });
    EXPECT_FALSE(got.finished);
    EXPECT_THAT(got.error, HasSubstr("is not valid: an"));
    EXPECT_EQ(got.requests, 3U);
  }
}

TEST(PartitionReader, FailsOnRowsThatAreNoRecordsAfterWritingTheRest) {
  PartitionPlan plan = FakeList().plan(kNow);
  const Outcome got = read(plan, [](const std::string&) {
    return answer(200, R"([{"id":"a","dateCreated":"2026-01-01T00:00:00Z"},7,{}])");
  });
  EXPECT_FALSE(got.finished);
  EXPECT_THAT(got.error, HasSubstr("2 entries that are not records"));
  EXPECT_EQ(got.ids.size(), 1U);
  EXPECT_EQ(got.last_state["dateCreated"], "1900-01-01T00:00:00.000000Z");
}

TEST(PartitionReader, ReadsTheWholeListOfAServerTooOldForIds) {
  FakeList list = make_list(35, days(80), 10);
  PartitionPlan plan = list.plan(kNow);
  plan.ids_prove_windows = true;
  const Outcome modern = read(plan, list);
  expect_every_row_once(modern, list);
  EXPECT_THAT(modern.targets[0], HasSubstr("per_page=1"));
  EXPECT_THAT(modern.targets[1], HasSubstr("start="));

  std::vector<std::string> targets;
  const auto old = [&](const std::string& target) {
    targets.push_back(target);
    Response response = list(target);
    for (std::size_t at = 0; (at = response.body.find(R"("id":)", at)) != std::string::npos;) {
      response.body.replace(at, 5, R"("version":)");
    }
    return response;
  };
  const Outcome got = read(plan, old, {.state = {{"dateCreated", format_instant(newest(list))}}});
  EXPECT_TRUE(got.finished) << got.error;
  ASSERT_EQ(targets.size(), 5U);  // a look, and four pages to the end of the list
  for (const std::string& target : targets) EXPECT_THAT(target, Not(HasSubstr("start=")));
}

/// A stop may come at any row: what is left of its page is not written, and must come next time.
TEST(PartitionReader, StoppedAtAnyRowLosesNone) {
  const FakeList list = make_list(120, std::chrono::hours(20), 100);
  for (const bool in_windows : {true, false}) {
    for (const std::size_t row : {1U, 2U, 99U, 100U, 101U, 102U, 119U, 120U}) {
      PartitionPlan plan = list.plan(kNow);
      plan.in_windows = in_windows;
      std::stop_source stop;
      std::size_t seen = 0;
      // The rows of the first looks count, too; so every place is met.
      plan.routes[0].is_meant = [&](std::string_view) {
        if (++seen == row) stop.request_stop();
        return true;
      };
      Case first;
      first.stop = stop.get_token();
      const Outcome cut = read(plan, list, first);
      EXPECT_FALSE(cut.finished) << row;
      Case next;
      next.state = cut.last_state;
      const Outcome rest = read(list.plan(kNow), list, next);
      std::map<std::string, int> ids = cut.ids;
      ids.insert(rest.ids.begin(), rest.ids.end());
      EXPECT_EQ(ids.size(), list.rows.size()) << "stopped at row " << row;
    }
  }
}

TEST(ListThatIsNotOffered, IsToldWithoutAnotherRequestWhereItsOwnerWasSeen) {
  PartitionPlan plan = FakeList().plan(kNow);
  plan.owner = Route{.path = "owner/", .rate_group = "default", .what = "the owner"};
  const auto server = [](const std::string& target) {
    return target.starts_with("owner/") ? answer(200, "{}")
                                        : answer(404, R"({"detail":"no such thing"})");
  };
  for (const bool seen : {false, true}) {
    plan.owner_unseen = !seen;
    plan.owner_seen = seen;
    const Outcome got = read(plan, server, {}, make_judge(*parse_base_url("sentry.example.com")));
    EXPECT_THAT(got.error, HasSubstr("though it answers for the owner")) << seen;
    const auto asked = std::count(got.targets.begin(), got.targets.end(), "owner/");
    EXPECT_EQ(asked, seen ? 0 : 1);
  }
}

}  // namespace
}  // namespace source_sentry
