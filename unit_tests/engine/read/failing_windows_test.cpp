#include <gmock/gmock.h>

#include <map>
#include <set>

#include "fakes/partition_reading.h"

namespace source_sentry {
namespace {

using namespace std::chrono_literals;
using std::chrono::days;
using testing::HasSubstr;

/// What says nothing of the data: less of it is no use.
const Response kUnreachable = broken(TransportProblem::kConnectFailure);

/// The server fails whatever is asked for the second `bad` and pages further back than one.
FakeHttp::Server failing_at(const FakeList& list, Instant bad, const Response& failure) {
  return [&list, bad, failure](const std::string& target) {
    auto wanted = FakeList::parameters(target);
    const bool in_it = !wanted["start"].empty() && *parse_instant(wanted["start"]) <= bad &&
                       bad < *parse_instant(wanted["end"]);
    return in_it && target.find("cursor=") != std::string::npos ? failure : list(target);
  };
}

TEST(FailingWindows, LeavesOutAWindowThatFailsAndKeepsItsStateBeforeIt) {
  const FakeList list = make_list(5'000, days(80), 10);
  const Instant bad = kNow - days(40);
  const Outcome got = read(list.plan(kNow), failing_at(list, bad, kUnreachable));
  EXPECT_FALSE(got.finished);
  EXPECT_THAT(got.error, HasSubstr("the list: 0 So 1 window of s could not be read: "));
  EXPECT_GT(got.ids.size(), 3'000U);
  EXPECT_LT(got.ids.size(), 5'000U);
  const Instant reached =
      *parse_instant(got.last_state["position"]["read_until"].get<std::string>());
  EXPECT_LE(reached, bad);
  EXPECT_LT(got.last_state["dateCreated"], format_instant(reached));
  const Outcome rest = read(list, {.state = got.last_state});
  EXPECT_TRUE(rest.finished) << rest.error;
  std::map<std::string, int> both = got.ids;
  for (const auto& [id, count] : rest.ids) both[id] += count;
  EXPECT_EQ(both.size(), 5'000U);
  for (const auto& row : list.rows) {
    EXPECT_EQ(rest.ids.contains(row.id), row.when >= reached) << row.id;
  }
}

TEST(FailingWindows, ReadsOnBehindASavedPositionThatFails) {
  const FakeList list = make_list(5'000, days(80), 10);
  const Outcome first = read(list, {.die_after_requests = 330});
  ASSERT_TRUE(first.last_state["position"].contains("page"));
  const Instant inside =
      *parse_instant(first.last_state["position"]["read_until"].get<std::string>());
  const Outcome second =
      read(list.plan(kNow), failing_at(list, inside, kUnreachable), {.state = first.last_state});
  EXPECT_THAT(second.error, HasSubstr("1 window"));
  EXPECT_EQ(second.ids.count(list.rows.front().id), 1U) << "the newest of all";
  EXPECT_EQ(second.last_state["position"]["read_until"],
            first.last_state["position"]["read_until"]);
}

TEST(FailingWindows, GivesUpAfterThreeWindowsInARow) {
  const FakeList list = make_list(8'000, days(80), 10);
  int requests = 0;
  const Outcome got = read(list.plan(kNow), [&](const std::string& target) {
    return ++requests > 300 ? kUnreachable : list(target);
  });
  EXPECT_THAT(got.error, HasSubstr("3 windows"));
  EXPECT_EQ(got.requests, 300U + 3 * 6);
}

/// A server that stumbles over one row, on whichever page and in whichever window it is.
FakeHttp::Server stumbling_over(const FakeList& list, const std::string& id, int status) {
  return [&list, mark = "\"" + id + "\"", status](const std::string& target) {
    Response page = list(target);
    return page.body.find(mark) == std::string::npos ? page : answer(status, "");
  };
}

TEST(FailingWindows, LeavesOutOnlyTheSecondOfARowThatTheServerStumblesOver) {
  const FakeList list = make_list(1'200, days(60), 10);
  const auto rows = static_cast<std::ptrdiff_t>(list.rows.size());
  list({});  // sorts
  for (const int status : {500, 502}) {
    for (const std::ptrdiff_t at : {std::ptrdiff_t{0}, rows / 2, rows - 1}) {
      const FakeList::Row bad = list.rows[static_cast<std::size_t>(at)];
      const Outcome got = read(list.plan(kNow), stumbling_over(list, bad.id, status));
      EXPECT_FALSE(got.finished);
      EXPECT_EQ(got.ids.size(), 1'199U) << status << " at " << at;
      EXPECT_FALSE(got.ids.contains(bad.id));
      EXPECT_THAT(got.error, HasSubstr("So 1 record of s could not be read: row 1 of " +
                                       format_seconds(bad.when)));
      EXPECT_LT(got.requests, 500U) << status << " at " << at;
    }
  }
}

/// Answers with `status` whatever `is_bad` shows on its page, whichever way it is asked for.
FakeHttp::Server refusing(const FakeList& list, int status,
                          const std::function<bool(const std::string& body)>& is_bad) {
  return [&list, status, is_bad](const std::string& target) {
    Response page = list(target);
    return is_bad(page.body) ? answer(status, "") : page;
  };
}

TEST(FailingWindows, StepsOverARowThatTheServerRefuses) {
  const FakeList list = make_list(1'200, days(60), 10);
  list({});  // sorts
  for (const int status : {400, 403, 404, 422}) {
    for (const std::size_t at : {std::size_t{0}, list.rows.size() / 2, list.rows.size() - 1}) {
      const FakeList::Row bad = list.rows[at];
      const Outcome got = read(list.plan(kNow), stumbling_over(list, bad.id, status));
      EXPECT_FALSE(got.finished);
      EXPECT_EQ(got.ids.size(), 1'199U) << status << " at " << at << ": " << got.error;
      EXPECT_FALSE(got.ids.contains(bad.id));
      EXPECT_THAT(got.error, HasSubstr("So 1 record of s could not be read: row 1 of " +
                                       format_seconds(bad.when)));
      EXPECT_LT(got.last_state["dateCreated"].get<std::string>(), format_instant(bad.when));
      EXPECT_LT(got.requests, 500U) << status << " at " << at;
    }
  }
}

TEST(FailingWindows, TakesARefusalOfAllForWhatItIs) {
  const FakeList list = make_list(1'200, days(60), 10);
  for (const bool in_windows : {true, false}) {
    PartitionPlan plan = list.plan(kNow);
    plan.in_windows = in_windows;
    for (const int status : {400, 403, 404, 422}) {
      for (const int answered : {0, 1, 60}) {
        int requests = 0;
        const Outcome got = read(plan, [&](const std::string& target) {
          return ++requests > answered ? answer(status, "") : list(target);
        });
        EXPECT_EQ(got.error, "the list: " + std::to_string(status));
        EXPECT_LE(got.requests, static_cast<std::size_t>(answered) + 1 + 2)
            << status << " after " << answered;
      }
    }
  }
}

TEST(FailingWindows, ReadsTheOthersWhereEverySecondRowIsRefused) {
  FakeList list = make_list(200, days(20), 10);
  for (int i = 0; i < 40; ++i) list.rows.push_back({"c" + std::to_string(i), kNow - days(5)});
  list({});  // sorts
  const auto marks = [&] {
    std::vector<std::string> bad;
    for (std::size_t i = 0; i < list.rows.size(); i += 2)
      bad.push_back('"' + list.rows[i].id + '"');
    return bad;
  }();
  for (const bool in_windows : {true, false}) {
    PartitionPlan plan = list.plan(kNow);
    plan.in_windows = in_windows;
    const Outcome got =
        read(plan, refusing(list, 403, [&](const std::string& body) {
               return std::any_of(marks.begin(), marks.end(), [&](const std::string& mark) {
                 return body.find(mark) != std::string::npos;
               });
             }));
    EXPECT_EQ(got.ids.size(), list.rows.size() / 2) << got.error;
    EXPECT_THAT(got.error, HasSubstr(std::to_string(marks.size()) + " records"));
    EXPECT_LT(got.requests, marks.size() * (in_windows ? 60 : 8)) << "it grows with the rows";
  }
}

/// Forty rows of one second among others, some of which the server stumbles over.
struct Crowd {
  FakeList list = make_list(300, days(20), 10);
  std::set<std::string> bad;
  const Instant second = kNow - days(5);

  Crowd() {
    for (int i = 0; i < 40; ++i) list.rows.push_back({"c" + std::to_string(i), second});
  }

  Outcome read(PartitionPlan plan, const std::function<Response(const std::string&)>& server) {
    return source_sentry::read(plan, [&](const std::string& target) {
      Response page = server(target);
      for (const std::string& id : bad) {
        if (page.body.find("\"" + id + "\"") != std::string::npos) return answer(500, "");
      }
      return page;
    });
  }

  void expect_all_but_the_bad(const Outcome& got, const std::string& what) {
    EXPECT_FALSE(got.finished) << what;
    EXPECT_EQ(got.ids.size(), list.rows.size() - bad.size()) << what;
    for (const auto& [id, count] : got.ids) EXPECT_EQ(count, 1) << what << ": " << id;
    EXPECT_THAT(got.error, HasSubstr(std::to_string(bad.size()) + " record")) << what;
    EXPECT_THAT(got.error, HasSubstr("Nothing else was left out.")) << what;
    EXPECT_LT(got.last_state["dateCreated"].get<std::string>(), format_instant(second)) << what;
  }
};

TEST(FailingWindows, LeavesOutOnlyTheRowThatTheServerStumblesOverAmongThoseOfItsSecond) {
  for (const std::set<std::string>& bad :
       {std::set<std::string>{"c0"}, {"c17"}, {"c39"}, {"c0", "c1", "c2"}, {"c9", "c10"}}) {
    for (const bool page_numbers : {false, true}) {
      Crowd crowd;
      crowd.bad = bad;
      crowd.list.page_numbers = page_numbers;
      const Outcome got = crowd.read(crowd.list.plan(kNow), crowd.list);
      crowd.expect_all_but_the_bad(got, *bad.begin() + (page_numbers ? " by page numbers" : ""));
    }
  }
}

TEST(FailingWindows, StepsOverARowOfAServerThatGivesNoSmallerPages) {
  Crowd crowd;
  crowd.bad = {"c20"};
  const Outcome got = crowd.read(crowd.list.plan(kNow), [&](std::string target) {
    for (std::size_t at; (at = target.find("per_page=")) != std::string::npos;) {
      target.replace(at, 9, "ignored=");
    }
    return crowd.list(target);
  });
  // What stands before it on its page cannot be had there without it.
  EXPECT_GE(got.ids.size(), crowd.list.rows.size() - 10) << got.error;
  EXPECT_TRUE(got.ids.contains("c30"));
  EXPECT_THAT(got.error, HasSubstr("Nothing else was left out."));
}

TEST(FailingWindows, StepsOverRowsOfListsThatCannotBeNarrowed) {
  for (const bool in_windows : {false, true}) {  // one without, and one that ignores them
    for (const bool page_numbers : {false, true}) {
      Crowd crowd;
      crowd.list.heeds_windows = false;
      crowd.list.page_numbers = page_numbers;
      crowd.list({});  // sorts
      crowd.bad = {crowd.list.rows[105].id, crowd.list.rows[106].id, crowd.list.rows[338].id};
      PartitionPlan plan = crowd.list.plan(kNow);
      plan.in_windows = in_windows;
      const Outcome got = crowd.read(plan, crowd.list);
      EXPECT_EQ(got.ids.size(), crowd.list.rows.size() - 3) << got.error;
      EXPECT_THAT(got.error, HasSubstr("3 records of s could not be read: row 106 of the list, "
                                       "row 107 of the list, row 339 of the list."));
      EXPECT_EQ(got.last_state["dateCreated"], "1900-01-01T00:00:00.000000Z");
    }
  }
}

/// The list with cursors that only the server can read.
FakeHttp::Server opaque_cursors(const FakeList& list) {
  return [&list](std::string target) {
    if (const std::size_t at = target.find("cursor=bz0w"); at != std::string::npos) {
      target.replace(at + 7, 4, "0%3A");
      target += "%3A0";
    }
    Response page = list(target);
    if (!page.ok()) return page;
    std::string& link = page.headers[0].second;
    const std::size_t at = link.rfind("cursor=\"0:") + 8;
    link.replace(at, 2, "bz0w");
    link.erase(link.rfind(":0"), 2);
    return page;
  };
}

TEST(FailingWindows, LosesOnlyWhatLiesBehindARowThatNoCursorLeadsPast) {
  FakeList list = make_list(60, days(20), 10);
  PartitionPlan plan = list.plan(kNow);
  plan.in_windows = false;
  list({});  // sorts
  const auto opaque = opaque_cursors(list);
  const Outcome got = read(plan, [&](const std::string& target) {
    Response page = opaque(target);
    const bool bad = page.body.find('"' + list.rows[25].id + '"') != std::string::npos;
    return bad ? answer(500, "") : page;
  });
  EXPECT_EQ(got.ids.size(), 25U) << got.error;
  EXPECT_EQ(got.error, "the list: 500");
}

/// A server whose pages are garbage behind their first three rows.
FakeHttp::Server spoiling(const FakeList& list) {
  return [&list](const std::string& target) {
    Response page = list(target);
    std::size_t at = 0;
    for (int rows = 0; rows < 3 && at != std::string::npos; ++rows)
      at = page.body.find('}', at + 1);
    const bool more = at != std::string::npos && at + 2 < page.body.size();
    if (more) page.body.replace(at + 1, std::string::npos, ",oops]");
    return page;
  };
}

TEST(FailingWindows, AsksForLessBeforeItKeepsTheFirstRowsOfASpoiltPage) {
  for (const bool in_windows : {true, false}) {
    for (const bool page_numbers : {false, true}) {
      FakeList list = make_list(60, days(20), 10);
      list.page_numbers = page_numbers;
      PartitionPlan plan = list.plan(kNow);
      plan.in_windows = in_windows;
      const Outcome got = read(plan, spoiling(list));
      expect_every_row_once(got, list);
      EXPECT_LT(got.requests, 400U) << in_windows;
    }
  }
}

TEST(FailingWindows, KeepsTheFirstRowsOfASpoiltPageWhereNothingElseIsGiven) {
  FakeList list = make_list(60, days(20), 10);
  list.heeds_windows = false;
  PartitionPlan plan = list.plan(kNow);
  plan.in_windows = false;
  const Outcome got = read(plan, [&](std::string target) {
    for (std::size_t at; (at = target.find("per_page=")) != std::string::npos;) {
      target.replace(at, 9, "ignored=");
    }
    return spoiling(list)(target);
  });
  EXPECT_EQ(got.ids.size(), 18U) << got.error;
  EXPECT_THAT(got.error, HasSubstr("6 entries that are not records"));
  EXPECT_LE(got.requests, 6U * 7) << "three attempts, the pages asked for ahead, and a look";
}

TEST(FailingWindows, GoesPastARowOfGarbageByTheLinkThatCameWithIt) {
  FakeList list = make_list(60, days(20), 10);
  PartitionPlan plan = list.plan(kNow);
  plan.in_windows = false;
  list({});  // sorts
  const auto opaque = opaque_cursors(list);
  for (const std::size_t at : {std::size_t{25}, std::size_t{29}}) {
    const Outcome got = read(plan, [&](const std::string& target) {
      Response page = opaque(target);
      const std::size_t row = page.body.find(R"({"id":")" + list.rows[at].id + '"');
      if (row != std::string::npos) page.body.replace(row, std::string::npos, "oops]");
      return page;
    });
    EXPECT_EQ(got.ids.size(), 59U) << at << got.error;
    EXPECT_THAT(got.error, HasSubstr("So 1 record of s could not be read")) << at;
  }
}

/// Whatever touches some seconds fails: a part of the server's storage is broken.
FakeHttp::Server broken_from(const FakeList& list, Instant from, Instant to,
                             const Response& failure) {
  return [&list, from, to, failure](const std::string& target) {
    auto wanted = FakeList::parameters(target);
    if (wanted["start"].empty()) return list(target);
    const bool touched = *parse_instant(wanted["start"])<to&& * parse_instant(wanted["end"])> from;
    return touched ? failure : list(target);
  };
}

TEST(FailingWindows, MakesOneHoleOfAStretchOfBadSeconds) {
  for (const Duration length : {Duration(1s), Duration(8s), Duration(20s), Duration(5h)}) {
    for (const Duration before_now : {Duration(days(30)), Duration(6h)}) {
      const FakeList list = make_list(1'200, days(60), 10);
      const Instant from = kNow - before_now;
      const Outcome got =
          read(list.plan(kNow), broken_from(list, from, from + length, answer(500, "")));
      for (const auto& row : list.rows) {
        const bool bad = row.when >= from && row.when < from + length;
        EXPECT_EQ(got.ids.contains(row.id), !bad) << format_instant(row.when) << got.error;
      }
      EXPECT_THAT(got.error,
                  HasSubstr("So 1 window of s could not be read: " + format_seconds(from) +
                            "Z to " + format_seconds(from + length) + "Z. Nothing else"));
      EXPECT_LT(got.requests, 700U);
    }
  }
}

TEST(FailingWindows, ReadsUpToAStretchThatIsBadToTheEnd) {
  const FakeList list = make_list(1'200, days(60), 10);
  const Instant from = kNow - days(1);
  const Outcome got = read(list.plan(kNow), broken_from(list, from, kNow + 1h, answer(500, "")));
  for (const auto& row : list.rows) {
    EXPECT_EQ(got.ids.contains(row.id), row.when < from) << format_instant(row.when);
  }
  EXPECT_THAT(got.error, HasSubstr("So 1 window of s could not be read: "));
}

TEST(FailingWindows, SeesSoonThatAServerIsSilentForGood) {
  const FakeList list = make_list(8'000, days(80), 10);
  for (const bool in_windows : {true, false}) {
    int requests = 0;
    int silences = 0;
    PartitionPlan plan = list.plan(kNow);
    plan.in_windows = in_windows;
    const Outcome got = read(plan, [&](const std::string& target) {
      if (++requests <= 300) return list(target);
      ++silences;
      return broken(TransportProblem::kTimeout);
    });
    EXPECT_FALSE(got.finished);
    EXPECT_LE(silences, 3) << "of two minutes each";
    const Outcome rest = read(plan, list, {.state = got.last_state});
    std::map<std::string, int> both = got.ids;
    both.insert(rest.ids.begin(), rest.ids.end());
    EXPECT_EQ(both.size(), 8'000U) << "its state was safe";
  }
}

TEST(FailingWindows, FindsARowThatTheServerIsSilentOver) {
  const FakeList list = make_list(1'200, days(60), 10);
  list({});  // sorts
  const std::string bad = list.rows[600].id;
  int silences = 0;
  const Outcome got = read(list.plan(kNow), [&](const std::string& target) {
    Response page = list(target);
    if (page.body.find('"' + bad + '"') == std::string::npos) return page;
    ++silences;
    return broken(TransportProblem::kTimeout);
  });
  EXPECT_EQ(got.ids.size(), 1'199U) << got.error;
  EXPECT_LE(silences, 16);
}

TEST(FailingWindows, GoesAroundACursorThatTheServerRefusesFromARowOn) {
  const FakeList list = make_list(1'200, days(60), 10);
  for (const int status : {400, 422}) {
    const Outcome got = read(list.plan(kNow), [&](const std::string& target) {
      const std::string cursor = FakeList::parameters(target)["cursor"];
      const bool deep = !cursor.empty() && std::stoul(cursor.substr(2)) >= 200;
      return deep ? answer(status, "") : list(target);
    });
    expect_every_row_once(got, list);
    EXPECT_LT(got.requests, 400U);
  }
}

TEST(FailingWindows, TakesAServerThatFailsEightTimesInARowForDown) {
  const FakeList list = make_list(8'000, days(80), 10);
  int requests = 0;
  const Outcome got = read(list.plan(kNow), [&](const std::string& target) {
    return ++requests > 300 ? answer(502, "") : list(target);
  });
  EXPECT_THAT(got.error, HasSubstr("After that nothing more was tried."));
  EXPECT_LE(got.requests, 300U + 8 * 4);
  const Outcome rest = read(list, {.state = got.last_state});
  std::map<std::string, int> both = got.ids;
  both.insert(rest.ids.begin(), rest.ids.end());
  EXPECT_EQ(both.size(), 8'000U) << "its state was safe";
}

}  // namespace
}  // namespace source_sentry
