#include "sentry/source/forecast.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "engine/expand/side_by_side.h"

namespace source_sentry {
namespace {

using How = Counted::How;

/// A list that comes whole is one page.
constexpr std::size_t kMostRows = 1'000'000'000;

std::uint64_t parts(std::uint64_t all, std::uint64_t size) { return (all + size - 1) / size; }

/// All together, as certain as the least certain of them.
Counted sum(const std::vector<Counted>& all) {
  Counted whole{How::kExact, 0};
  std::size_t known = 0;
  for (const Counted& one : all) {
    whole.number += one.number;
    whole.how = std::min(whole.how, one.how);
    known += one.is_known() ? 1 : 0;
  }
  if (known > 0 && known < all.size()) whole.how = How::kAtLeast;
  return whole;
}

/// Of all partitions, from those that were asked about.
Counted for_all(Counted of_asked, const StreamSurvey& survey) {
  const std::size_t asked = survey.rows.size();
  if (asked == 0 || asked == survey.partitions) return of_asked;
  of_asked.number = of_asked.number * survey.partitions / asked;
  of_asked.how = std::min(of_asked.how, How::kAbout);
  return of_asked;
}

std::size_t rows_of_page(const StreamSurvey& survey, const StreamTable& streams) {
  if (survey.page_rows > 0) return survey.page_rows;
  const StreamSpec* spec = streams.find(survey.stream);
  return spec == nullptr ? 1 : std::clamp<std::size_t>(page_cost(*spec).most, 1, kMostRows);
}

class Forecaster {
 public:
  Forecaster(const ForecastTerms& terms, const StreamTable& streams)
      : terms_(terms), streams_(streams) {}

  StreamForecast of(const StreamSurvey& survey) {
    StreamForecast forecast;
    if (survey.is_closed) return forecast;
    const Counted rows = for_all(sum(survey.rows), survey);
    std::vector<Counted> of_each;
    for (const Counted& one : survey.rows) {
      of_each.push_back(
          {one.is_known() ? one.how : How::kAtLeast,
           std::max<std::uint64_t>(parts(one.number, rows_of_page(survey, streams_)), 1)});
    }
    Counted pages = for_all(sum(of_each), survey);
    if (survey.together > 1) {
      pages.number = std::max(parts(rows.number, rows_of_page(survey, streams_)),
                              parts(survey.partitions, survey.together));
    }
    const bool documents = survey.each != StreamSurvey::Each::kNothing;
    forecast.requests = documents ? sum({pages, rows}) : pages;
    forecast.records = survey.each == StreamSurvey::Each::kChildren ? Counted{} : rows;
    if (forecast.records.is_known() && (survey.record_bytes || rows.number == 0)) {
      forecast.bytes = static_cast<std::uint64_t>(
          std::llround(static_cast<double>(rows.number) * survey.record_bytes.value_or(0)));
    }
    const std::size_t workers = lists_at_once(survey);
    forecast.time = take(survey.lists, pages.number, workers, 1);
    if (documents && survey.documents && forecast.time) {
      const auto more = take(*survey.documents, rows.number, workers, kSideBySide);
      forecast.time = std::max(forecast.time, more);
    }
    return forecast;
  }

  /// How long all requests together take that were counted so far: streams share the limits and the
  /// workers.
  Duration together() const {
    Duration longest = busy_ / static_cast<Duration::rep>(std::max<std::size_t>(terms_.workers, 1));
    for (const auto& [group, use] : uses_) {
      longest = std::max(longest, by_limit(use.first, use.second));
    }
    return longest;
  }

 private:
  std::size_t lists_at_once(const StreamSurvey& survey) const {
    const std::size_t lists = parts(survey.partitions, survey.together);
    return std::clamp<std::size_t>(lists, 1, terms_.workers);
  }

  /// The limit that the server states; nothing where it states none.
  std::optional<RateLimit> limit_of(const RequestSample& sample) const {
    if (!sample.rates.limit || *sample.rates.limit <= 0) return std::nullopt;
    const auto usual = terms_.usual.find(sample.rate_group);
    const Duration window =
        usual == terms_.usual.end() ? Duration(std::chrono::seconds(1)) : usual->second.window;
    const auto ours = static_cast<long>(static_cast<double>(*sample.rates.limit) * terms_.share);
    return RateLimit{std::max(ours, 1L), window, sample.rates.concurrent_limit.value_or(0)};
  }

  static Duration by_limit(const RateLimit& limit, std::uint64_t requests) {
    if (limit.requests <= 0 || requests == 0) return {};
    const auto windows = (requests - 1) / static_cast<std::uint64_t>(limit.requests);
    return limit.window * static_cast<Duration::rep>(windows);
  }

  /// How long so many such requests take so many workers, each with `each` of them under way.
  std::optional<Duration> take(const RequestSample& sample, std::uint64_t requests,
                               std::size_t workers, std::size_t each) {
    const auto limit = limit_of(sample);
    std::size_t at_once = workers * each;
    if (limit) {
      auto& [of_group, all] = uses_[sample.rate_group];
      of_group = *limit;
      all += requests;
      if (limit->concurrent > 0) at_once = std::min(at_once, limit->concurrent);
    }
    if (!sample.took) return std::nullopt;
    busy_ += *sample.took * static_cast<Duration::rep>(parts(requests, each));
    const Duration answered = *sample.took * static_cast<Duration::rep>(parts(requests, at_once));
    return limit ? std::max(answered, by_limit(*limit, requests)) : answered;
  }

  const ForecastTerms& terms_;
  const StreamTable& streams_;
  std::map<std::string, std::pair<RateLimit, std::uint64_t>> uses_;  // by group
  Duration busy_{};  // of all workers, one after the other
};

}  // namespace

ReadForecast forecast_of(const std::vector<StreamSurvey>& surveys, const ForecastTerms& terms,
                         const StreamTable& streams) {
  Forecaster forecaster(terms, streams);
  ReadForecast read;
  std::vector<Counted> records, requests;
  std::uint64_t bytes = 0;
  std::optional<Duration> longest;
  for (const StreamSurvey& survey : surveys) {
    const StreamForecast& one = read.streams.emplace_back(forecaster.of(survey));
    if (survey.is_closed) continue;
    records.push_back(one.records);
    requests.push_back(one.requests);
    bytes += one.bytes.value_or(0);
    longest = std::max(longest, one.time);
  }
  read.total = {sum(records), sum(requests), bytes, longest};
  if (longest) read.total.time = std::max(*longest, forecaster.together());
  return read;
}

}  // namespace source_sentry
