#include "sentry/source/forecast.h"

#include <gtest/gtest.h>

namespace source_sentry {
namespace {

using How = Counted::How;
using std::chrono::milliseconds;
using std::chrono::seconds;

ForecastTerms terms() {
  ForecastTerms terms;
  terms.workers = 5;
  terms.usual = {{"events", {60, seconds(60), 1}}, {"default", {40, seconds(1), 25}}};
  return terms;
}

RequestSample sample(const char* group, std::optional<long> limit) {
  RequestSample sample{group};
  sample.rates.limit = limit;
  sample.took = milliseconds(100);
  return sample;
}

StreamSurvey events() {
  StreamSurvey survey;
  survey.stream = "events";
  survey.partitions = 2;
  survey.rows = {{How::kExact, 1'205}, {How::kExact, 0}};
  survey.page_rows = 10;
  survey.lists = sample("events", 60);
  survey.record_bytes = 5'000;
  return survey;
}

void expect(const Counted& counted, How how, std::uint64_t number) {
  EXPECT_EQ(counted.how, how);
  EXPECT_EQ(counted.number, number);
}

TEST(Forecast, CountsPagesAndTheTimeOfTheirLimit) {
  const StreamForecast one = forecast_of({events()}, terms()).streams.front();
  expect(one.records, How::kExact, 1'205);
  expect(one.requests, How::kExact, 122);  // 121 pages, and one that is empty
  EXPECT_EQ(one.bytes, 1'205U * 5'000U);
  EXPECT_EQ(one.time, seconds(120)) << "60 at once, and 60 more in each of two minutes";
}

TEST(Forecast, WithoutALimitTakesAsLongAsItsAnswers) {
  StreamSurvey survey = events();
  survey.lists = sample("events", std::nullopt);
  EXPECT_EQ(forecast_of({survey}, terms()).streams.front().time, milliseconds(100) * 61)
      << "two lists are read side by side";
}

TEST(Forecast, UsesItsShareOfTheLimit) {
  ForecastTerms half = terms();
  half.share = 0.5;
  EXPECT_EQ(forecast_of({events()}, half).streams.front().time, seconds(240));
}

TEST(Forecast, AddsADocumentForEachRow) {
  StreamSurvey survey = events();
  survey.page_rows = 100;
  survey.lists = sample("explore", std::nullopt);
  survey.each = StreamSurvey::Each::kDocument;
  survey.documents = sample("default", 40);
  const StreamForecast one = forecast_of({survey}, terms()).streams.front();
  expect(one.requests, How::kExact, 13 + 1 + 1'205);
  EXPECT_EQ(one.time, seconds(30));
}

TEST(Forecast, IsAsCertainAsWhatIsKnown) {
  StreamSurvey survey = events();
  survey.rows = {{How::kAbout, 100}, {How::kExact, 10}};
  expect(forecast_of({survey}, terms()).total.records, How::kAbout, 110);
  survey.rows = {{How::kUnknown, 0}, {How::kExact, 10}};
  expect(forecast_of({survey}, terms()).total.records, How::kAtLeast, 10);
  survey.rows = {{How::kUnknown, 0}, {How::kUnknown, 0}};
  const ReadForecast unknown = forecast_of({survey}, terms());
  expect(unknown.total.records, How::kUnknown, 0);
  expect(unknown.total.requests, How::kAtLeast, 2);
  EXPECT_FALSE(unknown.streams.front().bytes);
  survey.rows = {{How::kExact, 10}, {How::kExact, 20}};
  survey.partitions = 20;
  expect(forecast_of({survey}, terms()).total.records, How::kAbout, 300);
}

TEST(Forecast, ListsPartitionsTogetherWhereAReadDoes) {
  StreamSurvey survey = events();
  survey.partitions = 100;
  survey.rows.assign(100, {How::kExact, 0});
  survey.together = 50;
  expect(forecast_of({survey}, terms()).total.requests, How::kExact, 2);
}

TEST(Forecast, KnowsNothingOfWhatIsClosedAndAddsUpTheRest) {
  StreamSurvey closed = events();
  closed.is_closed = true;
  const ReadForecast read = forecast_of({closed, events(), events()}, terms());
  expect(read.streams.front().records, How::kUnknown, 0);
  expect(read.total.records, How::kExact, 2'410);
  EXPECT_EQ(read.total.time, seconds(240)) << "both streams use the same limit";
}

}  // namespace
}  // namespace source_sentry
