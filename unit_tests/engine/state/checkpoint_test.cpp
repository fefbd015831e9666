#include "engine/state/checkpoint.h"

#include <gmock/gmock.h>

#include <functional>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "base/error.h"

namespace source_sentry {
namespace {

std::string high_water(const char* saved, const char* key = "dateCreated") {
  const auto checkpoint =
      Checkpoint::read(nlohmann::json::parse(saved), key, Partition{.names = {"web"}});
  return checkpoint.high_water ? format_instant(*checkpoint.high_water) : "none";
}

TEST(Checkpoint, ReadsEveryFormOfTheOfficialConnectorsLife) {
  // B: Python versions up to 0.4
  EXPECT_EQ(high_water(R"({"dateCreated":"2022-09-02T15:01:28.946777Z"})"),
            "2022-09-02T15:01:28.946777Z");
  EXPECT_EQ(high_water(R"({"dateCreated":"2022-09-02T15:01:28.946777+00:00"})"),
            "2022-09-02T15:01:28.946777Z");
  for (const char* nothing : {R"({"dateCreated":"None"})", R"({"dateCreated":null})",
                              R"({"dateCreated":""})", "{}", "null", "7", "[]"}) {
    EXPECT_EQ(high_water(nothing), "none") << nothing;
  }
  // C: low-code 0.5
  EXPECT_EQ(high_water(R"({"dateCreated":"2024-03-31T15:03:36+00:00"})"),
            "2024-03-31T15:03:36.000000Z");
  EXPECT_EQ(high_water(R"({"lastSeen":"2023-02-02T00:00:00.0Z"})", "lastSeen"),
            "2023-02-02T00:00:00.000000Z");
  // D: concurrent 0.6
  EXPECT_EQ(high_water(R"({"dateCreated":"2024-01-16T12:30:00Z"})"), "2024-01-16T12:30:00.000000Z");
  // E: today; the first sync that found nothing
  EXPECT_EQ(high_water(R"({"dateCreated":"2024-01-16T12:30:00.000000Z"})"),
            "2024-01-16T12:30:00.000000Z");
  EXPECT_EQ(high_water(R"({"dateCreated":"1900-01-01T00:00:00.000000Z"})"), "none");
  // F: sentinels of full refreshes, alone and beside a cursor
  EXPECT_EQ(high_water(R"({"__ab_no_cursor_state_message":true})"), "none");
  EXPECT_EQ(high_water(R"({"__ab_full_refresh_sync_complete":true})"), "none");
  EXPECT_EQ(high_water(
                R"({"__ab_full_refresh_state_message":true,"dateCreated":"2024-01-16T12:30:00Z"})"),
            "2024-01-16T12:30:00.000000Z");
  // I: abnormal
  EXPECT_EQ(high_water(R"({"dateCreated":"2100-01-01T00:00:00.0Z"})"),
            "2100-01-01T00:00:00.000000Z");
}

Checkpoint read(const nlohmann::ordered_json& saved) {
  return Checkpoint::read(nlohmann::json::parse(saved.dump()), "lastSeen", Partition());
}

TEST(Checkpoint, KeepsAPassThatIsUnderWayAsLongAsItsMarkStays) {
  const Instant mark = *parse_instant("2024-01-16T12:30:00Z");
  Checkpoint checkpoint;
  checkpoint.high_water = mark;
  checkpoint.all_visited = mark - std::chrono::days(8);
  checkpoint.visits = Visits{.began = mark, .of_all = true, .left = 7};
  checkpoint.visits->rows.remember("12", 34);
  const auto saved = checkpoint.write("lastSeen");
  EXPECT_EQ(read(saved).visits, checkpoint.visits);
  EXPECT_EQ(read(saved).all_visited, checkpoint.all_visited);

  auto moved = saved;
  moved["lastSeen"] = "2024-01-01T00:00:00.000000Z";
  EXPECT_FALSE(read(moved).visits) << "somebody wants what follows to be read again";
  EXPECT_EQ(read(moved).all_visited, checkpoint.all_visited);

  auto damaged = saved;
  damaged["visits"]["rows"] = "?";
  ASSERT_TRUE(read(damaged).visits);
  EXPECT_TRUE(read(damaged).visits->rows.empty());
  EXPECT_TRUE(read(damaged).visits->of_all);
}

TEST(Checkpoint, KnowsNoPassWhereAnEarlierVersionKeptNone) {
  const Checkpoint old = read({{"lastSeen", "2024-01-16T12:30:00.000000Z"},
                               {"children_until", "2024-01-16T12:31:07.000000Z"}});
  EXPECT_FALSE(old.visits);
  EXPECT_FALSE(old.all_visited);
  EXPECT_TRUE(old.children_until);
}

TEST(Checkpoint, TakesOutEveryTimeThatCannotBeTrue) {
  const Instant now = *parse_instant("2024-01-16T12:30:00.5Z");
  const Instant before = now - std::chrono::hours(1);
  const Instant ahead = now + std::chrono::days(56);
  const PagePosition page{before, "", before, "route", before, PagePosition::Counted{before, 1}};
  const Checkpoint all_true{before, Position{false, before, page}, before,
                            Refresh{{}, before, before}, before};
  Checkpoint same = all_true;
  EXPECT_EQ(same.clamp(now), std::nullopt);
  EXPECT_EQ(same.write("k"), all_true.write("k"));

  using Set = std::function<void(Checkpoint&, Instant)>;
  using Gone = std::function<bool(const Checkpoint&)>;
  const auto no_page = [](const Checkpoint& of) { return of.position && !of.position->page; };
  const auto no_sweep = [](const Checkpoint& of) {
    return !of.refresh->sweep_began && !of.refresh->sweep_down_to;
  };
  const std::vector<std::pair<Set, Gone>> times = {
      {[](Checkpoint& of, Instant when) { of.high_water = when; },
       [now](const Checkpoint& of) { return of.high_water == now && !of.position; }},
      {[](Checkpoint& of, Instant when) { of.position->read_until = when; },
       [](const Checkpoint& of) { return !of.position; }},
      {[](Checkpoint& of, Instant when) { of.position->page->window_end = when; }, no_page},
      {[](Checkpoint& of, Instant when) { of.position->page->newest = when; }, no_page},
      {[](Checkpoint& of, Instant when) { of.position->page->unread_until = when; }, no_page},
      {[](Checkpoint& of, Instant when) { of.position->page->counted->until = when; }, no_page},
      {[](Checkpoint& of, Instant when) { of.all_visited = when; },
       [](const Checkpoint& of) { return !of.all_visited; }},
      {[](Checkpoint& of, Instant when) { of.visits = Visits{.began = when}; },
       [](const Checkpoint& of) { return !of.visits; }},
      {[](Checkpoint& of, Instant when) { of.late_until = when; },
       [](const Checkpoint& of) { return !of.late_until; }},
      {[](Checkpoint& of, Instant when) { of.children_until = when; },
       [](const Checkpoint& of) { return !of.children_until && of.high_water; }},
      {[](Checkpoint& of, Instant when) { of.partial_since = when; },
       [now](const Checkpoint& of) { return of.partial_since == now && of.high_water; }},
      {[](Checkpoint& of, Instant when) { of.refresh->sweep_began = when; }, no_sweep},
      {[](Checkpoint& of, Instant when) { of.refresh->sweep_down_to = when; }, no_sweep},
  };
  for (std::size_t i = 0; i < times.size(); ++i) {
    Checkpoint checkpoint = all_true;
    times[i].first(checkpoint, ahead);
    EXPECT_EQ(checkpoint.clamp(now), ahead) << i;
    EXPECT_TRUE(times[i].second(checkpoint)) << i;
    EXPECT_EQ(checkpoint.clamp(now), std::nullopt) << i;
  }
}

TEST(Checkpoint, ReadsTheConcurrentRawForm) {
  EXPECT_EQ(
      high_water(R"({"state_type":"date-range","slices":[{"start":"1900-01-01T00:00:00.000000Z",
      "end":"2024-01-16T12:30:00.000000Z","most_recent_cursor_value":"2024-01-15T00:00:00.000000Z"}]})"),
      "2024-01-15T00:00:00.000000Z");
  EXPECT_EQ(high_water(R"({"state_type":"date-range","slices":[
      {"start":"2024-03-01T00:00:00Z","end":"2024-04-01T00:00:00Z"},
      {"start":"2024-01-01T00:00:00Z","end":"2024-02-01T00:00:00Z"},
      {"start":"2024-02-01T00:00:00Z","end":"2024-02-15T00:00:00Z"}]})"),
            "2024-02-15T00:00:00.000000Z")
      << "what lies behind a gap is not done";
  EXPECT_EQ(high_water(R"({"state_type":"date-range","slices":[]})"), "none");
}

