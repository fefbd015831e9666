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

#include "fakes/partition_reading.h"

namespace source_sentry {
namespace {

using std::chrono::days;
using std::chrono::hours;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

/// A list of parents, each with a list of children in pages of two.
struct Family {
  static constexpr std::size_t kPage = 2;

  explicit Family(std::size_t count, Duration over = hours(6))
      : parents(make_list(count, over, 5)) {
    std::stable_sort(parents.rows.begin(), parents.rows.end(), FakeList::newer);
    for (const auto& parent : parents.rows) children[parent.id] = 0;
    std::size_t size = 0;
    for (auto& [id, number] : children) number = size++ % 6;  // none to five
  }

  /// The parent that an address asks the children of; empty: the list of parents.
  static std::string parent_of(const std::string& target) {
    if (!target.starts_with("children/")) return {};
    const std::string rest = target.substr(9);
    return rest.substr(0, rest.find('/'));
  }

  Response operator()(const std::string& target) const {
    const std::string parent = parent_of(target);
    if (parent.empty()) return list(target);
    if (const auto bad = answers.find(parent); bad != answers.end()) return bad->second;
    const std::size_t count = children.at(parent);
    const std::string cursor = FakeList::parameters(target)["cursor"];
    const std::size_t first = cursor.empty() ? 0 : std::stoul(cursor.substr(2));
    std::string body;
    for (std::size_t i = first; i < std::min(first + kPage, count); ++i) {
      body += (body.empty() ? "" : ",") + std::string(R"({"id":")") + parent + "." +
              std::to_string(i) + "\"}";
    }
    const bool more = first + kPage < count;
    return answer(200, "[" + body + "]",
                  {{"link", "<u>; rel=\"next\"; results=\"" + std::string(more ? "true" : "false") +
                                "\"; cursor=\"0:" + std::to_string(first + kPage) + ":0\""}});
  }

  /// The list of parents, each with the number of its children.
  Response list(const std::string& target) const {
    Response page = parents(target);
    auto rows = nlohmann::json::parse(page.body);
    for (auto& row : rows) row["count"] = children.at(row["id"]);
    page.body = rows.dump();
    return page;
  }

  /// `by_count`: what says that a parent has news is the number of its children, and its cursor
  /// stays as it is.
  PartitionPlan plan(bool by_count = false) const {
    PartitionPlan plan = parents.plan(kNow);
    plan.routes.front().what = "the parents";
    plan.expansion.list.emplace();
    plan.expansion.list->shape = {.id_key = "id", .page_rows = kPage};
    plan.expansion.list->record = [](std::string_view row, std::string_view child) {
      auto record = nlohmann::json::parse(child);
      record["parent"] = nlohmann::json::parse(row)["id"];
      return record.dump();
    };
    plan.expansion.route = [](std::string_view row) -> std::optional<Route> {
      const auto parent = nlohmann::json::parse(row);
      if (parent["count"] == 0) return std::nullopt;
      const std::string id = parent["id"];
      return Route{
          .path = "children/" + id + "/", .rate_group = "default", .what = "the children of " + id};
    };
    if (!by_count) return plan;
    plan.in_windows = false;
    plan.fingerprint = [](std::string_view row) {
      return static_cast<std::uint32_t>(nlohmann::json::parse(row)["count"].get<unsigned>()) << 1U;
    };
    return plan;
  }

  std::set<std::string> all() const {
    std::set<std::string> ids;
    for (const auto& [parent, count] : children) {
      for (std::size_t i = 0; i < count; ++i) ids.insert(parent + "." + std::to_string(i));
    }
    return ids;
  }

  FakeList parents;
  std::map<std::string, std::size_t> children;
  std::map<std::string, Response> answers;  // to requests for their children
};

std::set<std::string> ids_of(const Outcome& got) {
  std::set<std::string> ids;
  for (const auto& [id, count] : got.ids) ids.insert(id);
  return ids;
}

std::set<std::string> visited(const Outcome& got) {
  std::set<std::string> parents;
  for (const std::string& target : got.targets) parents.insert(Family::parent_of(target));
  parents.erase("");
  return parents;
}

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
