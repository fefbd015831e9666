#include "app/terminal/layout.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "app/terminal/figures.h"
#include "fakes/fake_clock.h"

namespace source_sentry {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using Phase = StreamFigures::Phase;

/// A stream in its middle.
StreamView events() {
  return {{.name = "events",
           .phase = Phase::kReading,
           .records = 1'234'567,
           .bytes = 15'240'000,
           .time = minutes(4),
           .part = 0.455,
           .at = kNow - minutes(90)},
          412.4,
          minutes(3)};
}

StreamView in_phase(const char* name, Phase phase, std::uint64_t records) {
  return {{.name = name, .phase = phase, .records = records}, 0, {}};
}

/// One of each kind.
std::vector<StreamView> all_kinds() {
  StreamView issues = in_phase("issues", Phase::kReading, 1);
  issues.figures.held_until = kNow + seconds(20);
  issues.figures.at = kNow;
  return {events(), issues, in_phase("project_keys", Phase::kReading, 12),
          in_phase("projects", Phase::kComplete, 5), in_phase("releases", Phase::kWaiting, 0)};
}

TEST(LiveLines, FillAWideTerminal) {
  EXPECT_EQ(
      live_lines(all_kinds(), {200, 50}, kNow),
      (std::vector<std::string>{
          "events        [#################---------------------]   45%  1,234,567 records  412/s  "
          "15.2 MB  at 2026-01-15 10:30, 3 min left",
          "issues                                                                 1 record    0/s  "
          "  "
          "  "
          "0 B  rate limit until 12:00:20 UTC",
          "project_keys                                                         12 records    0/s  "
          "  "
          "  "
          "0 B",
          "1 of 5 streams done, 1 waiting, 1,234,585 records, 15.2 MB, 4 min"}));
}

TEST(LiveLines, LeaveOutWhatDoesNotFit) {
  EXPECT_EQ(live_lines(all_kinds(), {80, 50}, kNow),
            (std::vector<std::string>{
                "events         45%  1,234,567 records  412/s  at 2026-01-15 10:30, 3 min left",
                "issues                       1 record    0/s  rate limit until 12:00:20 UTC",
                "project_keys               12 records    0/s",
                "1 of 5 streams done, 1 waiting, 1,234,585 records, 15.2 MB, 4 min"}));
  for (std::size_t columns = 1; columns < 220; ++columns) {
    for (const std::string& line : live_lines(all_kinds(), {columns, 50}, kNow)) {
      EXPECT_LT(line.size(), std::max<std::size_t>(columns, 2)) << line;
    }
  }
}

TEST(LiveLines, AreFewerThanTheTerminalHas) {
  std::vector<StreamView> many(40, events());
  const auto lines = live_lines(many, {80, 24}, kNow);
  EXPECT_EQ(lines.size(), 22U);
  EXPECT_EQ(lines[20], "and 20 more streams");
  EXPECT_EQ(live_lines(many, {80, 2}, kNow).size(), 3U) << "one, how many more, and the sum";
  EXPECT_EQ(live_lines({}, {80, 24}, kNow).back(), "0 of 0 streams done, 0 records, 0 B, 0 s");
}

TEST(LiveLines, SayWhenARequestThatFailedIsSentAgain) {
  StreamView view = events();
  view.figures.asks_again = kNow + seconds(4);
  EXPECT_NE(live_lines({view}, {200, 24}, kNow)[0].find("no answer, asks again at 12:00:04 UTC"),
            std::string::npos);
}

TEST(LiveLines, ForgetAWaitThatIsOver) {
  StreamView view = events();
  view.figures.held_until = kNow;
  view.figures.asks_again = kNow;
  EXPECT_EQ(live_lines({view}, {200, 24}, kNow), live_lines({events()}, {200, 24}, kNow));
}

TEST(PlainLines, SayTheSame) {
  EXPECT_EQ(plain_lines(all_kinds(), kNow),
            (std::vector<std::string>{
                "events: 45%, 1,234,567 records, 412/s, 15.2 MB, at 2026-01-15 10:30, 3 min left",
                "issues: 1 record, 0/s, 0 B, rate limit until 12:00:20 UTC",
                "project_keys: 12 records, 0/s, 0 B",
                "1 of 5 streams done, 1 waiting, 1,234,585 records, 15.2 MB, 4 min"}));
}

TEST(JsonLine, SaysTheSame) {
  const auto line = nlohmann::json::parse(json_line(all_kinds(), kNow, false));
  EXPECT_EQ(line["done"], false);
  EXPECT_EQ(line["progress"].size(), 5U);
  EXPECT_EQ(line["progress"][0], nlohmann::json::parse(R"({"stream": "events", "status": "reading",
      "records": 1234567, "bytes": 15240000, "seconds": 240.0, "records_per_second": 412.0,
      "part": 0.455, "at": "2026-01-15T10:30:00.000000Z", "rate_limited_until": null,
      "asks_again_at": null,
      "seconds_left": 180.0})"));
  EXPECT_EQ(line["progress"][1]["rate_limited_until"], "2026-01-15T12:00:20.000000Z");
}

TEST(Figures, AreAsPeopleReadThem) {
  EXPECT_EQ(grouped(0) + " " + grouped(999) + " " + grouped(1'000) + " " + grouped(1'234'567),
            "0 999 1,000 1,234,567");
  EXPECT_EQ(size_text(999) + " " + size_text(1'000) + " " + size_text(999'949) + " " +
                size_text(999'950) + " " + size_text(1'500'000'000'000'000),
            "999 B 1.0 kB 999.9 kB 1.0 MB 1500.0 TB");
  EXPECT_EQ(span_text(seconds(-1)) + ", " + span_text(seconds(119)) + ", " +
                span_text(seconds(120)) + ", " + span_text(minutes(200)) + ", " +
                span_text(minutes(60 * 52)),
            "0 s, 119 s, 2 min, 3 h 20 min, 2 d 4 h");
}

}  // namespace
}  // namespace source_sentry