TEST(Checkpoint, ReadsThePerPartitionForm) {
  EXPECT_EQ(
      high_water(
          R"({"use_global_cursor":false,"lookback_window":60,"state":{"dateCreated":"2024-06-01T00:00:00Z"},
      "states":[{"partition":{"project_slug":"api"},"cursor":{"dateCreated":"2024-01-01T00:00:00Z"}},
                {"partition":{"project_slug":"web","parent_slice":{}},"cursor":{"dateCreated":"2024-02-01T00:01:00Z"}}]})"),
      "2024-02-01T00:00:00.000000Z");
  EXPECT_EQ(
      high_water(
          R"({"states":[{"partition":{"id":1},"cursor":{"dateCreated":"2024-03-01T00:00:00Z"}},
                {"partition":{"id":2},"cursor":{"dateCreated":"2024-01-01T00:00:00Z"}}]})"),
      "2024-01-01T00:00:00.000000Z")
      << "partitions that cannot be told apart: the oldest loses nothing";
  EXPECT_EQ(
      high_water(
          R"({"states":[{"partition":{"project":"api","id":"1"},"cursor":{"dateCreated":"2024-03-01T00:00:00Z"}},
                {"partition":{"project":"mobile","id":"2"},"cursor":{"dateCreated":"2024-01-01T00:00:00Z"}}]})"),
      "none")
      << "ours say that they are about others";
  const auto whole = Checkpoint::read(
      nlohmann::json::parse(
          R"({"states":[{"partition":{"project":"api"},"cursor":{"dateCreated":"2024-03-01T00:00:00Z"}}]})"),
      "dateCreated", Partition{});
  EXPECT_EQ(whole.high_water, parse_instant("2024-03-01T00:00:00Z"))
      << "what is not about projects takes them for its parts";
  EXPECT_EQ(
      high_water(
          R"({"states":[{"partition":{"id":1},"cursor":{"dateCreated":"2024-03-01T00:00:00Z"}},
                {"partition":{"id":2},"cursor":{}}]})"),
      "none");
  EXPECT_EQ(
      high_water(
          R"({"use_global_cursor":true,"state":{"dateCreated":"2024-06-01T00:00:00Z"},"states":[]})"),
      "2024-06-01T00:00:00.000000Z");
}

