#include "engine/series/series_walk.h"

#include <gmock/gmock.h>

#include <map>
#include <set>

#include "engine/series/days.h"
#include "fakes/partition_reading.h"

namespace source_sentry {
namespace {

using std::chrono::days;
using std::chrono::hours;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

std::string day_text(Instant day) { return format_seconds(day).substr(0, 10); }

/// A series of so many groups, each with a value for every day.
struct Series {
  std::size_t groups = 2;
  std::size_t page = 100;
  std::map<std::string, Response> days_answer{};  // what is said whenever that day is asked for
  int most_days = 1000;                           // wider windows are refused
  int refusal = 400;

  static Window asked(const std::string& target) {
    const auto wanted = FakeList::parameters(target);
    return {*parse_instant(wanted.at("start")),
            *parse_instant(wanted.at("end")) + std::chrono::seconds(1)};
  }

  Response operator()(const std::string& target) const {
    const Window window = asked(target);
    if (window.to - window.from > days(most_days)) return answer(refusal, "");
    for (const auto& [day, bad] : days_answer) {
      if (window.contains(*parse_instant(day + "T00:00:00Z"))) return bad;
    }
    const std::string cursor = FakeList::parameters(target)["cursor"];
    const std::size_t first = cursor.empty() ? 0 : std::stoul(cursor.substr(2));
    std::string body;
    for (std::size_t group = first; group < std::min(first + page, groups); ++group) {
      body += (body.empty() ? "" : ",") + std::to_string(group);
    }
    const bool more = first + page < groups;
    return answer(200, R"({"groups":[)" + body + "]}",
                  {{"link", "<u>; rel=\"next\"; results=\"" + std::string(more ? "true" : "false") +
                                "\"; cursor=\"0:" + std::to_string(first + page) + ":0\""}});
  }

