#include "engine/read/partition_reader.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "engine/read/emptiness.h"
#include "engine/read/list_reader.h"
#include "engine/read/search_proof.h"

namespace source_sentry {
namespace {

/// The least that a plan of sentry.io keeps; a self-hosted Sentry keeps 90 days unless told
/// otherwise. Before that a record may be missing because its issue was deleted, or because the
/// state is another connector's and names no record.
constexpr std::chrono::days kShortestRetention(30);
/// How often what moved meanwhile is looked for: each look takes a moment, in which more may move.
constexpr std::size_t kMostLooks = 3;

}  // namespace

PartitionReader::PartitionReader(PartitionPlan plan, StreamSink& output, Checkpoint checkpoint,
                                 bool full_refresh, Save save,
                                 std::shared_ptr<const RecentRecords> written_before)
    : plan_(std::move(plan)),
      output_(output),
      name_(plan_.name.empty() ? output.stream() : output.stream() + " of " + plan_.name),
      checkpoint_(std::move(checkpoint)),
      full_refresh_(full_refresh),
      save_(std::move(save)),
      written_before_(std::move(written_before)),
      holes_(name_),
      look_back_(plan_, checkpoint_),
      memory_(plan_, checkpoint_),
      audit_(plan_.now),
      until_(whole_seconds(plan_.until)),
      writer_({plan_, name_, output, began_with_, checkpoint_, late_, look_back_, memory_, audit_,
               holes_, written_before_.get()}),
      windows_({plan_, name_, full_refresh_, oldest_wanted_, checkpoint_, holes_, audit_, writer_,
                [this] { this->save(); }, [this](Instant until) { come_to(until); },
                [this](const Verdict& refusal) { route_->give_up(refusal); },
                [this] { return route_->is_last_way(); }}) {
  // A full refresh starts over, unless the state is of one that did not get to its end.
  const bool goes_on = checkpoint_.position && checkpoint_.position->full_refresh;
  if (full_refresh_ && !goes_on) checkpoint_ = Checkpoint();
  if (const auto latest = checkpoint_.clamp(plan_.now)) {
    spdlog::warn(
        "The saved state of {} is in the future ({}); continuing from Sentry's own time, {}.",
        name(), format_instant(*latest), format_instant(plan_.now));
  }
  look_back_.begin(full_refresh_);
  // Lists of whole seconds give a row of the saved value's own second a time before a value with a
  // fraction.
  if (checkpoint_.high_water) {
    oldest_wanted_ = whole_seconds(*checkpoint_.high_water) - plan_.lookback;
    late_ = LateLook::make(plan_, checkpoint_, *oldest_wanted_);
  }
  const Instant from = memory_.begin(full_refresh_, oldest_wanted_.value_or(kBeginningOfTime));
  if (oldest_wanted_) oldest_wanted_ = from;
  if (late_) oldest_wanted_ = std::min(*oldest_wanted_, late_->window().from);
  looks_for_all_late_ =
      plan_.late_window > Duration::zero() && !full_refresh_ && !checkpoint_.position;
  if (!late_) note_late(until_);
  began_with_ = checkpoint_;
  const bool has_page = checkpoint_.position && checkpoint_.position->page;
  route_.emplace(plan_.routes, has_page ? checkpoint_.position->page->route : std::string());
}

Progress PartitionReader::step(Fetcher& fetcher) {
  fetcher_ = &fetcher;
  if (sweep_) return sweep_->step(fetcher);
  for (;;) {
    const Route& route = route_->route();
    if (route.window_query && plan_.trust && plan_.trust->in_vain(route_->index())) {
      leave_search();
      continue;
    }
    Turn turn = plan_.in_windows ? windows_.next(route, until_, fetcher) : Turn::kNoWindows;
    if (turn == Turn::kNoWindows) turn = read_list(route);
    note_search();
    switch (turn) {
      case Turn::kMore:
        return Progress::kMore;
      case Turn::kStopped:
        return Progress::kStopped;
      case Turn::kNoWindows:  // read as a list
      case Turn::kEnd:
        if (doubted_route_answers() || look_again()) break;
        doubted_ = should_hold_data();
        if (doubted_ && plan_.is_batch()) leave_empty_batch();
        if (writer_.rows() == 0 && holes_.empty()) {
          bool read_anew = false;
          if (const auto progress = question_nothing(read_anew)) return *progress;
          if (read_anew) break;
        }
        if (doubted_ && !question_emptiness(fetcher, plan_, route_->route(), name(),
                                            *began_with_.high_water, holds_more_)) {
          return Progress::kStopped;
        }
        // A list that is none of windows was had in another way.
        if (windows_.has_begun() && writer_.hidden() > 0) fail_for_ties();
        finish();
        if (!holes_.empty()) throw holes_.error();
        if (full_refresh_ || !Sweep::is_due(plan_, checkpoint_)) return Progress::kDone;
        if (search_left_) {
          // Its lists would be searched by time, too; what is remembered for it stays.
          spdlog::warn(
              "{}: this server finds nothing by time, so what changes or is deleted without a new "
              "event is not looked for in this run.",
              name());
          return Progress::kDone;
        }
        save();
        sweep_.emplace(Sweep::Partition{plan_, route_->index(), name_, output_, checkpoint_},
                       [this] { save(); });
        return Progress::kMore;
      case Turn::kOtherRoute:
        windows_.start_over();
        break;
    }
  }
}

std::string PartitionReader::summary() const {
  const std::string read = writer_.summary(windows_.windows());
  return sweep_ ? read + "; " + sweep_->summary() : read;
}

/// A search that has found something is understood, also where others found nothing by it.
void PartitionReader::note_search() {
  const bool found = writer_.rows() > 0 && route_->route().window_query;
  if (plan_.trust && found) plan_.trust->note_found(route_->index());
}

/// Nothing was listed at all. Returns how the step ends, if it does; `read_anew`: what was read
/// cannot be believed.
std::optional<Progress> PartitionReader::question_nothing(bool& read_anew) {
  if (plan_.in_windows && windows_.has_begun()) {
    const auto progress = question_the_search(read_anew);
    if (progress || read_anew) return progress;
  }
  if (!plan_.owner_unseen || !plan_.owner) return std::nullopt;
  return owner_exists(*fetcher_, plan_) ? std::nullopt : std::optional(Progress::kStopped);
}

std::optional<Progress> PartitionReader::question_the_search(bool& read_anew) {
  const Route& route = route_->route();
  const std::size_t index = route_->index();
  if (route.window_query) {
    // Such a mark is another partition's that a search has found, and of a search for all of them.
    if (began_with_.shared || (plan_.trust && plan_.trust->understood(index))) return std::nullopt;
    if (plan_.trust && !std::exchange(waited_, true)) return Progress::kWaits;
  }
  Instant from = std::max(oldest_wanted_.value_or(kBeginningOfTime), plan_.from);
  if (route.horizon) from = std::max(from, until_ - *route.horizon);
  auto answer = question_search(*fetcher_, plan_, route, {whole_seconds(from), until_});
  // It is read anew once; a search that shows it then to a look only is none.
  if (answer == SearchAnswer::kCameLate && std::exchange(came_late_, true)) {
    answer = SearchAnswer::kInVain;
  }
  switch (answer) {
    case SearchAnswer::kStopped:
      return Progress::kStopped;
    case SearchAnswer::kFinds:
      holds_more_ = true;
      if (plan_.trust) plan_.trust->note_found(index);
      break;
    case SearchAnswer::kNothing:
      if (route.window_query) holds_more_ = false;
      break;
    case SearchAnswer::kCameLate:
      begin_anew();
      read_anew = true;
      break;
    case SearchAnswer::kInVain:
      if (plan_.trust && route.window_query) plan_.trust->note_in_vain(index);
      leave_search();
      read_anew = true;
      break;
  }
  return std::nullopt;
}

/// The route finds nothing where there is something: the next one asks in another way.
void PartitionReader::leave_search() {
  const Route& route = route_->route();
  search_left_ = true;
  Verdict refusal;
  refusal.kind = Verdict::Kind::kRefuse;
  refusal.other_route_may_help = true;
  refusal.in_vain = true;
  refusal.error = ConnectorError(
      FailureKind::kSystem,
      "The server finds nothing when " + route.what +
          " are searched by time, though it lists some of that time without a search. Check that "
          "it is one of those that docs/compatibility.md names.",
      route.path + " does not understand the search by time");
  if (plan_.is_batch()) {
    checkpoint_ = began_with_;
    windows_.forget_look_back();
    throw *refusal.error;
  }
  route_->give_up(refusal);
  begin_anew();
}

void PartitionReader::begin_anew() {
  windows_.start_over();
  writer_.forget();
  checkpoint_ = began_with_;
  holes_ = Holes(name());
}

/// Rows came twice in the place of others: all of them are read again next time.
void PartitionReader::fail_for_ties() {
  checkpoint_ = began_with_;
  save();
  throw ConnectorError(
      FailureKind::kSystem,
      number_of(writer_.hidden(), "record") + " of " + name() +
          (writer_.hidden() == 1 ? " was" : " were") +
          " listed twice among others of the same time, so as many may be missing: this "
          "server keeps them in no fixed order. Read the stream again; what is missing comes once "
          "the server lists it.");
}

/// Which of its partitions should hold something each is asked by itself, from where the batch
/// began.
void PartitionReader::leave_empty_batch() {
  checkpoint_ = began_with_;
  windows_.forget_look_back();
  throw ConnectorError(FailureKind::kSystem, name() + " held data up to " +
                                                 format_instant(*began_with_.high_water) +
                                                 " and are empty now.");
}

Checkpoint PartitionReader::place() const {
  Checkpoint place = checkpoint();
  // The page is one of a list that nobody asks for any more; its window is read again.
  if (place.position) place.position->page.reset();
  if (!windows_.looked_back() && !began_with_.position) place.position.reset();
  return place;
}

/// What was seen again while the list was read lies behind the end that was set when it began.
bool PartitionReader::look_again() {
  const auto server_now = windows_.server_now();
  if (!route_->route().rows_move || !windows_.has_begun()) return false;
  if (plan_.until < plan_.now || !server_now) return false;
  constexpr std::uint64_t kAtOnce = 1;  // a single page shows all as it is at one moment
  const bool at_once =
      writer_.pages() - std::exchange(pages_before_look_, writer_.pages()) <= kAtOnce;
  const Instant end = whole_seconds(*server_now);
  if (at_once || end <= until_ || looks_ == kMostLooks) return false;
  ++looks_;
  windows_.go_on_in(route_->route(), {std::exchange(until_, end), end});
  return true;
}

bool PartitionReader::doubted_route_answers() {
  const Route* const doubted = route_->doubted();
  // Rows that only name records name none that a list of the records themselves would lack.
  if (doubted == nullptr || doubted->names_only) return false;
  const Route& route = *doubted;
  PageWalk walk(*fetcher_, plan_.listing(route), route.probe_query, nullptr, "");
  const PageWalk::Turn turn = walk.next(false);
  if (turn == PageWalk::Turn::kRefused) {
    spdlog::warn(
        "{} was read by an older route, which may show less than {}: Sentry answers there with "
        "errors to the end. If it is too old for that route, nothing is missing; otherwise read it "
        "again.",
        name(), route.path);
  }
  if (turn != PageWalk::Turn::kPage) return false;
  spdlog::warn(
      "The server answers for {} again after errors, and the older route shows less: reading it "
      "again.",
      route.what);
  route_->go_back_to(route);
  begin_anew();
  return true;
}

void PartitionReader::report_lost_interval() const {
  if (full_refresh_ || began_with_.position || !began_with_.high_water) return;
  const Instant mark = *began_with_.high_water;
  if (windows_.has_begun() && route_->route().horizon) {
    const Instant edge = plan_.now - *route_->route().horizon;
    if (mark >= edge) return;
    spdlog::warn(
        "The saved state of {} is of {}, and this Sentry can be asked for nothing older than {}: "
        "what changed in between and not since is lost. Sync more often.",
        name(), format_instant(mark), format_instant(edge));
    return;
  }
  const bool stays_put = windows_.has_begun() && !route_->route().rows_move;
  if (!plan_.kept_for || !stays_put || writer_.met_saved_second() ||
      plan_.now - mark < kShortestRetention)
    return;
  spdlog::warn(
      "The saved state of {} is of {}, and Sentry no longer holds the record that it ended with. "
      "What came between then and {} and has been dropped since is lost. Sync more often than "
      "Sentry forgets.",
      name(), format_instant(mark), writer_.oldest() ? format_instant(*writer_.oldest()) : "now");
}

void PartitionReader::compare_counts() {
  // What was left out is told anyway.
  if (!plan_.count || !holes_.empty()) return;
  const auto line =
      audit_.compare([&](const Window& window) { return plan_.count(window, *fetcher_); });
  if (!line) return;
  if (line->differs) {
    spdlog::warn("{}: {}", name(), line->text);
  } else {
    spdlog::info("{}: {}", name(), line->text);
  }
}

bool PartitionReader::should_hold_data() const {
  const auto& mark = began_with_.high_water;
  if (full_refresh_ || writer_.rows() > 0 || !mark || began_with_.position || !holes_.empty())
    return false;
  // Another one's record need not be here.
  if (began_with_.shared) return false;
  if (!plan_.in_windows) return true;
  // The saved value's own second was asked for again, if nothing kept it out.
  Instant from = std::max(whole_seconds(*oldest_wanted_), plan_.from);
  if (const auto horizon = route_->route().horizon) {
    from = std::max(from, until_ - *horizon);
  }
  return Window{from, until_}.contains(whole_seconds(*mark));
}

std::optional<Instant> PartitionReader::read_to() const {
  if (!route_->is_preferred() || doubted_) return std::nullopt;
  return until_;
}

void PartitionReader::save() {
  look_back_.tidy();
  save_(checkpoint());
}

/// Once all of the stretch of late records is read, here or where nothing was read before at all,
/// what is received from the run's begin on is news, also to the run that goes on after a kill. A
/// run that went on from the middle may have missed what came late before that.
void PartitionReader::note_late(Instant read_until) {
  if (!looks_for_all_late_ || (late_ && read_until < late_->window().to)) return;
  checkpoint_.late_until = plan_.now;
}

void PartitionReader::come_to(Instant window_end) {
  note_late(window_end);
  // The last window's checkpoint is the partition's own, saved at its end.
  if (window_end < until_) save();
}

void PartitionReader::finish() {
  report_lost_interval();
  compare_counts();
  writer_.warn(windows_.ignored());
  note_late(until_);
  memory_.finish(!began_with_.position);
  look_back_.finish();
  checkpoint_.position.reset();
  // Until the other partitions of a full refresh are read too, this one is not to be read again.
  if (full_refresh_) checkpoint_.position = Position{true, until_, std::nullopt};
}

PartitionReader::Turn PartitionReader::read_list(const Route& route) {
  const ListReader::Result list =
      ListReader(plan_, writer_, route_->is_last_way()).read(route, oldest_wanted_, *fetcher_);
  if (list.end == ListReader::End::kStopped) return Turn::kStopped;
  if (list.end == ListReader::End::kRefused) {
    route_->give_up(list.refusal);
    return Turn::kOtherRoute;
  }
  if (plan_.comes_again && *plan_.comes_again) return Turn::kEnd;
  checkpoint_.advance(list.newest ? std::min(*list.newest, plan_.now) : list.newest);
  return Turn::kEnd;
}

}  // namespace source_sentry
