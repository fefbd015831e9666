#include "app/terminal/summary.h"

#include <gtest/gtest.h>

namespace source_sentry {
namespace {

using std::chrono::seconds;
using Phase = StreamFigures::Phase;

const std::vector<StreamFigures> kStreams = {
    {.name = "events",
     .phase = Phase::kComplete,
     .records = 12'300,
     .bytes = 15'240'000,
     .time = seconds(34)},
    {.name = "issues", .phase = Phase::kIncomplete, .records = 1, .bytes = 640},
    {.name = "projects", .phase = Phase::kIncomplete, .time = seconds(2)},
    {.name = "releases"},
};

const std::map<std::string, std::string> kFailures = {
    {"issues", "The token may not read issues. Give it the scope event:read."}};

TEST(Summary, SaysWhatIsThereAndWhatIsNot) {
  EXPECT_EQ(summary_of(kStreams, {kFailures, "out"}, seconds(40), 0),
            (std::vector<std::string>{
                "events    12,300 records  15.2 MB  34 s  complete",
                "issues          1 record    640 B   0 s  incomplete: The token may not read "
                "issues. Give it the scope event:read.",
                "projects       0 records      0 B   2 s  incomplete: stopped",
                "releases       0 records      0 B   0 s  not read: stopped before",
                "Read 12,301 records of 4 streams, 15.2 MB, in 40 s, into out. 3 streams are not "
                "complete. Correct what the errors name; the same command resumes where this run "
                "stopped."}));
}

TEST(Summary, CutsReasonsToTheTerminal) {
  const auto lines = summary_of(kStreams, {kFailures, ""}, seconds(40), 80);
  EXPECT_EQ(lines[1],
            "issues          1 record    640 B   0 s  incomplete: The token may not read i...");
  EXPECT_EQ(lines[1].size(), 80U);
  EXPECT_NE(lines.back().find("--state"), std::string::npos);
}

TEST(Summary, GivesEachReasonOnce) {
  const auto lines =
      summary_of(kStreams, {{{"issues", "No."}, {"projects", "No."}}, "out"}, seconds(40), 0);
  EXPECT_NE(lines[1].find("incomplete: No."), std::string::npos);
  EXPECT_NE(lines[2].find("incomplete: like issues"), std::string::npos);
}

TEST(Summary, TellsTheCommandThatResumesAStop) {
  const auto lines = summary_of({kStreams[3]}, {{}, "out"}, seconds(40), 0);
  EXPECT_NE(lines.back().find(". The same command resumes"), std::string::npos);
}

TEST(Summary, IsShortWhereAllIsWell) {
  const auto lines = summary_of({kStreams[0]}, {}, seconds(200), 80);
  EXPECT_EQ(lines.back(), "Read 12,300 records of 1 stream, 15.2 MB, in 3 min.");
}

}  // namespace
}  // namespace source_sentry
