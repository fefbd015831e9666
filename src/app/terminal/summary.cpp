#include "app/terminal/summary.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <array>

#include "app/terminal/figures.h"
#include "base/text.h"

namespace source_sentry {
namespace {

using Phase = StreamFigures::Phase;

/// `told`: by reason, the first stream that it was given for.
std::string status_of(const StreamFigures& figures, const ReadEnd& end,
                      std::map<std::string, std::string>& told) {
  const auto failure = end.failures.find(figures.name);
  if (failure != end.failures.end()) {
    const auto [first, is_new] = told.emplace(failure->second, figures.name);
    return "incomplete: " + (is_new ? failure->second : "like " + first->second);
  }
  if (figures.phase == Phase::kComplete) return "complete";
  return figures.phase == Phase::kWaiting ? "not read: stopped before" : "incomplete: stopped";
}

}  // namespace

std::vector<std::string> summary_of(const std::vector<StreamFigures>& streams, const ReadEnd& end,
                                    Duration time, std::size_t width) {
  std::vector<std::array<std::string, 5>> rows;
  std::map<std::string, std::string> told;
  std::uint64_t records = 0;
  std::uint64_t bytes = 0;
  std::size_t complete = 0;
  for (const StreamFigures& figures : streams) {
    records += figures.records;
    bytes += figures.bytes;
    complete += figures.phase == Phase::kComplete && !end.failures.contains(figures.name) ? 1 : 0;
    rows.push_back({figures.name, records_text(figures.records), size_text(figures.bytes),
                    span_text(figures.time), status_of(figures, end, told)});
  }
  std::array<std::size_t, 4> widths{};
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < widths.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::vector<std::string> lines;
  for (const auto& row : rows) {
    std::string line = fmt::format("{:<{}}  {:>{}}  {:>{}}  {:>{}}  ", row[0], widths[0], row[1],
                                   widths[1], row[2], widths[2], row[3], widths[3]);
    constexpr std::size_t kLeastReason = 20;
    const std::size_t room = std::max(width, line.size() + kLeastReason) - line.size();
    const bool fits = width == 0 || row[4].size() <= room;
    line += fits ? row[4] : excerpt(row[4], room - kCut.size());
    lines.push_back(std::move(line));
  }
  std::string last =
      fmt::format("Read {} of {}, {}, in {}", records_text(records),
                  number_of(streams.size(), "stream"), size_text(bytes), span_text(time));
  if (!end.folder.empty()) last += ", into " + end.folder;
  last += ".";
  if (const std::size_t rest = streams.size() - complete; rest > 0) {
    last +=
        fmt::format(" {} {} not complete. ", number_of(rest, "stream"), rest == 1 ? "is" : "are");
    last += end.folder.empty()
                ? "Give what was written to the next read by --state, and it resumes there."
            : end.failures.empty()
                ? "The same command resumes where this run stopped."
                : "Correct what the errors name; the same command resumes where this run stopped.";
  }
  lines.push_back(std::move(last));
  return lines;
}

}  // namespace source_sentry