  static PartitionPlan plan(int width, Instant from = begin_of_day(kNow) - days(9)) {
    PartitionPlan plan;
    Route route{
        .path = "series/", .query = "interval=1d", .rate_group = "default", .what = "the series"};
    route.window_query = [](const Window& window) {
      return "start=" + format_seconds(window.from) +
             "&end=" + format_seconds(window.to - std::chrono::seconds(1));
    };
    plan.routes = {route};
    plan.shape = {.root = RecordSplitter::Root::kObject, .cursor_key = "date"};
    plan.now = plan.until = kNow;
    plan.from = from;
    plan.lookback = days(2);
    plan.series =
        SeriesPlan{width, [](std::string_view answer, const Window& window) {
                     std::vector<std::string> records;
                     const auto json = nlohmann::json::parse(answer);
                     if (!json.contains("groups"))
                       throw ConnectorError(FailureKind::kSystem, "no groups");
                     for (const auto& group : json["groups"]) {
                       for (Instant day = window.from; day < window.to; day += kDay) {
                         records.push_back(R"({"date":")" + format_seconds(day) + R"(Z","id":")" +
                                           day_text(day) + "/" + group.dump() + "\"}");
                       }
                     }
                     return records;
                   }};
    return plan;
  }
};

/// The days of which records were written, and how often.
std::map<std::string, int> days_of(const Outcome& got) {
  std::map<std::string, int> found;
  for (const auto& [id, times] : got.ids) found[id.substr(0, 10)] += times;
  return found;
}

/// The days from that one to today.
std::set<std::string> days_since(Instant from, Instant now = kNow) {
  std::set<std::string> all;
  for (Instant day = from; day < now; day += kDay) all.insert(day_text(day));
  return all;
}

std::set<std::string> names(const std::map<std::string, int>& found) {
  std::set<std::string> all;
  for (const auto& [day, times] : found) all.insert(day);
  return all;
}

const Instant kToday = begin_of_day(kNow);

TEST(SeriesWalk, ReadsEachDayOnceWhateverTheWindowsWidth) {
  for (const int width : {1, 3, 7, 30}) {
    const Outcome got = read(Series::plan(width), Series());
    EXPECT_TRUE(got.finished) << got.error;
    EXPECT_EQ(names(days_of(got)), days_since(kToday - days(9)));
    EXPECT_THAT(got.ids, SizeIs(20));
    for (const auto& [id, times] : got.ids) EXPECT_EQ(times, 1) << id;
    EXPECT_EQ(got.requests, static_cast<std::size_t>((10 + width - 1) / width));
    EXPECT_EQ(got.last_state, (nlohmann::json{{"date", format_instant(kToday)}}));
  }
}

TEST(SeriesWalk, AsksForWholeDaysOnly) {
  PartitionPlan plan = Series::plan(4, kToday - days(5) + hours(7));
  const Outcome got = read(plan, Series());
  EXPECT_EQ(names(days_of(got)), days_since(kToday - days(5)));
  plan.until = kToday - days(1);  // midnight: the day that begins then is not wanted
  EXPECT_THAT(names(days_of(read(plan, Series()))), Not(Contains(day_text(kToday - days(1)))));
  plan.until += hours(1);
  EXPECT_THAT(names(days_of(read(plan, Series()))), Contains(day_text(kToday - days(1))));
}

TEST(SeriesWalk, ReadsTheLastThreeDaysAgain) {
  const Outcome first = read(Series::plan(5), Series());
  const Outcome again = read(Series::plan(5), Series(), {.state = first.last_state});
  EXPECT_TRUE(again.finished);
  EXPECT_EQ(names(days_of(again)), days_since(kToday - days(2)));
  EXPECT_EQ(again.last_state, first.last_state);
  PartitionPlan later = Series::plan(5);
  later.now = later.until = kNow + days(4);
  const Outcome then = read(later, Series(), {.state = first.last_state});
  EXPECT_EQ(names(days_of(then)), days_since(kToday - days(2), later.now));
}

TEST(SeriesWalk, ReadsPagesToTheEnd) {
  const Series series{.groups = 7, .page = 3};
  const Outcome got = read(Series::plan(1), series);
  EXPECT_THAT(got.ids, SizeIs(70));
  EXPECT_EQ(got.requests, 30U);
}

TEST(SeriesWalk, LosesNothingWhereverItIsKilled) {
  const Series series{.groups = 4, .page = 2};
  for (const int width : {1, 3}) {
    for (int died = 0; died < 22; ++died) {
      const Outcome killed = read(Series::plan(width), series, {.die_after_requests = died});
      const Outcome resumed = read(Series::plan(width), series, {.state = killed.last_state});
      ASSERT_TRUE(resumed.finished) << resumed.error;
      std::set<std::string> met;
      for (const auto& [id, times] : killed.ids) met.insert(id);
      for (const auto& [id, times] : resumed.ids) met.insert(id);
      EXPECT_EQ(met.size(), 40U) << width << " " << died;
      // It goes on where it was, and so gets to the end however often it is killed.
      if (width == 1) {
        EXPECT_LE(resumed.requests, std::max(6, 20 - died / 2 * 2)) << died;
      }
    }
  }
}

/// What may still change is read again, however much later the run continues.
TEST(SeriesWalk, ContinuesBeforeTheDaysThatWereNotSettled) {
  const Outcome killed = read(Series::plan(1), Series(), {.die_after_requests = 9});
  PartitionPlan later = Series::plan(1);
  later.now = later.until = kNow + days(5);
  const Outcome resumed = read(later, Series(), {.state = killed.last_state});
  EXPECT_EQ(names(days_of(resumed)), days_since(kToday - days(2), later.now));
}

TEST(SeriesWalk, ContinuesAFullRefresh) {
  const Outcome killed =
      read(Series::plan(1), Series(), {.full_refresh = true, .die_after_requests = 4});
  const Outcome resumed =
      read(Series::plan(1), Series(), {.state = killed.last_state, .full_refresh = true});
  EXPECT_EQ(names(days_of(resumed)), days_since(kToday - days(5)));
}

TEST(SeriesWalk, TellsOfADayThatFailsAndReadsItInTheNextRun) {
  const std::string bad = day_text(kToday - days(6));
  for (const Response& response : {answer(400, ""), answer(500, ""), answer(200, "{\"detail\":1}"),
                                   answer(200, "[]"), answer(200, "{\"groups\":[NaN]}")}) {
    for (const int width : {1, 4}) {
      Series series;
      series.days_answer[bad] = response;
      const Outcome got = read(Series::plan(width), series);
      EXPECT_FALSE(got.finished);
      EXPECT_THAT(got.error, HasSubstr(bad));
      auto all = days_since(kToday - days(9));
      all.erase(bad);
      EXPECT_EQ(names(days_of(got)), all) << response.body;
      const Outcome next = read(Series::plan(width), Series(), {.state = got.last_state});
      EXPECT_TRUE(next.finished) << next.error;
      EXPECT_THAT(names(days_of(next)), Contains(bad));
    }
  }
}

TEST(SeriesWalk, TellsOfADayThatFailsWhenItIsTheFirst) {
  Series series;
  const std::string bad = day_text(kToday - days(9));
  series.days_answer[bad] = answer(400, "");
  const Outcome got = read(Series::plan(1), series);
  EXPECT_THAT(got.error, HasSubstr(bad));
  EXPECT_THAT(days_of(got), SizeIs(9));
}

TEST(SeriesWalk, AsksForFewerDaysWhereManyAreTooMuch) {
  for (const int refusal : {400, 413}) {
    const Outcome got = read(Series::plan(30), Series{.most_days = 3, .refusal = refusal});
    EXPECT_TRUE(got.finished) << got.error;
    EXPECT_EQ(names(days_of(got)), days_since(kToday - days(9)));
  }
}

TEST(SeriesWalk, AsksForFewerDaysBeforeAnAnswerIsCutOff) {
  const Outcome got = read(Series::plan(30), Series{.groups = 1000, .page = 1000});
  EXPECT_TRUE(got.finished) << got.error;
  EXPECT_THAT(got.ids, SizeIs(10'000));
  for (const auto& [id, times] : got.ids) ASSERT_EQ(times, 1) << id;
  // Ten days, five of them and two of these, and then by two days to the end.
  EXPECT_EQ(got.requests, 2U + 5U);
}

TEST(SeriesWalk, TellsOfADayThatHasMoreThanAnAnswerHolds) {
  const Outcome got = read(Series::plan(1), Series{.groups = 5000, .page = 5000});
  EXPECT_THAT(got.error, HasSubstr("cuts it off"));
  EXPECT_THAT(got.ids, IsEmpty());
}

TEST(SeriesWalk, EndsAtOnceWhereTheRouteIsRefused) {
  for (const int status : {401, 403, 404}) {
    const Outcome got =
        read(Series::plan(30), [&](const std::string&) { return answer(status, ""); });
    EXPECT_THAT(got.error, HasSubstr("the series: " + std::to_string(status)));
    EXPECT_LE(got.requests, 2U);
  }
}

TEST(SeriesWalk, ReadsAnEmptySeries) {
  const Outcome got = read(Series::plan(1), Series{.groups = 0});
  EXPECT_TRUE(got.finished) << got.error;
  // The next run begins there all the same.
  EXPECT_EQ(got.last_state, (nlohmann::json{{"date", format_instant(kToday)}}));
}

}  // namespace
}  // namespace source_sentry
