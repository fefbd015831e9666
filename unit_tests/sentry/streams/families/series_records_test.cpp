#include "sentry/streams/families/series_records.h"

#include <gmock/gmock.h>

#include "base/error.h"

namespace source_sentry {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const Window kTwoDays{*parse_instant("2026-01-01T00:00:00Z"),
                      *parse_instant("2026-01-03T00:00:00Z")};
const Window kOneDay{kTwoDays.from, *parse_instant("2026-01-02T00:00:00Z")};

std::string series(const std::string& intervals, const std::string& groups) {
  return R"({"start":"x","intervals":[)" + intervals + R"(],"groups":[)" + groups +
         R"(],"query":""})";
}

const std::string kThree =
    R"("2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z", "2026-01-03T00:00:00Z")";

TEST(SeriesRecords, AreOneForEachGroupAndDayThatWasAskedFor) {
  const std::string answer = series(kThree,
                                    R"x({"by":{"category":"error","reason":null},
        "totals":{"n(q)":6},"series":{"n(q)":[1, 2,3],"rate":[null,0.5,1]}},
       {"by": {"category":"a\"b"}, "totals":{}, "series":{"n(q)":[0,0,0],"rate":[null,null,1]}})x");
  EXPECT_THAT(
      series_records(answer, kTwoDays),
      ElementsAre(
          R"x({"date":"2026-01-01T00:00:00Z","category":"error","reason":null,"n(q)":1,"rate":null})x",
          R"x({"date":"2026-01-02T00:00:00Z","category":"error","reason":null,"n(q)":2,"rate":0.5})x",
          R"x({"date":"2026-01-01T00:00:00Z","category":"a\"b","n(q)":0,"rate":null})x",
          R"x({"date":"2026-01-02T00:00:00Z","category":"a\"b","n(q)":0,"rate":null})x"));
  EXPECT_THAT(series_records(series(kThree, ""), kTwoDays), IsEmpty());
}

TEST(SeriesRecords, AreNotMadeOfAnythingElse) {
  for (const std::string& answer :
       {std::string(R"({"detail":"busy"})"), series(kThree, R"({"by":{},"totals":{"n":3}})"),
        series(kThree, R"({"by":{},"series":{"n":[1,2]}})"), series(kThree, "null"),
        series(R"("2026-01-01T00:30:00Z")", ""), series("17", "")}) {
    EXPECT_THROW(series_records(answer, kTwoDays), ConnectorError) << answer;
  }
}

TEST(SummaryRecords, AreOneForEachProjectAndCategory) {
  const std::string answer =
      R"({"start":"2026-01-01T00:00:00Z","end":"2026-01-02T00:00:00Z","projects":[)"
      R"({"id":45,"slug":"web","stats":[{"category":"error","outcomes":{"accepted":3},"totals":{"dropped":0}},)"
      R"({"category":"replay","outcomes":{},"totals":{"dropped":1}}]},)"
      R"({"id":"46","slug":"api","stats":[]},{"id":"47","slug":"ios","stats":[{"category":"error"}]}]})";
  EXPECT_THAT(
      summary_records(answer, kOneDay),
      ElementsAre(
          R"({"date":"2026-01-01T00:00:00Z","projectId":"45","projectSlug":"web","category":"error","outcomes":{"accepted":3},"totals":{"dropped":0}})",
          R"({"date":"2026-01-01T00:00:00Z","projectId":"45","projectSlug":"web","category":"replay","outcomes":{},"totals":{"dropped":1}})",
          R"({"date":"2026-01-01T00:00:00Z","projectId":"47","projectSlug":"ios","category":"error"})"));
}

TEST(SummaryRecords, AreOnlyOfTheDayThatWasAskedFor) {
  for (const char* answer :
       {R"({"start":"2025-12-31T00:00:00Z","projects":[]})", R"({"projects":[]})",
        R"({"start":"2026-01-01T00:00:00Z"})",
        R"({"start":"2026-01-01T00:00:00Z","projects":[{"id":"1","slug":"web"}]})"}) {
    EXPECT_THROW(summary_records(answer, kOneDay), ConnectorError) << answer;
  }
}

}  // namespace
}  // namespace source_sentry
