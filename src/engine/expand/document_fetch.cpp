#include "engine/expand/document_fetch.h"

#include <spdlog/spdlog.h>

#include <utility>

#include "base/text.h"
#include "engine/expand/side_by_side.h"

namespace source_sentry {
namespace {

/// How often a document that is not valid JSON is asked for.
constexpr int kTriesForValidDocument = 3;

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

/// A cache, or a connection whose answers are one off, may give another one's document.
bool is_of(const RecordView& document, const RecordView& row, const Route& route) {
  if (route.is_meant) return !document.id.empty() && route.means(document.json);
  return same_id(document.id, row.id);
}

}  // namespace

/// One row's document at a time.
struct DocumentFetch::Lane {
  enum class State {
    kNone,      ///< it needs none, or has its answer
    kUnderWay,  ///< it was asked for here
    kOthers,    ///< another worker has asked for it, or an earlier lane
    kHere,      ///< it is in the cache
  };
  Fetcher* fetcher = nullptr;
  State state = State::kNone;
  Route route{};
  Response response{};
  Answer answer{};
  std::shared_ptr<const Document> document{};  // where it is shared
};

DocumentFetch::DocumentFetch(const RowShape& shape, RouteOf route_of, Fetcher& fetcher,
                             DocumentCache* cache)
    : route_of_(std::move(route_of)),
      cache_(cache),
      stop_(fetcher.stop_token()),
      splitter_(shape.id_key, shape.cursor_key),
      companions_(fetcher.companions(kSideBySide)) {
  for (const auto& companion : companions_) lanes_.emplace_back().fetcher = companion.get();
  if (lanes_.empty()) lanes_.emplace_back().fetcher = &fetcher;
}

DocumentFetch::~DocumentFetch() {
  for (Lane& lane : lanes_) {
    if (lane.state != Lane::State::kUnderWay) continue;
    lane.fetcher->cancel();
    if (cache_ != nullptr) cache_->give_back(lane.route.path);
  }
}

void DocumentFetch::run(const std::vector<RecordView>& rows, const Take& take) {
  const auto lane_of = [&](std::size_t row) -> Lane& { return lanes_[row % lanes_.size()]; };
  const auto waits = [&](std::size_t row) {
    return lane_of(row).state == Lane::State::kUnderWay && !lane_of(row).fetcher->send();
  };
  const auto take_next = [&](std::size_t i, std::size_t begun) {
    Lane& lane = lane_of(i);
    if (lane.state == Lane::State::kOthers) {
      // Those may wait for what was asked for here.
      for (std::size_t own = i + 1; own < begun; ++own) finish(lane_of(own), rows[own]);
      wait(lane);
    }
    finish(lane, rows[i]);
    take(rows[i], lane.answer);
    lane.document.reset();
  };
  side_by_side(
      rows.size(), lanes_.size(), [&](std::size_t row) { begin(lane_of(row), rows[row]); }, waits,
      take_next);
}

void DocumentFetch::begin(Lane& lane, const RecordView& row) {
  lane.answer = {};
  lane.state = Lane::State::kNone;
  auto route = route_of_(row);
  if (!route) return;
  lane.route = *std::move(route);
  if (cache_ != nullptr) {
    const auto found = cache_->claim(lane.route.path);
    lane.document = found.document;
    lane.state = found.document ? Lane::State::kHere : Lane::State::kOthers;
    if (!found.mine) return;
  }
  lane.state = Lane::State::kUnderWay;
  lane.fetcher->start(lane.route.target(lane.route.query, nullptr, ""), lane.route);
}

/// For a document that another fetches.
void DocumentFetch::wait(Lane& lane) {
  lane.fetcher->let_others_go();
  const auto found = cache_->wait(lane.route.path, stop_);
  lane.document = found.document;
  lane.state = found.document ? Lane::State::kHere : Lane::State::kUnderWay;
  if (found.mine) lane.fetcher->start(lane.route.target(lane.route.query, nullptr, ""), lane.route);
}

/// Until the lane has its answer, unless another has to fetch it.
void DocumentFetch::finish(Lane& lane, const RecordView& row) {
  if (lane.state == Lane::State::kUnderWay) {
    lane.answer = answer(lane, row);
    lane.state = Lane::State::kNone;
    if (cache_ == nullptr) return;
    const Answer& got = lane.answer;
    lane.document = std::make_shared<const Document>(
        Document{got.whole ? std::string(got.whole->json) : std::string(), got.error, got.status,
                 got.gone, got.refused});
    cache_->put(lane.route.path, lane.document);
  } else if (lane.state == Lane::State::kHere) {
    const Document& document = *lane.document;
    lane.answer.error = document.error;
    lane.answer.status = document.status;
    lane.answer.gone = document.gone;
    lane.answer.refused = document.refused;
    if (!document.error) lane.answer.whole = RecordView{document.json, {}, {}};
    lane.state = Lane::State::kNone;
  }
}

DocumentFetch::Answer DocumentFetch::answer(Lane& lane, const RecordView& row) {
  Answer got;
  for (int attempt = 1;; ++attempt) {
    const Verdict verdict = lane.fetcher->finish(lane.response, {});
    // What is not from Sentry says nothing about the document.
    got.status = verdict.before_server ? 0 : lane.response.status;
    if (verdict.kind != Verdict::Kind::kAccept) {
      got.gone = is_gone(verdict, lane.response.status);
      got.refused = verdict.row_may_be_refused;
      got.error = verdict.error;
      return got;
    }
    auto error = splitter_.split(lane.response.body, RecordSplitter::Root::kObject, page_);
    if (!error && page_.records.empty()) error = SplitError{"an empty object", 0};
    if (!error && !is_of(page_.records.front(), row, lane.route)) {
      error = SplitError{"the document of another id", 0};
    }
    lane.fetcher->note_use(lane.route, !error);
    if (!error) {
      got.whole = page_.records.front();
      return got;
    }
    const std::string what = of_invalid_answer(lane.route, *error, lane.response.body.size());
    if (attempt == kTriesForValidDocument || lane.fetcher->gets_garbage(lane.route)) {
      got.error = ConnectorError(FailureKind::kSystem, what);
      return got;
    }
    if (lane.fetcher->may_warn(what)) spdlog::warn("{} Asking for it again.", what);
    lane.fetcher->pause(backoff(attempt));
    lane.fetcher->start(lane.route.target(lane.route.query, nullptr, ""), lane.route);
  }
}

}  // namespace source_sentry
