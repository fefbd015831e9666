#include "engine/read/window_reader.h"

#include <gmock/gmock.h>

#include <map>
#include <random>

#include "engine/state/stream_state.h"
#include "fakes/captured_output.h"
#include "fakes/fake_clock.h"
#include "fakes/fake_list.h"

namespace source_sentry {
namespace {

using namespace std::chrono_literals;
using std::chrono::days;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

const Window kWindow{kNow - days(3), kNow - days(1)};

/// A list of events in whole seconds, every third of one issue: in some seconds a single one, and
/// in some as many as `most`.
FakeList make_list(std::size_t rows, std::size_t page_size, std::size_t most = 1) {
  FakeList list;
  list.page_size = page_size;
  std::mt19937_64 random(rows);  // NOLINT(*-msc51-cpp,*-msc32-c): the same rows in every run
  for (Instant when = kWindow.to - 1s; list.rows.size() < rows; when -= 7s) {
    for (std::size_t i = random() % most + 1; i > 0 && list.rows.size() < rows; --i) {
      const std::size_t n = list.rows.size();
      list.rows.push_back({(n % 3 == 0 ? "gone" : "kept") + std::to_string(n), when});
    }
  }
  return list;
}

/// The issue is deleted, with all its events.
void remove_issue(FakeList& list) {
  std::erase_if(list.rows, [](const FakeList::Row& row) { return row.id.starts_with("gone"); });
}

/// A reader of windows, and all that it works with.
struct Reading {
  Reading(PartitionPlan plan_of, FakeHttp::Server server)
      : plan(std::move(plan_of)), http(std::move(server)) {}

  WindowReader::End read(const Window& window, const WindowReader::Save& save) {
    const Route& route = plan.routes.front();
    PageWalk walk(fetcher, plan.listing(route), route.query, &window, "");
    RecordWriter::Tally total;
    return reader.read({.route = route, .window = window, .wanted = kWindow}, walk, total, fetcher,
                       save);
  }

  std::map<std::string, int> ids() {  // how often each record was written
    std::map<std::string, int> found;
    output.incomplete(nlohmann::json::object());
    for (const auto& line : captured.lines()) {
      if (line["type"] == "RECORD") ++found[line["record"]["data"].value("id", "")];
    }
    return found;
  }

