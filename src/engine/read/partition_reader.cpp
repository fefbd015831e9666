#include "engine/read/partition_reader.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "engine/read/emptiness.h"
#include "engine/read/list_look.h"
#include "engine/read/list_reader.h"

namespace source_sentry {
namespace {

/// The shortest time for which a plan of sentry.io keeps records. A self-hosted Sentry keeps them
/// for 90 days by default. A record that is missing sooner was not dropped for its age: its issue
/// may have been deleted, or the state is another connector's and names no record.
constexpr std::chrono::days kShortestRetention(30);
/// How often rows that moved meanwhile are looked for. Each look takes a moment, in which more rows
/// may move.
constexpr std::size_t kMostLooks = 3;

std::string route_of_saved_page(const PartitionState& state) {
  const auto& position = state.position();
  return position && position->page ? position->page->route : std::string();
}

}  // namespace

PartitionReader::PartitionReader(PartitionPlan plan, StreamSink& output, Checkpoint checkpoint,
                                 bool full_refresh, Save save,
                                 std::shared_ptr<const RecentRecords> written_before)
    : plan_(std::move(plan)),
      output_(output),
      written_before_(std::move(written_before)),
      state_(plan_, plan_.name.empty() ? output.stream() : output.stream() + " of " + plan_.name,
             std::move(checkpoint), full_refresh, std::move(save)),
      routes_(plan_.routes, route_of_saved_page(state_)),
      writer_(plan_, state_, output_, written_before_.get()),
      windows_(plan_, state_, writer_, routes_),
      series_(plan_, state_, writer_, routes_),
      search_(plan_, routes_),
      until_(whole_seconds(plan_.until)) {
  if (plan_.custom) custom_.emplace(plan_, state_, writer_);
}

Progress PartitionReader::step(Fetcher& fetcher) {
  try {
    return go_on(fetcher);
  } catch (const ConnectorError& error) {
    if (writer_.pages() > 0) throw;
    throw of_seen_owner(fetcher, plan_, error);
  }
}

Progress PartitionReader::go_on(Fetcher& fetcher) {
  fetcher_ = &fetcher;
  if (sweep_) return sweep_->step(fetcher) ? Progress::kMore : Progress::kDone;
  for (;;) {
    const Route& route = routes_.route();
    if (search_.is_in_vain()) {
      leave_search();
      continue;
    }
    const std::uint64_t before = writer_.filter().rows();
    Turn turn = take_turn(route);
    // If the turn ends with another route, the rows are not proof that this search is understood.
    if (turn != Turn::kOtherRoute && writer_.filter().rows() > before) search_.note_found();
    if (turn == Turn::kNoWindows) turn = read_list(route);
    switch (turn) {
      case Turn::kMore:
        return Progress::kMore;
      case Turn::kNoWindows:  // read as a list
      case Turn::kEnd:
        if (doubted_route_answers() || look_again()) break;
        doubted_ = should_hold_data();
        if (doubted_ && plan_.is_batch()) leave_empty_batch();
        if (writer_.filter().rows() == 0 && state_.holes().empty()) {
          const auto answer = question_nothing();
          if (answer == SearchDoubt::Answer::kWaits) return Progress::kWaits;
          if (answer != SearchDoubt::Answer::kBelieved) break;
        }
        if (doubted_) {
          question_emptiness(fetcher, plan_, routes_.route(), name(),
                             *state_.began_with().high_water, search_.holds_more());
        }
        // A list without windows was read again by ListReader.
        if (windows_.has_begun() && writer_.filter().hidden() > 0) fail_for_ties();
        finish();
        if (!state_.holes().empty()) throw state_.holes().error();
        if (state_.full_refresh() || !state_.memory().sweep_is_due()) return Progress::kDone;
        if (search_.has_left()) {
          // The sweep's lists are searched by time as well. What is remembered for it is kept.
          spdlog::warn(
              "{}: this server finds nothing by time, so what changes or is deleted without a new "
              "event is not looked for in this run.",
              name());
          return Progress::kDone;
        }
        state_.save();
        sweep_.emplace(Sweep::Partition{plan_, routes_.index(), state_, output_});
        return Progress::kMore;
      case Turn::kOtherRoute:
        windows_.start_over();
        series_.start_over();
        break;
    }
  }
}

std::string PartitionReader::summary() const {
  const std::string read = writer_.summary(windows_.windows() + series_.windows());
  return sweep_ ? read + "; " + sweep_->summary() : read;
}

PartitionReader::Turn PartitionReader::take_turn(const Route& route) {
  if (plan_.in_windows) return windows_.next(route, until_, *fetcher_);
  if (custom_) {
    return custom_->next(*fetcher_) == CustomWalk::Turn::kEnd ? Turn::kEnd : Turn::kMore;
  }
  if (!plan_.series) return Turn::kNoWindows;
  switch (series_.next(route, until_, *fetcher_)) {
    case SeriesWalk::Turn::kMore:
      return Turn::kMore;
    case SeriesWalk::Turn::kOtherRoute:
      return Turn::kOtherRoute;
    case SeriesWalk::Turn::kEnd:
      break;
  }
  return Turn::kEnd;
}

/// Call this if no row was listed. Any answer but kBelieved and kWaits has started the partition
/// over.
SearchDoubt::Answer PartitionReader::question_nothing() {
  if (plan_.in_windows && windows_.has_begun()) {
    Instant from = std::max(state_.oldest_wanted().value_or(kBeginningOfTime), plan_.from);
    const auto& horizon = routes_.route().horizon;
    if (horizon) from = std::max(from, until_ - *horizon);
    const auto answer =
        search_.question(*fetcher_, {whole_seconds(from), until_}, state_.began_with().shared);
    if (answer == SearchDoubt::Answer::kCameLate) begin_anew();
    if (answer == SearchDoubt::Answer::kInVain) leave_search();
    if (answer != SearchDoubt::Answer::kBelieved) return answer;
  }
  if (!plan_.custom && plan_.owner_unseen && plan_.owner) make_sure_of_owner(*fetcher_, plan_);
  return SearchDoubt::Answer::kBelieved;
}

/// The route's search misses rows that exist: starts over with the next route.
void PartitionReader::leave_search() {
  const Verdict refusal = search_.leave();
  if (plan_.is_batch()) {
    state_.take_back();
    throw *refusal.error;
  }
  routes_.give_up(refusal);
  begin_anew();
}

void PartitionReader::begin_anew() {
  windows_.start_over();
  writer_.filter().forget();
  state_.begin_anew();
}

/// Rows were listed twice in place of others. The next run reads all of them again.
void PartitionReader::fail_for_ties() {
  state_.take_back();
  state_.save();
  throw ConnectorError(
      FailureKind::kSystem,
      number_of(writer_.filter().hidden(), "record") + " of " + name() +
          (writer_.filter().hidden() == 1 ? " was" : " were") +
          " listed twice among others of the same time, so as many may be missing: this "
          "server keeps them in no fixed order. Read the stream again; what is missing comes once "
          "the server lists it.");
}

/// Which of the partitions should hold data is not known here, so each is read by itself, from
/// where the batch began.
void PartitionReader::leave_empty_batch() {
  state_.take_back();
  throw ConnectorError(FailureKind::kSystem, name() + " held data up to " +
                                                 format_instant(*state_.began_with().high_water) +
                                                 " and are empty now.");
}

/// A row that was seen again while the list was read is now newer than the end of reading. If there
/// may be such rows, moves that end to the server's present. Whether it did.
bool PartitionReader::look_again() {
  const auto server_now = windows_.server_now();
  if (!routes_.route().rows_move || !windows_.has_begun()) return false;
  if (plan_.until < plan_.now || !server_now) return false;
  constexpr std::uint64_t kAtOnce = 1;  // a single page shows all rows at one moment
  const bool at_once =
      writer_.pages() - std::exchange(pages_before_look_, writer_.pages()) <= kAtOnce;
  const Instant end = whole_seconds(*server_now);
  if (at_once || end <= until_ || looks_ == kMostLooks) return false;
  ++looks_;
  windows_.go_on_in(routes_.route(), {std::exchange(until_, end), end});
  return true;
}

/// Whether the preferred route, which was given up after errors, answers by now. Starts over with
/// it then.
bool PartitionReader::doubted_route_answers() {
  const Route* const doubted = routes_.doubted();
  // A list that only names records shows no more of them than a list of the records themselves.
  if (doubted == nullptr || doubted->names_only) return false;
  const Route& route = *doubted;
  if (look_at_list(*fetcher_, plan_, route, {.query = route.probe_query}).refusal) {
    spdlog::warn(
        "{} was read by an older route, which may show less than {}: Sentry answers there with "
        "errors to the end. If it is too old for that route, nothing is missing; otherwise read it "
        "again.",
        name(), route.path);
    return false;
  }
  spdlog::warn(
      "The server answers for {} again after errors, and the older route shows less: reading it "
      "again.",
      route.what);
  routes_.go_back_to(route);
  begin_anew();
  return true;
}

/// Warns if records may have come and been dropped again since the saved state.
void PartitionReader::report_lost_interval() const {
  if (state_.full_refresh() || state_.began_with().position || !state_.began_with().high_water)
    return;
  const Instant mark = *state_.began_with().high_water;
  if (windows_.has_begun() && routes_.route().horizon) {
    const Instant edge = plan_.now - *routes_.route().horizon;
    if (mark >= edge) return;
    spdlog::warn(
        "The saved state of {} is of {}, and this Sentry can be asked for nothing older than {}: "
        "what changed in between and not since is lost. Sync more often.",
        name(), format_instant(mark), format_instant(edge));
    return;
  }
  const bool stays_put = windows_.has_begun() && !routes_.route().rows_move;
  if (!plan_.kept_for || !stays_put || writer_.filter().met_saved_second() ||
      plan_.now - mark < kShortestRetention)
    return;
  spdlog::warn(
      "The saved state of {} is of {}, and Sentry no longer holds the record that it ended with. "
      "What came between then and {} and has been dropped since is lost. Sync more often than "
      "Sentry forgets.",
      name(), format_instant(mark),
      writer_.filter().oldest() ? format_instant(*writer_.filter().oldest()) : "now");
}

/// Logs how the number of rows compares with the server's own count.
void PartitionReader::compare_counts() {
  // Holes are reported anyway.
  if (!plan_.count || !state_.holes().empty()) return;
  std::optional<Audit::Line> line;
  try {
    line = writer_.filter().audit().compare(
        [&](const Window& window) { return plan_.count(window, *fetcher_); });
  } catch (const Stopped&) {
    // Everything is read and written. Only the comparison is missing.
  }
  if (!line) return;
  if (line->differs) {
    spdlog::warn("{}: {}", name(), line->text);
  } else {
    spdlog::info("{}: {}", name(), line->text);
  }
}

/// Whether an empty answer is suspicious: the record of the saved mark was asked for again.
bool PartitionReader::should_hold_data() const {
  const auto& mark = state_.began_with().high_water;
  if (state_.full_refresh() || writer_.filter().rows() > 0 || !mark ||
      state_.began_with().position || !state_.holes().empty())
    return false;
  // The mark may be the record of another partition.
  if (state_.began_with().shared) return false;
  if (plan_.gone) return !state_.memory().rows().empty();
  // Whether its route takes in the time that it is given is not known.
  if (plan_.custom) return false;
  if (!plan_.in_windows) return true;
  // Its second was asked for again, unless the bounds or the horizon exclude it.
  Instant from = std::max(whole_seconds(*state_.oldest_wanted()), plan_.from);
  if (const auto horizon = routes_.route().horizon) {
    from = std::max(from, until_ - *horizon);
  }
  return Window{from, until_}.contains(whole_seconds(*mark));
}

std::optional<Instant> PartitionReader::read_to() const {
  if (!routes_.is_preferred() || doubted_) return std::nullopt;
  return until_;
}

void PartitionReader::finish() {
  report_lost_interval();
  compare_counts();
  writer_.filter().warn(windows_.ignored());
  if (state_.holes().empty()) writer_.write_gone(state_.memory().gone(routes_.route().name()));
  state_.finish(until_);
}

PartitionReader::Turn PartitionReader::read_list(const Route& route) {
  const ListReader::Result list = ListReader(plan_, state_, writer_, routes_.is_last_way())
                                      .read(route, state_.oldest_wanted(), *fetcher_);
  if (list.end == ListReader::End::kRefused) {
    routes_.give_up(list.refusal);
    return Turn::kOtherRoute;
  }
  if (plan_.comes_again && *plan_.comes_again) return Turn::kEnd;
  state_.list_done(list.newest);
  return Turn::kEnd;
}

}  // namespace source_sentry
