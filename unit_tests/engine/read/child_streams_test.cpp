#include <gmock/gmock.h>
#include <malloc.h>

#include <algorithm>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "fakes/family.h"
#include "fakes/partition_reading.h"
#include "http/base_url.h"
#include "sentry/answers/answers.h"

namespace source_sentry {
namespace {

using std::chrono::days;
using std::chrono::hours;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

/// With clients to ask side by side, and with the list's own alone.
class ChildStreams : public testing::TestWithParam<std::size_t> {
 protected:
  Outcome run(const PartitionPlan& plan, const Family& family, Case options = {}) const {
    options.clients = GetParam();
    return read(plan, family, options);
  }
};
INSTANTIATE_TEST_SUITE_P(Clients, ChildStreams, testing::Values(0U, 3U, 8U));

TEST_P(ChildStreams, ChildrenComeInTheOrderOfTheirParentsAndNameThem) {
  const Family family(23);
  PartitionPlan plan = family.plan();
  plan.in_windows = false;
  const Outcome got = run(plan, family);
  EXPECT_TRUE(got.finished) << got.error;
  std::vector<std::string> wanted;
  for (const auto& parent : family.parents.rows) {
    for (std::size_t i = 0; i < family.children.at(parent.id); ++i) {
      wanted.push_back(parent.id + "." + std::to_string(i));
    }
  }
  std::vector<std::string> ids;
  for (const auto& record : got.records) {
    ids.push_back(record["id"]);
    EXPECT_EQ(record["id"].get<std::string>().find(record["parent"].get<std::string>() + "."), 0U);
  }
  EXPECT_EQ(ids, wanted);
  EXPECT_EQ(got.last_state["dateCreated"], format_instant(newest(family.parents)));
}

/// Whatever request it stops at; what is read again is the page of parents that was under way.
TEST_P(ChildStreams, AStoppedRunResumesAtItsPageOfParents) {
  const Family family(40);
  const Outcome whole = run(family.plan(), family);
  EXPECT_EQ(ids_of(whole), family.all());
  for (int at = 1; at < static_cast<int>(whole.requests); at += 3) {
    std::stop_source stop;
    int left = at;
    Case stopped{.stop = stop.get_token(), .clients = GetParam()};
    const Outcome cut = read(
        family.plan(),
        [&](const std::string& target) {
          if (--left == 0) stop.request_stop();
          return family(target);
        },
        stopped);
    EXPECT_FALSE(cut.finished);
    const Outcome rest = run(family.plan(), family, {.state = cut.last_state});
    EXPECT_TRUE(rest.finished) << rest.error;
    std::set<std::string> both = ids_of(cut);
    std::size_t again = 0;
    for (const std::string& id : ids_of(rest)) again += both.insert(id).second ? 0 : 1;
    EXPECT_EQ(both, family.all()) << "stopped at request " << at;
    EXPECT_LE(again, 2 * family.parents.page_size * 5) << "stopped at request " << at;
    EXPECT_EQ(rest.last_state, whole.last_state);
  }
}

TEST_P(ChildStreams, ParentsWithoutNewsAreNotVisitedAgain) {
  Family family(30);
  const Outcome first = run(family.plan(), family);
  const Outcome idle = run(family.plan(), family, {.state = first.last_state});
  EXPECT_THAT(visited(idle), SizeIs(testing::Le(1U))) << "the newest one's second comes again";
}

/// What cannot be read of one parent's children is a hole, and all others' are read.
TEST_P(ChildStreams, AListThatFailsIsOneHole) {
  for (const bool by_count : {false, true}) {
    Family family(30);
    const std::string bad = family.parents.rows[14].id;
    family.children[bad] = 3;
    family.answers[bad] = answer(500, "");
    const Outcome got = run(family.plan(by_count), family);
    std::set<std::string> wanted = family.all();
    for (const char* child : {".0", ".1", ".2"}) wanted.erase(bad + child);
    EXPECT_EQ(ids_of(got), wanted);
    EXPECT_THAT(got.error, HasSubstr("So 1 list of s could not be read: the children of " + bad));
    family.answers.clear();
    const Outcome next = run(family.plan(by_count), family, {.state = got.last_state});
    EXPECT_TRUE(next.finished) << next.error;
    EXPECT_EQ(next.ids.count(bad + ".0"), 1U);
    // Where each parent is remembered, it is the only one that is left.
    if (by_count) {
      EXPECT_THAT(visited(next), ElementsAre(bad));
    }
  }
}

TEST_P(ChildStreams, AListThatFailsInItsMiddleIsReadAgain) {
  Family family(12);
  const std::string bad = family.parents.rows[5].id;
  family.children[bad] = 5;
  PartitionPlan plan = family.plan(true);
  Case options{.clients = GetParam()};
  const Outcome got = read(
      plan,
      [&](const std::string& target) {
        const bool second =
            Family::parent_of(target) == bad && target.find("cursor") != std::string::npos;
        return second ? answer(401, "") : family(target);
      },
      options);
  EXPECT_FALSE(got.finished);
  EXPECT_EQ(got.ids.count(bad + ".1"), 1U) << "what was given is written";
  const Outcome next = run(plan, family, {.state = got.last_state});
  EXPECT_TRUE(next.finished) << next.error;
  EXPECT_EQ(next.ids.count(bad + ".4"), 1U);
}

TEST_P(ChildStreams, ARefusedListIsAHoleOnceAnotherIsGivenAndAllAreTheStreamsError) {
  Family family(20);
  const std::string bad = family.parents.rows[3].id;
  family.children[bad] = 2;
  family.answers[bad] = answer(403, "");
  const Outcome one = run(family.plan(true), family);
  EXPECT_THAT(one.error, HasSubstr("1 list of s could not be read: the children of " + bad));
  for (auto& [id, count] : family.children) {
    count = 1;
    family.answers[id] = answer(403, "");
  }
  const Outcome all = run(family.plan(true), family);
  EXPECT_THAT(all.records, IsEmpty());
  EXPECT_THAT(all.error, HasSubstr("403"));
  EXPECT_LE(visited(all).size(), 2 * 8U) << "none but those side by side are asked for";
}

/// An incremental run has only the refused one to ask for: it looks at others before it blames the
/// token.
TEST(ChildStreamsRefused, AListThatIsAloneIsAHoleIfAnotherWouldBeGiven) {
  const auto run = [](const PartitionPlan& plan, const Family& family, Case options = {}) {
    options.clients = 3;
    return read(plan, family, options);
  };
  for (const bool by_count : {false, true}) {
    Family family(20);
    const Outcome first = run(family.plan(by_count), family);
    auto& rows = family.parents.rows;
    const std::string bad = "r900";
    rows.insert(rows.begin(), {bad, kNow - std::chrono::milliseconds(500)});
    family.children[bad] = 2;
    family.answers[bad] = answer(403, "");
    const Outcome alone = run(family.plan(by_count), family, {.state = first.last_state});
    EXPECT_THAT(alone.error, HasSubstr("1 list of s could not be read: the children of " + bad));
    EXPECT_THAT(visited(alone), SizeIs(testing::Le(5U)));
    for (const auto& row : rows) family.answers[row.id] = answer(403, "");
    const Outcome all = run(family.plan(by_count), family, {.state = first.last_state});
    EXPECT_THAT(all.error, HasSubstr("403"));
    EXPECT_EQ(all.error.find("could not be read"), std::string::npos) << all.error;
  }
}

/// Deleted after it was listed, or merged into another one, with whose children it answers.
TEST_P(ChildStreams, AParentThatIsGoneHasNoChildren) {
  Family family(12);
  const std::string gone = family.parents.rows[2].id;
  const std::string merged = family.parents.rows[4].id;
  family.children[gone] = family.children[merged] = 2;
  family.answers[gone] = answer(404, R"({"detail":"The requested resource does not exist"})");
  family.answers[merged] = answer(200, R"([{"id":"another's"}])");
  PartitionPlan plan = family.plan();
  plan.expansion.route = [of = plan.expansion.route](std::string_view row) {
    auto route = of(row);
    if (route) {
      route->is_meant = [id = route->path.substr(9, route->path.size() - 10)](auto child) {
        return child.find("\"" + id + ".") != std::string_view::npos;
      };
    }
    return route;
  };
  const Outcome got = run(plan, family);
  EXPECT_TRUE(got.finished) << got.error;
  std::set<std::string> wanted = family.all();
  for (const std::string& id : {gone, merged}) {
    for (const char* child : {".0", ".1"}) wanted.erase(id + child);
  }
  EXPECT_EQ(ids_of(got), wanted);
}

/// The signal is no time, so that the cursor says nothing of it.
TEST_P(ChildStreams, ASignalThatIsNotTheCursorIsRememberedForEachParent) {
  Family family(200, days(300));
  const Outcome first = run(family.plan(true), family);
  EXPECT_EQ(ids_of(first), family.all());
  EXPECT_LT(first.last_state.dump().size(), 200 * 14U) << "about ten bytes a parent, in Base64";
  const std::string old = family.parents.rows.back().id;
  const std::string deleted = family.parents.rows[50].id;
  ++family.children[old];
  family.parents.rows.erase(family.parents.rows.begin() + 50);
  family.parents.rows.push_back({"r900", kNow - days(200)});
  family.children["r900"] = 1;
  const Outcome second = run(family.plan(true), family, {.state = first.last_state});
  EXPECT_TRUE(second.finished) << second.error;
  EXPECT_EQ(visited(second), (std::set<std::string>{old, "r900"}));
  const auto rows = KnownRows::parse(second.last_state["refresh"]["rows"].get<std::string>());
  EXPECT_EQ(rows->size(), 200U) << "without the deleted " << deleted;
}

/// Parents that a stopped run has visited are passed over by the next one.
TEST_P(ChildStreams, AListThatIsReadWholeResumesByWhatItRemembers) {
  const Family family(300, days(300));
  std::stop_source stop;
  int left = 350;
  Case stopped{.stop = stop.get_token(), .clients = GetParam()};
  const Outcome cut = read(
      family.plan(true),
      [&](const std::string& target) {
        if (--left == 0) stop.request_stop();
        return family(target);
      },
      stopped);
  EXPECT_FALSE(cut.finished);
  const Outcome rest = run(family.plan(true), family, {.state = cut.last_state});
  EXPECT_TRUE(rest.finished) << rest.error;
  std::set<std::string> both = ids_of(cut);
  std::size_t again = 0;
  for (const std::string& id : ids_of(rest)) again += both.insert(id).second ? 0 : 1;
  EXPECT_EQ(both, family.all());
  EXPECT_LT(again, ids_of(cut).size() / 8);
}

/// A server that answers so many requests at a time: what was asked for side by side, or ahead,
/// must not keep the place that an earlier list's next page waits for.
TEST_P(ChildStreams, NoRequestWaitsForAPlaceThatALaterOneKeeps) {
  const Family family(30);
  for (const char* limit : {"1", "2", "3"}) {
    bool busy = false;
    const Outcome got =
        read(family.plan(true),
             [&](const std::string& target) {
               Response page = std::exchange(busy, !busy) ? answer(503, "") : family(target);
               page.headers.emplace_back("x-sentry-rate-limit-concurrentlimit", limit);
               page.headers.emplace_back("x-sentry-rate-limit-concurrentremaining", "0");
               return page;
             },
             {.clients = GetParam()});
    EXPECT_TRUE(got.finished) << got.error;
    EXPECT_EQ(ids_of(got), family.all());
  }
}

/// The times since which children were asked for; "" where all of them were.
std::set<std::string> asked_since(const Outcome& got) {
  std::set<std::string> times;
  for (const std::string& target : got.targets) {
    if (!Family::parent_of(target).empty()) times.insert(FakeList::parameters(target)["start"]);
  }
  return times;
}

/// Children that can be asked for since a time: each run comes a day after the one before, and
/// every parent has a new child by then.
class ChildrenSince : public ChildStreams {
 protected:
  Outcome next_run(bool by_count, Case options = {}) {
    now_ += days(1);
    for (auto& parent : family_.parents.rows) parent.when = now_ - hours(1);
    for (auto& [id, count] : family_.children) ++count;
    PartitionPlan plan = family_.plan(by_count);
    plan.now = plan.until = now_;
    plan.expansion.list->overlap = hours(1);
    plan.expansion.list->window_query = [](const Window& window) {
      return "start=" + format_seconds(window.from) + "&end=" + format_seconds(window.to);
    };
    return run(plan, family_, options);
  }

  /// For a run that began so many days before the present one.
  std::string since(int before) const { return format_seconds(now_ - before * days(1) - hours(1)); }

  Family family_{12};
  Instant now_ = kNow;
};
INSTANTIATE_TEST_SUITE_P(Clients, ChildrenSince, testing::Values(0U, 3U));

TEST_P(ChildrenSince, AreThoseSinceTheBeginningOfTheLastWholeRunLessTheOverlap) {
  for (const bool by_count : {false, true}) {
    const Outcome first = next_run(by_count);
    EXPECT_TRUE(first.finished) << first.error;
    EXPECT_THAT(asked_since(first), ElementsAre(""));
    const Outcome second = next_run(by_count, {.state = first.last_state});
    EXPECT_THAT(visited(second), SizeIs(12));
    EXPECT_THAT(asked_since(second), ElementsAre(since(1)));
    const Outcome third = next_run(by_count, {.state = second.last_state});
    EXPECT_THAT(asked_since(third), ElementsAre(since(1)));
    for (const std::string& target : third.targets) {
      if (Family::parent_of(target).empty()) continue;
      EXPECT_GE(*parse_instant(FakeList::parameters(target)["end"]), now_) << "nothing is cut off";
    }
    const Outcome full = next_run(by_count, {.state = third.last_state, .full_refresh = true});
    EXPECT_THAT(asked_since(full), ElementsAre("")) << "all of them";
  }
}

TEST_P(ChildrenSince, AreNotThoseSinceARunThatWasInterruptedOrLeftAHole) {
  for (const bool by_count : {false, true}) {
    const Outcome whole = next_run(by_count);
    const Outcome cut = next_run(by_count, {.state = whole.last_state, .die_after_requests = 7});
    EXPECT_FALSE(cut.finished);
    EXPECT_THAT(visited(cut), testing::Not(IsEmpty()));
    const std::string bad = family_.parents.rows[5].id;
    family_.answers[bad] = answer(500, "");
    const Outcome holed = next_run(by_count, {.state = cut.last_state});
    EXPECT_THAT(holed.error, HasSubstr("the children of " + bad));
    EXPECT_THAT(asked_since(holed), ElementsAre(since(2)));
    family_.answers.clear();
    const Outcome last = next_run(by_count, {.state = holed.last_state});
    EXPECT_TRUE(last.finished) << last.error;
    EXPECT_THAT(asked_since(last), ElementsAre(since(3)));
  }
}

TEST_P(ChildrenSince, AreAllOfThemUntilARunHasBeenWhole) {
  for (const bool by_count : {false, true}) {
    const Outcome cut = next_run(by_count, {.die_after_requests = 7});
    EXPECT_FALSE(cut.finished);
    EXPECT_THAT(asked_since(next_run(by_count, {.state = cut.last_state})), ElementsAre(""));
  }
}

/// Sentry's own words for a route that the server does not have.
const Judge kSentrysJudge = make_judge(*parse_base_url("sentry.example.com"));

/// A further way to each list of children, `old/r1/` in place of `children/r1/`.
PartitionPlan with_another_way(PartitionPlan plan) {
  plan.expansion.other_routes.emplace_back([first = plan.expansion.route](std::string_view row) {
    auto route = first(row);
    if (route) route->path.replace(0, std::string_view("children").size(), "old");
    return route;
  });
  return plan;
}

std::size_t asked_for(const Outcome& got, const std::string& path) {
  return static_cast<std::size_t>(
      std::count_if(got.targets.begin(), got.targets.end(),
                    [&](const std::string& target) { return target.starts_with(path); }));
}

TEST_P(ChildStreams, WhereTheFirstWayIsNotOfferedTheNextIsTakenForThisAndAllLaterLists) {
  for (const bool by_count : {false, true}) {
    const Family family(30);
    const auto old_server = [&](const std::string& target) {
      if (target.starts_with("children/")) return answer(404, "");
      return family(target.starts_with("old/") ? "children" + target.substr(3) : target);
    };
    const Outcome got = read(with_another_way(family.plan(by_count)), old_server,
                             {.clients = GetParam()}, kSentrysJudge);
    EXPECT_TRUE(got.finished) << got.error;
    EXPECT_EQ(ids_of(got), family.all());
    EXPECT_GE(visited(got).size(), 1U);
    EXPECT_LE(visited(got).size(), std::max<std::size_t>(GetParam(), 1))
        << "those that were asked for side by side";
  }
}

TEST_P(ChildStreams, WhereNoWayIsOfferedTheErrorOfTheStreamSaysSo) {
  const Family family(30);
  const auto server = [&](const std::string& target) {
    return target.starts_with("list/") ? family(target) : answer(404, "");
  };
  for (const bool has_another : {false, true}) {
    const PartitionPlan plan = family.plan();
    const Outcome got = read(has_another ? with_another_way(plan) : plan, server,
                             {.clients = GetParam()}, kSentrysJudge);
    EXPECT_FALSE(got.finished);
    EXPECT_THAT(got.error, HasSubstr("does not offer the children of "));
    EXPECT_THAT(got.records, IsEmpty());
    EXPECT_EQ(asked_for(got, "old/") > 0, has_another);
  }
}

TEST_P(ChildStreams, AParentThatIsGoneLeadsToNoOtherWay) {
  Family family(12);
  const std::string gone = family.parents.rows.front().id;
  family.children[gone] = 2;
  family.answers[gone] = answer(404, R"({"detail":"The requested resource does not exist"})");
  const Outcome got =
      read(with_another_way(family.plan()), family, {.clients = GetParam()}, kSentrysJudge);
  EXPECT_TRUE(got.finished) << got.error;
  EXPECT_EQ(asked_for(got, "old/"), 0U);
}

/// The first of each parent's children has a list of its own, in place of what it shows: `more/`.
PartitionPlan with_deeper_lists(PartitionPlan plan) {
  Expansion deeper;
  deeper.list.emplace();
  deeper.list->shape = plan.expansion.list->shape;
  deeper.list->record = [](std::string_view child, std::string_view grandchild) {
    auto record = nlohmann::json::parse(grandchild);
    record["parent"] = nlohmann::json::parse(child)["parent"];
    return record.dump();
  };
  deeper.route = [](std::string_view child) -> std::optional<Route> {
    const std::string id = nlohmann::json::parse(child)["id"];
    if (!id.ends_with(".0")) return std::nullopt;
    return Route{.path = "more/" + id + "/", .rate_group = "default", .what = "more of " + id};
  };
  plan.expansion.split = [](std::string_view child) {
    return std::vector<std::string>{std::string(child)};
  };
  plan.expansion.deeper = std::make_shared<const Expansion>(std::move(deeper));
  return plan;
}

/// What `more/r1.0/` leads to.
Response grandchildren(const std::string& target) {
  const std::string child = target.substr(5, target.find('/', 5) - 5);
  return answer(200, R"([{"id":")" + child + R"(a"},{"id":")" + child + R"(b"}])",
                {{"link", "<u>; rel=\"next\"; results=\"false\"; cursor=\"0:2:0\""}});
}

std::set<std::string> with_grandchildren(const std::set<std::string>& children) {
  std::set<std::string> ids;
  for (const std::string& id : children) {
    if (!id.ends_with(".0")) {
      ids.insert(id);
    } else {
      ids.insert({id + "a", id + "b"});
    }
  }
  return ids;
}

TEST_P(ChildStreams, WhereAChildLeadsToAListTheRowsOfThatComeInItsPlace) {
  for (const bool by_count : {false, true}) {
    const Family family(30);
    const auto server = [&](const std::string& target) {
      return target.starts_with("more/") ? grandchildren(target) : family(target);
    };
    const PartitionPlan plan = with_deeper_lists(family.plan(by_count));
    const Outcome got = read(plan, server, {.clients = GetParam()});
    EXPECT_TRUE(got.finished) << got.error;
    EXPECT_EQ(ids_of(got), with_grandchildren(family.all()));
  }
}

TEST_P(ChildStreams, AParentIsVisitedAgainWhereAListOfItsChildWasNotRead) {
  Family family(12);
  const std::string bad = family.parents.rows.front().id;
  for (auto& [id, count] : family.children) count = 1;
  bool refuses = true;
  const auto server = [&](const std::string& target) {
    if (!target.starts_with("more/")) return family(target);
    return refuses && target.starts_with("more/" + bad + ".") ? answer(500, "")
                                                              : grandchildren(target);
  };
  const PartitionPlan plan = with_deeper_lists(family.plan(true));
  const Outcome first = read(plan, server, {.clients = GetParam()});
  EXPECT_FALSE(first.finished);
  refuses = false;
  const Outcome second = read(plan, server, {.state = first.last_state, .clients = GetParam()});
  EXPECT_TRUE(second.finished) << second.error;
  EXPECT_THAT(visited(second), ElementsAre(bad));
  std::set<std::string> both = ids_of(first);
  both.merge(ids_of(second));
  EXPECT_EQ(both, with_grandchildren(family.all()));
}

/// To look at others it asks in the way that the server has.
TEST(ChildStreamsRefused, AListThatIsAloneIsAHoleAlsoWhereOnlyAnotherWayIsOffered) {
  Family family(20);
  const auto run = [&](const Case& options) {
    const auto old_server = [&](const std::string& target) {
      if (target.starts_with("children/")) return answer(404, "");
      return family(target.starts_with("old/") ? "children" + target.substr(3) : target);
    };
    return read(with_another_way(family.plan(true)), old_server, options, kSentrysJudge);
  };
  const Outcome first = run({.clients = 3});
  EXPECT_TRUE(first.finished) << first.error;
  const std::string bad = family.parents.rows[7].id;
  family.children[bad] = 9;
  family.answers[bad] = answer(403, R"({"detail":"no"})");
  const Outcome alone = run({.state = first.last_state, .clients = 3});
  EXPECT_THAT(alone.error, HasSubstr("1 list of s could not be read: the children of " + bad));
  for (const auto& row : family.parents.rows) family.answers[row.id] = family.answers[bad];
  const Outcome all = run({.state = first.last_state, .clients = 3});
  EXPECT_THAT(all.error, HasSubstr("may not read the children of " + bad)) << "it is the token";
}

/// None for "...0", two for each other.
std::vector<std::string> parts_of(std::string_view record) {
  const auto whole = nlohmann::json::parse(record);
  const std::string id = whole["id"];
  if (id.ends_with('0')) return {};
  std::vector<std::string> parts;
  for (const char* part : {"/a", "/b"}) {
    parts.push_back(nlohmann::json({{"id", id + part}, {"of", whole}}).dump());
  }
  return parts;
}

TEST_P(ChildStreams, AChildMayHoldSeveralRecordsOrNone) {
  const Family family(12);
  PartitionPlan plan = family.plan();
  plan.expansion.split = parts_of;
  const Outcome got = run(plan, family);
  EXPECT_TRUE(got.finished) << got.error;
  std::set<std::string> wanted;
  for (const std::string& id : family.all()) {
    if (!id.ends_with('0')) wanted.insert({id + "/a", id + "/b"});
  }
  EXPECT_EQ(ids_of(got), wanted);
  for (const auto& record : got.records) {
    EXPECT_TRUE(record["of"].contains("parent")) << "what a child takes from its row comes first";
  }
}

TEST(SplitRows, OfAListWithoutChildrenAreWrittenInPlaceOfTheRow) {
  const FakeList list = list_of(25, 10);
  PartitionPlan plan = list.plan(kNow);
  plan.expansion.split = parts_of;
  const Outcome first = read(plan, list);
  EXPECT_TRUE(first.finished) << first.error;
  std::set<std::string> wanted;
  for (const auto& row : list.rows) {
    if (!row.id.ends_with('0')) wanted.insert({row.id + "/a", row.id + "/b"});
  }
  EXPECT_EQ(ids_of(first), wanted);
  EXPECT_EQ(first.last_state["dateCreated"], format_instant(newest(list)))
      << "though that row held none";
  EXPECT_EQ(first.requests, read(list).requests) << "nothing more is asked for";
}

/// Counts the records, and keeps nothing.
class Counter final : public StreamSink {
 public:
  const std::string& stream() const override { return name_; }
  Clock& clock() const override { return clock_; }
  std::string head() const override { return {}; }
  std::string tail() const override { return {}; }
  void started() override {}
  void records(std::span<const std::string_view>, std::uint64_t count) override { count_ += count; }
  void state(nlohmann::ordered_json) override {}
  void rate_limited(Instant) override {}
  void running_again() override {}
  void beat_if_silent(Duration) override {}
  void error(const ConnectorError&) override {}
  void complete(nlohmann::ordered_json) override {}
  void incomplete(nlohmann::ordered_json) override {}
  Written written() const override { return {}; }

  std::uint64_t count() const { return count_; }

 private:
  std::string name_ = "s";
  mutable FakeClock clock_;
  std::uint64_t count_ = 0;
};

std::uint64_t count_records(const PartitionPlan& plan, const FakeHttp::Server& server) {
  constexpr std::size_t kClients = 8;
  Counter output;
  FakeHttp http(server);
  Pacer pacer;
  const Judge judge = plain_judge;
  Fetcher fetcher(http, judge, pacer, output.clock(), {});
  lend(fetcher, kClients, server);
  PartitionReader reader(plan, output, {}, false, [](const Checkpoint&) {});
  while (reader.step(fetcher) == PartitionReader::Progress::kMore) continue;
  return output.count();
}

/// Its memory does not grow with the number of parents.
TEST(ChildStreamsMemory, AHundredThousandParentsTakeNoMoreThanTenThousand) {
  constexpr std::size_t kParents = 100'000;
  constexpr std::size_t kPage = 100;
  std::size_t early = 0, late = 0, asked = 0;
  const auto server = [&](const std::string& target) {
    if (!target.starts_with("list/")) return answer(200, R"([{"id":"c"}])");
    const std::string cursor = FakeList::parameters(target)["cursor"];
    const std::size_t first = cursor.empty() ? 0 : std::stoul(cursor.substr(2));
    std::string body;
    for (std::size_t i = first; i < first + kPage; ++i) {
      body += (i > first ? "," : "") + std::string(R"({"id":")") + std::to_string(i) +
              R"(","dateCreated":")" + format_instant(kNow - std::chrono::seconds(i + 1)) + "\"}";
    }
    asked = first;
    const bool more = first + kPage < kParents;
    const auto in_use = ::mallinfo2();
    std::size_t& most = first < kParents / 10 ? early : late;
    most = std::max(most, in_use.uordblks + in_use.hblkhd);
    return answer(200, "[" + body + "]",
                  {{"link", "<u>; rel=\"next\"; results=\"" + std::string(more ? "true" : "false") +
                                "\"; cursor=\"0:" + std::to_string(first + kPage) + ":0\""}});
  };
  FakeList list;
  list.page_size = kPage;
  PartitionPlan plan = list.plan(kNow);
  plan.in_windows = false;
  plan.expansion.list.emplace();
  plan.expansion.list->shape = {.id_key = "id", .page_rows = kPage};
  plan.expansion.route = [](std::string_view row) {
    return std::optional(Route{.path = "children/" + std::string(row.substr(7, 6)) + "/",
                               .rate_group = "default",
                               .what = "children"});
  };
  const std::size_t written = count_records(plan, server);
  EXPECT_EQ(written, kParents);
  EXPECT_EQ(asked, kParents - kPage);
  EXPECT_LT(late, early + (std::size_t{4} << 20U)) << "bytes in use";
}

}  // namespace
}  // namespace source_sentry