  const PartitionPlan plan;
  FakeHttp http;
  const Judge judge = plain_judge;
  CapturedOutput captured;
  Pacer pacer;
  Fetcher fetcher{http, judge, pacer, captured.clock(), {}};
  StreamOutput output{captured.emitter(), "s", state_before_reading({}, "dateCreated")};
  PartitionState state{plan, "s", {}, false, [](const Checkpoint&) {}};
  RecordWriter writer{plan, state, output, nullptr};
  WindowReader reader{plan, state, writer};
};

struct Outcome {
  bool finished = false;
  std::map<std::string, int> ids;
  std::optional<PagePosition> saved;
  std::vector<std::string> targets;
  std::size_t counts = 0;
  std::string summary;
};

struct Case {
  std::optional<PagePosition> from{};
  bool counts = false;
  int remove_at = -1;  // the issue is deleted when so many requests, counts included, were answered
  int die_at = -1;     // everything is refused from then on
};

Outcome read(FakeList& list, const Case& options = {}) {
  Outcome result;
  int requests = 0;
  const auto moves = [&] {
    if (requests++ == options.remove_at) remove_issue(list);
  };
  PartitionPlan plan = list.plan(kNow);
  if (options.counts) {
    plan.count = [&](const Window& window, Fetcher&) {
      moves();
      ++result.counts;
      return std::optional(list.count(window));
    };
  }
  Reading reading(std::move(plan), [&](const std::string& target) {
    if (requests == options.die_at) return answer(403, "");
    moves();
    return list(target);
  });
  const Window window =
      options.from ? reading.reader.left_of(kWindow.from, *options.from, reading.fetcher) : kWindow;
  try {
    const auto end = reading.read(window, [&](PagePosition page) {
      page.window_end = kWindow.to;
      result.saved = page;
    });
    result.finished = end == WindowReader::End::kDone;
  } catch (const ConnectorError&) {
    EXPECT_EQ(requests, options.die_at);
  }
  result.ids = reading.ids();
  result.targets = reading.http.targets();
  result.summary = reading.writer.summary(1);
  return result;
}

void expect_all(const std::map<std::string, int>& ids, const FakeList& list, int at) {
  for (const FakeList::Row& row : list.rows) {
    EXPECT_EQ(ids.count(row.id), 1U) << row.id << ", rows moved at request " << at;
  }
}

struct Kind {
  const char* name;
  std::size_t page_size;
  bool page_numbers;
  bool counts;
  std::size_t most;  // rows of one second
};

class MovingList : public testing::TestWithParam<Kind> {
 protected:
  FakeList list() const {
    FakeList list = make_list(GetParam().page_size * 25 + 3, GetParam().page_size, GetParam().most);
    list.page_numbers = GetParam().page_numbers;
    return list;
  }
  static int step() { return GetParam().page_size > 10 ? 7 : 3; }
};

TEST_P(MovingList, HidesNothingWhereverRowsVanish) {
  FakeList still = list();
  const Outcome whole = read(still, {.counts = GetParam().counts});
  ASSERT_TRUE(whole.finished);
  EXPECT_EQ(whole.ids.size(), still.rows.size());
  const auto requests = static_cast<int>(whole.targets.size() + whole.counts);
  for (int at = 1; at < requests; at += step() - 2) {
    FakeList moving = list();
    const Outcome got = read(moving, {.counts = GetParam().counts, .remove_at = at});
    ASSERT_TRUE(got.finished);
    expect_all(got.ids, moving, at);
    for (const auto& [id, count] : got.ids) ASSERT_EQ(count, 1) << id;
    EXPECT_LE(got.targets.size(), whole.targets.size() * 2 + 4) << at;
  }
}

TEST_P(MovingList, HidesNothingWhereRowsVanishBeforeOrAfterAKill) {
  FakeList still = list();
  const auto requests = static_cast<int>(read(still, {.counts = GetParam().counts}).targets.size());
  for (int die_at = 12; die_at < requests; die_at += step()) {
    for (const int remove_at : {die_at - 11, die_at - 5, die_at - 1, -1}) {
      FakeList moving = list();
      const Outcome first =
          read(moving, {.counts = GetParam().counts, .remove_at = remove_at, .die_at = die_at});
      ASSERT_TRUE(first.saved) << die_at;
      if (remove_at < 0) remove_issue(moving);
      const Outcome second = read(moving, {.from = first.saved, .counts = GetParam().counts});
      ASSERT_TRUE(second.finished);
      std::map<std::string, int> both = first.ids;
      both.insert(second.ids.begin(), second.ids.end());
      expect_all(both, moving, remove_at);
    }
  }
}

TEST_P(MovingList, RepeatsLittleAfterAKillWhereNothingMoved) {
  FakeList still = list();
  const auto requests = static_cast<int>(read(still, {.counts = GetParam().counts}).targets.size());
  for (int die_at = 12; die_at < requests; die_at += step()) {
    const Outcome first = read(still, {.counts = GetParam().counts, .die_at = die_at});
    const Outcome second = read(still, {.from = first.saved, .counts = GetParam().counts});
    std::size_t repeated = 0;
    for (const auto& [id, count] : second.ids) repeated += first.ids.count(id);
    EXPECT_LE(repeated, WindowReader::kPagesPerState * still.page_size + GetParam().most) << die_at;
    EXPECT_EQ(first.ids.size() + second.ids.size() - repeated, still.rows.size());
  }
}

INSTANTIATE_TEST_SUITE_P(WindowReader, MovingList,
                         testing::Values(Kind{"RowsOverlapping", 10, false, false, 1},
                                         Kind{"RowsOverlappingInBursts", 10, false, false, 35},
                                         Kind{"RowsOfLargePages", 50, false, true, 3},
                                         Kind{"RowsCounted", 10, false, true, 1},
                                         Kind{"RowsCountedInBursts", 10, false, true, 35},
                                         Kind{"PageNumbers", 10, true, false, 1},
                                         Kind{"PageNumbersInBursts", 10, true, false, 35}),
                         [](const auto& kind) { return std::string(kind.param.name); });

TEST(WindowReader, OverlapsPagesByARowAndAsksAhead) {
  FakeList list = make_list(1'000, 100);
  const Outcome got = read(list);
  EXPECT_EQ(got.targets.size(), 11U);
  EXPECT_THAT(got.targets[1], HasSubstr("cursor=0%3A99%3A0"));
  EXPECT_THAT(got.targets[2], HasSubstr("cursor=0%3A198%3A0"));
  EXPECT_THAT(got.summary, Not(HasSubstr("repeated")));
}

TEST(WindowReader, CountsWherePagesAreSmall) {
  FakeList list = make_list(500, 10);
  const Outcome got = read(list, {.counts = true});
  EXPECT_EQ(got.counts, 1U);
  EXPECT_EQ(got.targets.size(), 51U) << "one row came again";
  EXPECT_THAT(got.targets[1], Not(HasSubstr("cursor=")));
  EXPECT_THAT(got.targets[2], HasSubstr("cursor=0%3A10%3A0"));
  EXPECT_THAT(got.summary, Not(HasSubstr("repeated")));
}

TEST(WindowReader, CountsNothingForASinglePage) {
  FakeList list = make_list(10, 10);
  const Outcome got = read(list, {.counts = true});
  EXPECT_EQ(got.counts, 0U);
  EXPECT_EQ(got.targets.size(), 1U);
}

TEST(WindowReader, FollowsOtherCursorsAsTheyAre) {
  const std::vector<std::string> cursors = {"1735603200000:2:0", "1735603200000:4:0", "cD0yMDI2"};
  std::size_t page = 0;
  Reading reading(FakeList().plan(kNow), [&](const std::string&) {
    const std::string id = std::to_string(page);
    const bool more = page < cursors.size();
    const std::string link = R"(<u>; rel="next"; results=")" +
                             std::string(more ? "true" : "false") + R"("; cursor=")" +
                             (more ? cursors[page] : "") + '"';
    ++page;
    const std::string when = R"(,"dateCreated":"2026-01-13T00:00:00Z"})";
    return answer(200, R"([{"id":"a)" + id + '"' + when + R"(,{"id":"b)" + id + '"' + when + "]",
                  {{"link", link}});
  });
  EXPECT_EQ(reading.read(kWindow, [](const PagePosition&) {}), WindowReader::End::kDone);
  EXPECT_EQ(reading.writer.taken(), 8U);
  EXPECT_THAT(reading.http.targets(),
              ElementsAre(Not(HasSubstr("cursor")), HasSubstr("cursor=1735603200000%3A2%3A0"),
                          HasSubstr("cursor=1735603200000%3A4%3A0"), HasSubstr("cursor=cD0yMDI2")));
}

