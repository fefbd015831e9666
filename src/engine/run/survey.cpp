#include "engine/run/survey.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>

#include "engine/expand/document_fetch.h"
#include "engine/fetch/page_walk.h"
#include "engine/series/days.h"
#include "engine/state/checkpoint.h"

namespace source_sentry {
namespace {

using How = Counted::How;

constexpr std::size_t kMostAsked = 100;
constexpr std::size_t kMostAtOnce = 8;
/// Of lists whose rows are counted in another way, so many are looked into.
constexpr std::size_t kMostLookedInto = 3;

/// What was found out about one partition.
struct Finding {
  Counted rows;
  std::optional<Refusal> refusal{};
  std::size_t page_rows = 0;  // if there is more than that page
  std::size_t seen = 0;       // rows
  std::uint64_t bytes = 0;    // of those
  RateHeaders rates{};
  std::optional<Duration> took{};
  std::string first_row{};  // as it was listed, and its id
  std::string first_id{};
  bool names_only = false;
  std::string rate_group{};
};

/// Runs `work` for each of `count` indexes, several at a time, each with a fetcher. What it throws
/// ends all of it.
void all_at_once(std::size_t count, const SyncContext& context,
                 const std::function<void(std::size_t, Fetcher&)>& work) {
  std::atomic<std::size_t> next = 0;
  std::mutex mutex;
  std::exception_ptr failure;
  bool stopped = false;
  const auto loop = [&] {
    try {
      const auto client = context.make_client();
      Fetcher fetcher(*client, context.judge, context.pacer, context.clock, context.stop);
      for (std::size_t mine; (mine = next++) < count;) work(mine, fetcher);
    } catch (const Stopped&) {
      const std::scoped_lock lock(mutex);
      stopped = true;
      next = count;
    } catch (...) {
      const std::scoped_lock lock(mutex);
      failure = std::current_exception();
      next = count;
    }
  };
  {
    std::vector<std::jthread> threads;
    try {
      while (threads.size() + 1 < std::min(count, kMostAtOnce)) threads.emplace_back(loop);
    } catch (const std::exception&) {
      // A limit of processes or memory leaves fewer threads, or none.
    }
    loop();
  }
  if (stopped) throw Stopped();
  if (failure) std::rethrow_exception(failure);
}

/// Those that stand for all, in their order.
std::vector<std::size_t> evenly(std::size_t all, std::size_t most) {
  std::vector<std::size_t> chosen;
  const std::size_t count = std::min(all, most);
  for (std::size_t i = 0; i < count; ++i) chosen.push_back(i * all / count);
  return chosen;
}

/// Lets the partition begin where a read would; whether that is not its beginning.
bool resume(PartitionPlan& plan, const Partition& partition, const StreamJob& job) {
  if (job.saved_state.is_null() || job.cursor_key.empty()) return false;
  if (!plan.in_windows && !plan.series) return false;
  const Checkpoint saved = Checkpoint::read(job.saved_state, job.cursor_key, partition);
  std::optional<Instant> from;
  if (saved.position && saved.position->full_refresh == job.full_refresh) {
    from = saved.position->read_until;
  } else if (saved.high_water && !job.full_refresh) {
    from = *saved.high_water - plan.lookback;
  }
  if (!from || *from <= plan.from) return false;
  plan.from = std::min(*from, plan.until);
  return true;
}

/// How many rows the list has, as far as its first page says.
Counted rows_of(const PageWalk& walk) {
  if (walk.last()) return {How::kExact, walk.rows()};
  const auto counted = walk.counted();
  if (!counted || *counted < walk.rows()) return {How::kAtLeast, walk.rows()};
  return {walk.count_is_capped() ? How::kAtLeast : How::kAbout, *counted};
}

/// Of a time series: as many records for every day as on the newest one.
void take_day(const PartitionPlan& plan, const RecordView& answer, Finding& found) {
  const Window whole = whole_days({plan.from, plan.until});
  const auto records = plan.series->records(answer.json, newest_day(plan));
  found.seen = records.size();
  for (const std::string& record : records) found.bytes += record.size();
  found.page_rows = records.size() * static_cast<std::size_t>(plan.series->days);
  const auto days = std::chrono::floor<std::chrono::days>(whole.to - whole.from).count();
  found.rows = {How::kAbout, records.size() * static_cast<std::uint64_t>(days)};
}

/// Looks at the first page of the list.
Finding look_into(PartitionPlan plan, const SyncContext& context, Fetcher& fetcher) {
  Finding found;
  if (plan.custom) {
    // How many parents there are, and what each leads to, takes a read to know.
    found.took = Duration::zero();
    found.rate_group = plan.routes.front().rate_group;
    return found;
  }
  const Instant begun = context.clock.steady_now();
  const TakePage take = [&](PageWalk& walk, const Route& route) {
    found.took = context.clock.steady_now() - begun;
    found.rates = walk.rates();
    found.rate_group = route.rate_group;
    found.names_only = route.names_only;
    found.rows = rows_of(walk);
    if (!walk.last()) found.page_rows = walk.rows();
    if (plan.series) {
      take_day(plan, walk.records().records.front(), found);
      return;
    }
    for (const RecordView& row : walk.records().records) {
      if (found.seen++ == 0) {
        found.first_row = row.json;
        found.first_id = row.id;
      }
      found.bytes += row.json.size();
    }
  };
  try {
    found.refusal = with_first_page(plan, 0, fetcher, take);
  } catch (const ConnectorError& error) {
    found.refusal = Refusal{error};
  }
  return found;
}

class Survey {
 public:
  Survey(const StreamJob& job, const SyncContext& context) : context_(context) {
    survey_.stream = job.name;
    const auto client = context.make_client();
    Fetcher fetcher(*client, context.judge, context.pacer, context.clock, context.stop);
    plan_ = job.plan(fetcher);
    if (plan_.plans.empty() && plan_.gap) close({*plan_.gap});
    survey_.partitions = plan_.plans.size();
    if (plan_.batching) survey_.together = plan_.batching->most;
    for (std::size_t i = 0; i < plan_.plans.size(); ++i) {
      survey_.resumes = resume(plan_.plans[i], plan_.partitions[i], job) || survey_.resumes;
      take_range(plan_.plans[i]);
    }
    // A full refresh is read partition by partition, and so is what has no state.
    if (!survey_.resumes) survey_.together = 1;
  }