TEST(Checkpoint, RefusesTimesThatItCannotRead) {
  for (const char* saved : {R"({"dateCreated":"yesterday"})", R"({"dateCreated":1705408200})",
                            R"({"dateCreated":{"a":1}})"}) {
    EXPECT_THROW(Checkpoint::read(nlohmann::json::parse(saved), "dateCreated", {}), ConnectorError)
        << saved;
  }
}

TEST(Checkpoint, WritesTheOfficialForm) {
  Checkpoint checkpoint;
  EXPECT_EQ(checkpoint.write("dateCreated").dump(),
            R"({"dateCreated":"1900-01-01T00:00:00.000000Z"})");
  checkpoint.advance(parse_instant("2024-01-16T12:30:00Z"));
  checkpoint.advance(parse_instant("2023-01-01T00:00:00Z"));
  checkpoint.advance(std::nullopt);
  EXPECT_EQ(checkpoint.write("lastSeen").dump(), R"({"lastSeen":"2024-01-16T12:30:00.000000Z"})");
}

Checkpoint in_the_middle() {
  Checkpoint checkpoint;
  checkpoint.high_water = parse_instant("2024-01-16T12:30:00.5Z");
  checkpoint.position = Position{
      true, *parse_instant("2024-01-17T00:00:00Z"),
      PagePosition{*parse_instant("2024-01-18T00:00:00Z"), "0:100:0",
                   parse_instant("2024-01-17T23:00:00Z"), "projects/a/b/events/?full=true"}};
  return checkpoint;
}

TEST(Checkpoint, CarriesItsPositionThroughAState) {
  const nlohmann::json saved = in_the_middle().write("dateCreated");
  const Checkpoint back = Checkpoint::read(saved, "dateCreated", {});
  ASSERT_TRUE(back.position && back.position->page);
  EXPECT_EQ(back.write("dateCreated").dump(), in_the_middle().write("dateCreated").dump());
  EXPECT_TRUE(back.position->full_refresh);
}