TEST(WindowReader, DoesNotTrustACountThatIsNeverMet) {
  FakeList list = make_list(200, 10);
  PartitionPlan plan = list.plan(kNow);
  int counts = 0;
  plan.count = [&](const Window& window, Fetcher&) {
    ++counts;
    return std::optional(list.count(window) + 1);
  };
  Reading reading(std::move(plan), list);
  for (int window = 0; window < 2; ++window) {
    EXPECT_EQ(reading.read(kWindow, [](const PagePosition&) {}), WindowReader::End::kDone);
    EXPECT_EQ(counts, 1);
  }
  EXPECT_EQ(reading.writer.taken(), 200U);
}

TEST(WindowReader, GoesOnWhereASavedPageSays) {
  PartitionPlan plan = FakeList().plan(kNow);
  plan.count = [](const Window&, Fetcher&) { return std::optional<std::uint64_t>(7); };
  Reading reading(std::move(plan), FakeList());
  const Instant noon = kWindow.from + 12h;
  const auto left = [&](const PagePosition& page) {
    const Window window = reading.reader.left_of(kWindow.from, page, reading.fetcher);
    EXPECT_EQ(window.from, kWindow.from);
    return window.to;
  };
  PagePosition page{kWindow.to, "", std::nullopt, "list/"};
  EXPECT_EQ(left(page), kWindow.to);
  page.unread_until = noon;
  EXPECT_EQ(left(page), noon);
  page.counted = {noon + 1h, 7};
  EXPECT_EQ(left(page), noon) << "as many as must be left";
  page.counted->left = 8;
  EXPECT_EQ(left(page), noon + 1h) << "one is not there any more";
  for (const Instant outside : {noon - 1s, kWindow.to + 1s}) {
    page.counted->until = outside;
    EXPECT_EQ(left(page), kWindow.to);
  }
  page.counted.reset();
  for (const Instant outside : {kWindow.from, kWindow.to + 1s}) {
    page.unread_until = outside;
    EXPECT_EQ(left(page), kWindow.to);
  }
  page.unread_until = noon;
  page.cursor = "1735603200000:2:0";
  EXPECT_EQ(left(page), kWindow.to) << "the cursor belongs to the whole window";
}

TEST(WindowReader, AsksForTheCountOfASavedPageOnlyWhereThereIsOne) {
  Reading reading(FakeList().plan(kNow), FakeList());
  PagePosition page{kWindow.to, "", std::nullopt, "list/"};
  page.unread_until = kWindow.from + 12h;
  page.counted = {kWindow.from + 13h, 0};
  EXPECT_EQ(reading.reader.left_of(kWindow.from, page, reading.fetcher).to, kWindow.from + 13h);
}

TEST(WindowReader, EndsWhereRowsMoveForEver) {
  // Whatever is asked for next begins with another row.
  std::size_t page = 0;
  Reading reading(FakeList().plan(kNow), [&](const std::string& target) {
    std::string body = "[";
    for (std::size_t i = 0; i < 10; ++i) {
      body += std::string(i > 0 ? "," : "") + R"({"id":")" + std::to_string(page * 10 + i) +
              R"(","dateCreated":"2026-01-13T00:00:00Z"})";
    }
    const auto wanted = FakeList::parameters(target);
    const auto cursor = wanted.find("cursor");
    const std::size_t offset = cursor == wanted.end() ? 0 : std::stoul(cursor->second.substr(2));
    const bool more = ++page < 100;
    return answer(200, body + "]",
                  {{"link", R"(<u>; rel="next"; results=")" + std::string(more ? "true" : "false") +
                                R"("; cursor="0:)" + std::to_string(offset + 10) + R"(:0")"}});
  });
  EXPECT_EQ(reading.read(kWindow, [](const PagePosition&) {}), WindowReader::End::kDone);
  EXPECT_EQ(reading.http.targets().size() - static_cast<std::size_t>(reading.http.cancelled()),
            100U);
}

}  // namespace
}  // namespace source_sentry