  StreamSurvey run() {
    if (plan_.plans.empty()) return std::move(survey_);
    const PartitionPlan& first = plan_.plans.front();
    survey_.lists.rate_group = first.routes.front().rate_group;
    chosen_ = evenly(plan_.plans.size(), kMostAsked);
    std::vector<Finding> found(chosen_.size());
    if (first.shape.root == RecordSplitter::Root::kObject && !first.series) {
      for (Finding& one : found) one.rows = {How::kExact, 1};
    } else {
      all_at_once(chosen_.size(), context_, [&](std::size_t i, Fetcher& fetcher) {
        const PartitionPlan& plan = plan_.plans[chosen_[i]];
        found[i] = plan.count ? count(plan, fetcher) : look_into(plan, context_, fetcher);
      });
    }
    const bool looked_into = std::any_of(
        found.begin(), found.end(), [](const Finding& one) { return one.took || one.refusal; });
    if (!looked_into) look_into_largest(found);
    conclude(found);
    look_at_document(found);
    return std::move(survey_);
  }

 private:
  void close(Refusal refusal) {
    survey_.refusal = std::move(refusal);
    survey_.is_closed = true;
  }

  /// The whole range of all partitions, as far back as servers keep what is in it.
  void take_range(const PartitionPlan& plan) {
    if (!plan.in_windows && !plan.series) return;
    const Window range = range_of(plan);
    if (!survey_.range) survey_.range = range;
    survey_.range->from = std::min(survey_.range->from, range.from);
    survey_.range->to = std::max(survey_.range->to, range.to);
  }

  static Window range_of(const PartitionPlan& plan) {
    Instant from = plan.from;
    if (plan.kept_for) from = std::max(from, plan.now - *plan.kept_for);
    return {std::min(whole_seconds(from), plan.until), plan.until};
  }

  static Finding count(const PartitionPlan& plan, Fetcher& fetcher) {
    Finding found;
    Window range = range_of(plan);
    range.to = whole_seconds(range.to);
    if (const auto rows = plan.count(range, fetcher)) found.rows = {How::kExact, *rows};
    return found;
  }

