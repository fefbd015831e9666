#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "engine/plan/stream_plan.h"
#include "fakes/fake_clock.h"
#include "fakes/fake_http.h"

namespace source_sentry {

/// A list as Sentry serves it: newest first, paged by offset along Link headers, cut to start..end.
struct FakeList {
  struct Row {
    std::string id;
    Instant when;
    std::optional<Instant> received{};  // shown where it is set, and then what rows are listed by
    std::optional<Instant> searched{};  // what windows go by in place of `when`

    Instant place() const { return received.value_or(searched.value_or(when)); }
  };
  mutable std::vector<Row> rows;  // sorted when first asked
  std::size_t page_size = 10;
  bool heeds_windows = true;
  bool page_numbers = false;  // cursors are `size:page:0` in place of `0:row:0`

  bool oldest_first = false;
  bool heeds_end = false;  // where windows are ignored, their end is not

  static bool newer(const Row& a, const Row& b) { return a.place() > b.place(); }

  static std::map<std::string, std::string> parameters(const std::string& target) {
    std::map<std::string, std::string> found;
    std::size_t at = target.find('?');
    while (at != std::string::npos) {
      const std::size_t next = target.find('&', at + 1);
      const std::string pair =
          target.substr(at + 1, next == std::string::npos ? next : next - at - 1);
      const std::size_t equals = pair.find('=');
      std::string value = pair.substr(equals + 1);
      for (std::size_t colon; (colon = value.find("%3A")) != std::string::npos;) {
        value.replace(colon, 3, ":");
      }
      found[pair.substr(0, equals)] = value;
      at = next;
    }
    return found;
  }

  Response operator()(const std::string& target) const {
    auto wanted = parameters(target);
    if (!std::is_sorted(rows.begin(), rows.end(), newer)) {
      std::stable_sort(rows.begin(), rows.end(), newer);
    }
    auto first = rows.cbegin();
    auto last = rows.cend();
    if (heeds_windows && !wanted["start"].empty()) {
      const Instant start = *parse_instant(wanted["start"]);
      const Instant end = *parse_instant(wanted["end"]);
      first = std::partition_point(first, last, [&](const Row& row) { return row.place() >= end; });
      last =
          std::partition_point(first, last, [&](const Row& row) { return row.place() >= start; });
    } else if (heeds_end && !wanted["start"].empty()) {
      const Instant end = *parse_instant(wanted["end"]);
      first = std::partition_point(first, last, [&](const Row& row) { return row.place() >= end; });
    }
    const auto count = static_cast<std::size_t>(last - first);
    const std::size_t size = wanted["per_page"].empty()
                                 ? page_size
                                 : std::min<std::size_t>(page_size, std::stoul(wanted["per_page"]));
    std::size_t offset = 0;
    const std::string begin = page_numbers ? std::to_string(size) + ":" : "0:";
    if (const std::string& cursor = wanted["cursor"]; !cursor.empty()) {
      // Page numbers are of pages of any size, and no others follow than of the size asked for.
      const std::size_t colon = cursor.find(':');
      if (!page_numbers ? !cursor.starts_with(begin) : colon == std::string::npos) {
        return answer(400, R"({"detail":"Invalid cursor parameter."})");
      }
      offset = std::stoul(cursor.substr(colon + 1)) * (page_numbers ? std::stoul(cursor) : 1);
    }
    std::string body = "[";
    for (std::size_t i = offset; i < std::min(offset + size, count); ++i) {
      const std::size_t at = oldest_first ? count - 1 - i : i;
      const Row& row = *(first + static_cast<std::ptrdiff_t>(at));
      body += (i > offset ? "," : "") + std::string(R"({"id":")") + row.id +
              R"(","dateCreated":")" + format_instant(row.when) + "\"" +
              (row.received ? R"(,"dateReceived":")" + format_instant(*row.received) + "\"" : "") +
              "}";
    }
    const bool more = offset + size < count;
    const std::string link =
        "<u>; rel=\"previous\"; results=\"false\"; cursor=\"0:0:1\", <u>; "
        "rel=\"next\"; results=\"" +
        std::string(more ? "true" : "false") + "\"; cursor=\"" + begin +
        std::to_string(page_numbers ? offset / size + 1 : offset + size) + ":0\"";
    return answer(200, body + "]", {{"link", link}});
  }

  /// How many rows there are in a window.
  std::uint64_t count(const Window& window) const {
    return static_cast<std::uint64_t>(std::count_if(
        rows.begin(), rows.end(), [&](const Row& row) { return window.contains(row.place()); }));
  }

  /// A plan for this list.
  PartitionPlan plan(Instant now) const {
    PartitionPlan plan;
    Route route;
    route.path = "list/";
    route.query = "full=true";
    route.probe_query = "per_page=1";
    route.window_query = [](const Window& window) {
      return "start=" + format_seconds(window.from) + "&end=" + format_seconds(window.to);
    };
    route.sorted = true;
    route.rate_group = "default";
    route.what = "the list";
    route.scopes = "list:read";
    plan.routes = {route};
    plan.shape.id_key = "id";
    plan.shape.cursor_key = "dateCreated";
    plan.in_windows = true;
    plan.shape.page_rows = page_size;
    plan.now = now;
    plan.until = now;
    return plan;
  }
};

/// One row a minute, the newest first.
inline FakeList list_of(std::size_t rows, std::size_t page_size) {
  FakeList list;
  list.page_size = page_size;
  for (std::size_t i = 0; i < rows; ++i) {
    list.rows.push_back({"r" + std::to_string(i), kNow - std::chrono::minutes(i + 1)});
  }
  return list;
}

/// The plainest rules for answers: 200 is good, 413 asks for less, 429 is a limit, 5xx passes, the
/// rest does not.
inline Verdict plain_judge(const Response& response, const Route& route) {
  Verdict verdict;
  const std::string what = route.what + ": " + std::to_string(response.status);
  if (response.ok()) return verdict;
  verdict.error = ConnectorError(FailureKind::kConfig, what);
  verdict.kind = Verdict::Kind::kRefuse;
  verdict.other_route_may_help =
      response.status == 404 || response.status == 400 || response.status == 500;
  verdict.smaller_window_may_help = response.status == 413;
  verdict.row_may_be_refused = response.status == 400 || response.status == 403 ||
                               response.status == 404 || response.status == 422;
  verdict.timed_out = response.problem == TransportProblem::kTimeout;
  verdict.server_may_be_busy = response.status == 503;
  verdict.data_may_be_bad = response.status == 500 || response.status == 502 ||
                            verdict.server_may_be_busy || verdict.timed_out;
  if (response.status >= 500 || response.status == 413 ||
      response.problem != TransportProblem::kNone) {
    verdict.kind = Verdict::Kind::kRetry;
    verdict.error = ConnectorError(FailureKind::kTransient, what);
  }
  if (response.status == 429) {
    verdict.kind = Verdict::Kind::kRateLimited;
    if (const auto wait = response.header("retry-after")) {
      verdict.wait = std::chrono::seconds(std::stoi(std::string(*wait)));
    }
  }
  return verdict;
}

}  // namespace source_sentry