TEST(Checkpoint, CarriesWhatACountLeftUnproven) {
  Checkpoint checkpoint = in_the_middle();
  PagePosition& page = *checkpoint.position->page;
  page.cursor.clear();
  page.unread_until = parse_instant("2024-01-17T12:00:00Z");
  page.counted = {*parse_instant("2024-01-17T18:00:00Z"), 17};
  nlohmann::json saved = checkpoint.write("dateCreated");
  const auto back = Checkpoint::read(saved, "dateCreated", {}).position->page;
  EXPECT_EQ(back->unread_until, page.unread_until);
  EXPECT_EQ(back->counted, page.counted);
  saved["position"]["page"]["counted"]["left"] = "many";
  EXPECT_EQ(Checkpoint::read(saved, "dateCreated", {}).position->page->counted->left,
            std::numeric_limits<std::uint64_t>::max());
  saved["position"]["page"]["counted"].erase("until");
  EXPECT_FALSE(Checkpoint::read(saved, "dateCreated", {}).position->page->counted);
}

TEST(Checkpoint, CarriesWhoseMarkItIs) {
  Checkpoint checkpoint = in_the_middle();
  checkpoint.shared = true;
  const nlohmann::json saved = checkpoint.write("dateCreated");
  EXPECT_TRUE(Checkpoint::read(saved, "dateCreated", {}).shared);
  EXPECT_FALSE(
      Checkpoint::read({{"dateCreated", "2024-01-01T00:00:00Z"}}, "dateCreated", {}).shared);
  checkpoint.advance(*checkpoint.high_water);
  EXPECT_TRUE(checkpoint.shared) << "it has not moved";
  checkpoint.advance(*checkpoint.high_water + std::chrono::seconds(1));
  EXPECT_FALSE(checkpoint.shared);
}

TEST(Checkpoint, FollowsItsBatch) {
  Checkpoint one;
  one.shared = true;
  one.late_until = parse_instant("2024-01-01T00:00:00Z");
  Checkpoint batch = in_the_middle();
  batch.mark_of = "7";
  EXPECT_FALSE(one.is_at(batch));
  Checkpoint other = one;
  one.follow(batch, "7");
  other.follow(batch, "8");
  EXPECT_TRUE(one.is_at(batch) && other.is_at(batch));
  EXPECT_TRUE(one.late_until);
  EXPECT_FALSE(one.shared);
  EXPECT_TRUE(other.shared);
}

TEST(Checkpoint, CarriesAPositionBeforeTheFirstRecord) {
  Checkpoint checkpoint;
  checkpoint.position = Position{false, *parse_instant("2024-01-17T00:00:00Z"), std::nullopt};
  const Checkpoint back =
      Checkpoint::read(nlohmann::json(checkpoint.write("dateCreated")), "dateCreated", {});
  ASSERT_TRUE(back.position);
  EXPECT_FALSE(back.high_water);
  EXPECT_EQ(format_instant(back.position->read_until), "2024-01-17T00:00:00.000000Z");
}

TEST(Checkpoint, IgnoresAPositionThatAnotherConnectorCarriedAlong) {
  nlohmann::json saved = in_the_middle().write("dateCreated");
  saved["dateCreated"] = "2024-02-20T00:00:00.000000Z";  // moved on by somebody who ignores ours
  EXPECT_FALSE(Checkpoint::read(saved, "dateCreated", {}).position);
}

TEST(Checkpoint, DropsOnlyThePageOfADamagedPosition) {
  nlohmann::json saved = in_the_middle().write("dateCreated");
  saved["position"]["page"].erase("cursor");
  const Checkpoint back = Checkpoint::read(saved, "dateCreated", {});
  ASSERT_TRUE(back.position);
  EXPECT_FALSE(back.position->page);
}

TEST(Checkpoint, KeepsWhatIsKnownOfRows) {
  Checkpoint checkpoint;
  checkpoint.high_water = *parse_instant("2024-01-16T12:30:00Z");
  checkpoint.refresh.emplace();
  checkpoint.refresh->rows.remember("4507", 0xBEEF00);
  const auto again = [&] {
    const auto saved = nlohmann::json::parse(checkpoint.write("lastSeen").dump());
    return Checkpoint::read(saved, "lastSeen", Partition{}).refresh;
  };
  EXPECT_EQ(again(), checkpoint.refresh);
  checkpoint.refresh->sweep_began = checkpoint.high_water;
  checkpoint.refresh->sweep_down_to = kBeginningOfTime;
  EXPECT_EQ(again(), checkpoint.refresh);
}