  /// Rows were counted in another way than by lists: a few lists show how large records are, and
  /// whether they may be read at all.
  void look_into_largest(std::vector<Finding>& found) {
    std::vector<std::size_t> order(found.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
      return found[a].rows.number > found[b].rows.number;
    });
    if (order.size() > kMostLookedInto) order.resize(kMostLookedInto);
    // One is enough where it holds something.
    if (found[order.front()].rows.number > 0) order.resize(1);
    all_at_once(order.size(), context_, [&](std::size_t i, Fetcher& fetcher) {
      const PartitionPlan& plan = plan_.plans[chosen_[order[i]]];
      Finding looked = look_into(plan, context_, fetcher);
      if (found[order[i]].rows.is_known()) looked.rows = found[order[i]].rows;
      found[order[i]] = std::move(looked);
    });
    // A count may be open to a token that may read none of what is counted.
    const bool none = std::all_of(order.begin(), order.end(),
                                  [&](std::size_t one) { return found[one].refusal.has_value(); });
    if (none) close(*found[order.front()].refusal);
  }

  void conclude(std::vector<Finding>& found) {
    std::size_t seen = 0;
    std::uint64_t bytes = 0;
    std::vector<Duration> times;
    for (Finding& one : found) {
      survey_.rows.push_back(one.rows);
      survey_.page_rows = std::max(survey_.page_rows, one.page_rows);
      seen += one.seen;
      bytes += one.bytes;
      if (one.took) times.push_back(*one.took);
      if (one.rates.limit) survey_.lists.rates = one.rates;
      if (!one.rate_group.empty()) survey_.lists.rate_group = one.rate_group;
      if (!one.refusal) continue;
      if (survey_.refused++ == 0) survey_.refusal = std::move(one.refusal);
    }
    survey_.is_closed = survey_.is_closed || survey_.refused == found.size();
    if (seen > 0) survey_.record_bytes = static_cast<double>(bytes) / static_cast<double>(seen);
    if (times.empty()) return;
    // Some have waited for the server's limit.
    std::sort(times.begin(), times.end());
    survey_.lists.took = times[times.size() / 2];
  }

  /// What each row takes besides, and how large that is.
  void look_at_document(const std::vector<Finding>& found) {
    const auto shown = std::find_if(found.begin(), found.end(),
                                    [](const Finding& one) { return !one.first_row.empty(); });
    if (shown == found.end()) return;
    const auto at = static_cast<std::size_t>(shown - found.begin());
    const PartitionPlan& plan = plan_.plans[chosen_[at]];
    std::optional<Route> route;
    if (shown->names_only && plan.detail) {
      route = plan.detail(shown->first_id);
    } else if (plan.expansion) {
      route = plan.expansion.route(shown->first_row);
    }
    if (!route) return;
    const bool children = plan.expansion.list.has_value();
    survey_.each = children ? StreamSurvey::Each::kChildren : StreamSurvey::Each::kDocument;
    const auto client = context_.make_client();
    Fetcher fetcher(*client, context_.judge, context_.pacer, context_.clock, context_.stop);
    Response response;
    const Instant begun = context_.clock.steady_now();
    const Verdict verdict =
        fetcher.fetch(route->target(route->query, nullptr, ""), *route, response, {});
    survey_.documents = {route->rate_group, read_rate_headers(response),
                         context_.clock.steady_now() - begun};
    if (verdict.kind == Verdict::Kind::kAccept) {
      if (!children) measure(plan, *shown, response.body);
    } else if (const Refusal refusal = refusal_of(verdict, response.status);
               refusal.forbidden && !can_do_without(plan, *shown, refusal, response.status)) {
      close(refusal);
    }
  }

  /// Whether the row is a record all the same, if less of one.
  static bool can_do_without(const PartitionPlan& plan, const Finding& shown,
                             const Refusal& refusal, int status) {
    if (shown.names_only || !plan.expansion.record) return false;
    DocumentFetch::Answer answer;
    answer.error = refusal.error;
    answer.status = status;
    try {
      return plan.expansion.record(shown.first_row, answer).has_value();
    } catch (const ConnectorError&) {
      return false;
    }
  }

  /// What the document makes of its row.
  void measure(const PartitionPlan& plan, const Finding& shown, const std::string& document) {
    if (shown.names_only) {
      survey_.record_bytes = static_cast<double>(document.size());
      return;
    }
    DocumentFetch::Answer answer;
    answer.whole = RecordView{document, {}, {}};
    const auto made = plan.expansion.record(shown.first_row, answer);
    if (!made) return;
    survey_.record_bytes = *survey_.record_bytes + static_cast<double>(made->size()) -
                           static_cast<double>(shown.first_row.size());
  }

  const SyncContext& context_;
  StreamPlan plan_;
  std::vector<std::size_t> chosen_;  // the partitions that are asked about
  StreamSurvey survey_;
};

}  // namespace

StreamSurvey survey_of(const StreamJob& job, const SyncContext& context) {
  return Survey(job, context).run();
}

}  // namespace source_sentry
