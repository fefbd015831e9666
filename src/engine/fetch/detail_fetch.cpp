#include "engine/fetch/detail_fetch.h"

#include <spdlog/spdlog.h>

#include <stdexcept>
#include <utility>

#include "base/text.h"

namespace source_sentry {
namespace {

/// How often a record that is no valid JSON is asked for.
constexpr int kTriesForValidRecord = 3;
constexpr int kNotFound = 404;

/// Whether two ids are the same, however their UUID is written.
bool same_id(std::string_view a, std::string_view b) {
  if (a == b) return true;
  const auto plain = [](std::string_view id) {
    std::string text = lower(id);
    std::erase(text, '-');
    return text;
  };
  return !a.empty() && plain(a) == plain(b);
}

}  // namespace

/// One request at a time, and its answer.
struct DetailFetch::Lane {
  Fetcher* fetcher = nullptr;
  Route route{};
  Response response{};
};

DetailFetch::DetailFetch(const RowShape& shape, const RouteOf& route_of, Fetcher& fetcher)
    : route_of_(route_of),
      splitter_(shape.id_key, shape.cursor_key),
      companions_(fetcher.companions(kSideBySide)) {
  for (const auto& companion : companions_) lanes_.push_back({companion.get(), {}, {}});
  if (lanes_.empty()) throw std::logic_error("a fetcher of details has nobody to send");
}

DetailFetch::~DetailFetch() {
  for (Lane& lane : lanes_) lane.fetcher->cancel();
}

void DetailFetch::run(const std::vector<RecordView>& rows, const Taker& taker) {
  std::size_t asked = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    // None is sent while an earlier one waits for its turn: it might take the place that the
    // earlier one needs, and its answer would be awaited only after that.
    while (asked < rows.size() && asked < i + lanes_.size()) {
      if (asked > i && !lanes_[(asked - 1) % lanes_.size()].fetcher->send()) break;
      Lane& lane = lanes_[asked % lanes_.size()];
      lane.route = route_of_(rows[asked].id);
      lane.fetcher->start(lane.route.target(lane.route.query, nullptr, ""), lane.route);
      ++asked;
    }
    finish(lanes_[i % lanes_.size()], rows[i], taker);
  }
}

void DetailFetch::finish(Lane& lane, const RecordView& row, const Taker& taker) {
  for (int attempt = 1;; ++attempt) {
    const Verdict verdict = lane.fetcher->finish(lane.response, {});
    // It was listed a moment ago: deleted meanwhile, or forgotten by age. But not where the server
    // has no such route.
    if (lane.response.status == kNotFound && !verdict.not_offered) {
      taker.gone(row);
      return;
    }
    if (verdict.kind != Verdict::Kind::kAccept) {
      (verdict.row_may_be_refused ? taker.refused : taker.failure)(row, *verdict.error);
      return;
    }
    const auto error = splitter_.split(lane.response.body, RecordSplitter::Root::kObject, page_);
    const bool whole = !error && page_.records.size() == 1;
    // A cache, or a connection whose answers are one off, may give another record.
    if (whole && same_id(page_.records.front().id, row.id)) {
      taker.record(row, page_.records.front());
      return;
    }
    const std::string what = "Sentry's answer for " + lane.route.what + " is not valid: " +
                             (error   ? error->what
                              : whole ? "the record of another id"
                                      : "an empty object") +
                             ".";
    if (attempt == kTriesForValidRecord) {
      taker.failure(row, ConnectorError(FailureKind::kSystem, what));
      return;
    }
    if (lane.fetcher->may_warn(what)) spdlog::warn("{} Asking for it again.", what);
    lane.fetcher->pause(backoff(attempt));
    lane.fetcher->start(lane.route.target(lane.route.query, nullptr, ""), lane.route);
  }
}

}  // namespace source_sentry