/// What is known of rows by their whole contents has a name of its own in a state, so that neither
/// form is taken for the other.
TEST(Checkpoint, KeepsWhatIsKnownOfRowsByTheirContents) {
  constexpr std::uint64_t kContents = 0x8123'4567'89AB'CDE0;
  Checkpoint checkpoint;
  checkpoint.high_water = *parse_instant("2024-01-16T12:30:00Z");
  checkpoint.refresh = Refresh{KnownRows(KnownRows::Width::kWhole), {}, {}, "teams/?detailed=0"};
  checkpoint.refresh->rows.remember("4507", kContents);
  nlohmann::json saved = nlohmann::json::parse(checkpoint.write("listed").dump());
  const auto again = Checkpoint::read(saved, "listed", Partition{}).refresh;
  EXPECT_EQ(again, checkpoint.refresh);
  EXPECT_EQ(again->route, "teams/?detailed=0");
  EXPECT_TRUE(again->rows.knows("4507", kContents));
  EXPECT_FALSE(again->rows.knows("4507", kContents << 32U >> 32U)) << "half of it is not all";
  saved["refresh"]["rows"] = saved["refresh"]["contents"];
  saved["refresh"].erase("contents");
  EXPECT_THROW(Checkpoint::read(saved, "listed", Partition{}), ConnectorError);
}

TEST(Checkpoint, CarriesSinceWhenAnswersArePartial) {
  Checkpoint checkpoint;
  checkpoint.high_water = *parse_instant("2024-01-16T12:30:00Z");
  EXPECT_FALSE(checkpoint.write("timestamp").contains("partial_since"));
  checkpoint.partial_since = *parse_instant("2024-01-17T08:00:00Z");
  const nlohmann::json saved = checkpoint.write("timestamp");
  EXPECT_EQ(saved["partial_since"], "2024-01-17T08:00:00.000000Z");
  EXPECT_EQ(Checkpoint::read(saved, "timestamp", Partition{}).partial_since,
            checkpoint.partial_since);
}

/// In a stream's plain state, and in one of several partitions.
TEST(Checkpoint, CarriesWhenAllChildrenWereRead) {
  const Partition web{.key = {{"project", "web"}}, .names = {"web"}};
  Checkpoint checkpoint;
  checkpoint.high_water = *parse_instant("2024-01-16T12:30:00Z");
  checkpoint.children_until = *parse_instant("2024-01-17T08:00:00.25Z");
  const nlohmann::json plain = checkpoint.write("lastSeen");
  EXPECT_EQ(Checkpoint::read(plain, "lastSeen", Partition{}).children_until,
            checkpoint.children_until);
  const nlohmann::json in_partitions = {
      {"use_global_cursor", false},
      {"states",
       {{{"partition", {{"project", "api"}}}, {"cursor", {{"lastSeen", "2024-01-01T00:00:00Z"}}}},
        {{"partition", {{"project", "web"}}}, {"cursor", plain}}}}};
  EXPECT_EQ(Checkpoint::read(in_partitions, "lastSeen", web).children_until,
            checkpoint.children_until);
  const Partition api{.key = {{"project", "api"}}, .names = {"api"}};
  EXPECT_FALSE(Checkpoint::read(in_partitions, "lastSeen", api).children_until) << "another's";
  checkpoint.children_until.reset();
  EXPECT_FALSE(checkpoint.write("lastSeen").contains("children_until"));
}

TEST(Checkpoint, RefusesADamagedMemory) {
  for (const char* refresh : {"7", "{}", R"({"rows":7})", R"({"rows":"x"})", R"({"rows":"AQA="})",
                              R"({"rows":"AAA=","sweep_began":"once"})", R"({"contents":7})",
                              R"({"contents":"AQA="})", R"({"contents":7,"rows":"AAA="})"}) {
    const auto saved = nlohmann::json::parse(
        std::string(R"({"lastSeen":"2024-01-16T12:30:00Z","refresh":)") + refresh + "}");
    EXPECT_THROW(Checkpoint::read(saved, "lastSeen", Partition{}), ConnectorError) << refresh;
  }
}

}  // namespace
}  // namespace source_sentry
