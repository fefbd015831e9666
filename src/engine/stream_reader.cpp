#include "engine/stream_reader.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "engine/emptiness.h"
#include "engine/list_reader.h"

namespace source_sentry {
namespace {

/// The least that a plan of sentry.io keeps; a self-hosted Sentry keeps 90 days unless told
/// otherwise. Before that a record may be missing because its issue was deleted, or because the
/// state is another connector's and names no record.
constexpr std::chrono::days kShortestRetention(30);
/// How often what moved meanwhile is looked for: each look takes a moment, in which more may move.
constexpr std::size_t kMostLooks = 3;

}  // namespace

StreamReader::StreamReader(PartitionPlan plan, StreamOutput& output, Checkpoint checkpoint,
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
      memory_(plan_, checkpoint_),
      audit_(plan_.now),
      until_(whole_seconds(plan_.until)),
      writer_({plan_, name_, output, began_with_, checkpoint_, late_, memory_, audit_, holes_,
               written_before_.get()}),
      window_reader_(plan_, name_, audit_, writer_) {
  // A full refresh starts over, unless the state is of one that did not get to its end.
  const bool goes_on = checkpoint_.position && checkpoint_.position->full_refresh;
  if (full_refresh_ && !goes_on) checkpoint_ = Checkpoint();
  if (checkpoint_.high_water && *checkpoint_.high_water > plan_.now) {
    spdlog::warn(
        "The saved state of {} lies in the future ({}); going on from Sentry's own time, {}.",
        name(), format_instant(*checkpoint_.high_water), format_instant(plan_.now));
    checkpoint_.high_water = plan_.now;
    checkpoint_.position.reset();
  }
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

Progress StreamReader::step(Fetcher& fetcher) {
  fetcher_ = &fetcher;
  if (sweep_) return sweep_->step(fetcher);
  for (;;) {
    const Route& route = route_->route();
    switch (plan_.in_windows ? read_next_window(route) : read_list(route)) {
      case Outcome::kMore:
        return Progress::kMore;
      case Outcome::kStopped:
        return Progress::kStopped;
      case Outcome::kDone:
        if (doubted_route_answers() || look_again()) break;
        doubted_ = should_hold_data();
        if (doubted_ && plan_.is_batch()) leave_empty_batch();
        if (doubted_ &&
            !question_emptiness(fetcher, plan_, route, name(), *began_with_.high_water)) {
          return Progress::kStopped;
        }
        finish();
        if (!holes_.empty()) throw holes_.error();
        if (full_refresh_ || !Sweep::is_due(plan_, checkpoint_)) return Progress::kDone;
        save();
        sweep_.emplace(Sweep::Partition{plan_, route_->index(), name_, output_, checkpoint_},
                       [this] { save(); });
        return Progress::kMore;
      case Outcome::kTooMuch:
      case Outcome::kBadPosition:
        spdlog::warn(
            "Sentry does not take the saved position in {} any more; reading its window from "
            "the start.",
            route.what);
        checkpoint_.position->page.reset();
        start_over_windows();
        break;
      case Outcome::kOtherRoute:
        start_over_windows();
        break;
    }
  }
}

std::string StreamReader::summary() const {
  const std::string read = writer_.summary(windows_);
  return sweep_ ? read + "; " + sweep_->summary() : read;
}

/// Which of its partitions should hold something each is asked by itself, from where the batch
/// began.
void StreamReader::leave_empty_batch() {
  checkpoint_ = began_with_;
  looked_back_ = false;
  throw ConnectorError(FailureKind::kSystem, name() + " held data up to " +
                                                 format_instant(*began_with_.high_water) +
                                                 " and are empty now.");
}

Checkpoint StreamReader::place() const {
  Checkpoint place = checkpoint();
  // The page is one of a list that nobody asks for any more; its window is read again.
  if (place.position) place.position->page.reset();
  if (!looked_back_ && !began_with_.position) place.position.reset();
  return place;
}

void StreamReader::start_over_windows() {
  windows_left_.reset();
  audit_ = Audit(plan_.now);
}

/// What was seen again while the list was read lies behind the end that was set when it began.
bool StreamReader::look_again() {
  if (!route_->route().rows_move || !windows_left_) return false;
  if (plan_.until < plan_.now || !server_now_) return false;
  constexpr std::uint64_t kAtOnce = 1;  // a single page shows all as it is at one moment
  const bool at_once =
      writer_.pages() - std::exchange(pages_before_look_, writer_.pages()) <= kAtOnce;
  const Instant end = whole_seconds(*server_now_);
  if (at_once || end <= until_ || looks_ == kMostLooks) return false;
  ++looks_;
  windows_left_.emplace(Window{std::exchange(until_, end), end}, kWindowRows);
  return true;
}

bool StreamReader::doubted_route_answers() {
  const Route* const doubted = route_->doubted();
  // Rows that only name records name none that a list of the records themselves would lack.
  if (doubted == nullptr || doubted->names_only) return false;
  const Route& route = *doubted;
  PageWalk walk(*fetcher_, plan_, route, route.probe_query, nullptr, "");
  const PageWalk::Turn turn = walk.next(false);
  if (turn == PageWalk::Turn::kRefused) {
    spdlog::warn(
        "{} was read by an older route, which may show less than {}: Sentry answers there with "
        "errors to the end. If it is too old for that route, all is well; else read it again.",
        name(), route.path);
  }
  if (turn != PageWalk::Turn::kPage) return false;
  spdlog::warn(
      "The server answers for {} again after errors, and the older route shows less: reading it "
      "once "
      "more.",
      route.what);
  route_->go_back_to(route);
  start_over_windows();
  writer_.forget();
  checkpoint_ = began_with_;
  holes_ = Holes(name());
  return true;
}

void StreamReader::report_lost_interval() const {
  if (full_refresh_ || began_with_.position || !began_with_.high_water) return;
  const Instant mark = *began_with_.high_water;
  if (windows_left_ && route_->route().horizon) {
    const Instant edge = plan_.now - *route_->route().horizon;
    if (mark >= edge) return;
    spdlog::warn(
        "The saved state of {} is of {}, and this Sentry can be asked for nothing older than {}: "
        "what changed in between and not since is lost. Sync more often.",
        name(), format_instant(mark), format_instant(edge));
    return;
  }
  const bool stays_put = windows_left_ && !route_->route().rows_move;
  if (!plan_.kept_for || !stays_put || writer_.met_saved_second() ||
      plan_.now - mark < kShortestRetention)
    return;
  spdlog::warn(
      "The saved state of {} is of {}, and Sentry no longer holds the record that it ended with. "
      "What came between then and {} and has been dropped since is lost. Sync more often than "
      "Sentry forgets.",
      name(), format_instant(mark), writer_.oldest() ? format_instant(*writer_.oldest()) : "now");
}

void StreamReader::compare_counts() {
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

bool StreamReader::should_hold_data() const {
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

std::optional<Instant> StreamReader::read_to() const {
  if (!route_->is_preferred() || doubted_) return std::nullopt;
  return until_;
}

void StreamReader::save() { save_(checkpoint()); }

/// Once all of the stretch of late records is read, here or where nothing was read before at all,
/// what is received from the run's begin on is news, also to the run that goes on after a kill. A
/// run that went on from the middle may have missed what came late before that.
void StreamReader::note_late(Instant read_until) {
  if (!looks_for_all_late_ || (late_ && read_until < late_->window().to)) return;
  checkpoint_.late_until = plan_.now;
}

void StreamReader::finish() {
  report_lost_interval();
  compare_counts();
  writer_.warn(windows_ignored_);
  note_late(until_);
  memory_.finish(!began_with_.position);
  checkpoint_.position.reset();
  // Until the other partitions of a full refresh are read too, this one is not to be read again.
  if (full_refresh_) checkpoint_.position = Position{true, until_, std::nullopt};
}

StreamReader::Outcome StreamReader::read_list(const Route& route) {
  const ListReader::Result list = ListReader(plan_, writer_).read(route, oldest_wanted_, *fetcher_);
  if (list.end == ListReader::End::kStopped) return Outcome::kStopped;
  if (list.end == ListReader::End::kRefused) return refused(list.refusal);
  checkpoint_.advance(list.newest ? std::min(*list.newest, plan_.now) : list.newest);
  return Outcome::kDone;
}

std::optional<StreamReader::Outcome> StreamReader::take_first_page(PageWalk& walk) {
  switch (walk.next(false)) {
    case PageWalk::Turn::kStopped:
      return Outcome::kStopped;
    case PageWalk::Turn::kRefused:
      return refused(walk.refusal());
    case PageWalk::Turn::kTooMuch:
      return Outcome::kTooMuch;
    default:
      return std::nullopt;
  }
}

StreamReader::Outcome StreamReader::prove_windows(const Route& route, bool& proven) {
  PageWalk walk(*fetcher_, plan_, route, route.probe_query, nullptr, "");
  if (const auto outcome = take_first_page(walk)) return *outcome;
  const auto& records = walk.records().records;
  proven = records.empty() || !records.front().id.empty();
  return Outcome::kDone;
}

StreamReader::Outcome StreamReader::read_next_window(const Route& route) {
  if (!windows_left_) {
    if (plan_.ids_prove_windows) {
      bool proven = false;
      const Outcome outcome = prove_windows(route, proven);
      if (outcome != Outcome::kDone) return outcome;
      if (!proven) return read_list(route);
    }
    if (checkpoint_.position && checkpoint_.position->page) {
      const Outcome outcome = finish_window_or_leave_it(route);
      if (outcome != Outcome::kDone) return outcome;
    }
    Instant from = start_of_reading();
    if (route.horizon) from = std::max(from, until_ - *route.horizon);
    const std::size_t target = std::min(kWindowRows, kWindowPages * plan_.page_rows);
    windows_left_.emplace(Window{from, until_}, target);
  }
  // Looking for where the data begins takes requests, but no time worth sharing.
  while (const auto step = windows_left_->next()) {
    bool read = false;
    const Outcome outcome = read_window_or_leave_it(route, *step, read);
    windows_ignored_ = windows_left_->windows_ignored();
    if (outcome != Outcome::kDone) return outcome;
    if (read) return windows_left_->next() ? Outcome::kMore : Outcome::kDone;
  }
  return Outcome::kDone;
}

Instant StreamReader::start_of_reading() const {
  if (checkpoint_.position) {
    // What came late since the interrupted run read up to there. Of a full refresh it is not asked.
    const Duration back = full_refresh_ ? Duration::zero() : plan_.lookback;
    return std::max(checkpoint_.position->read_until - back, plan_.from);
  }
  const Instant from = oldest_wanted_ ? whole_seconds(*oldest_wanted_) : kBeginningOfTime;
  return std::max(from, plan_.from);
}

StreamReader::Outcome StreamReader::finish_window_or_leave_it(const Route& route) {
  const Window window{checkpoint_.position->read_until, checkpoint_.position->page->window_end};
  try {
    const Outcome outcome = finish_window(route);
    if (outcome != Outcome::kTooMuch) return outcome;
    recent_until_ = window.to;
    return Outcome::kBadPosition;
  } catch (const ConnectorError& error) {
    const bool final = error.kind() == FailureKind::kConfig || window.to >= until_;
    if (final || plan_.is_batch()) throw;
    holes_.add_window(window, error, checkpoint_);
    checkpoint_.position = Position{full_refresh_, window.to, std::nullopt};
    return Outcome::kDone;
  }
}

StreamReader::Outcome StreamReader::finish_window(const Route& route) {
  const Position position = *checkpoint_.position;
  const PagePosition& page = *position.page;
  if (page.route != route.name()) return Outcome::kBadPosition;
  const Window whole{position.read_until, page.window_end};
  const Window left = window_reader_.left_of(position.read_until, page, *fetcher_);
  // The windows behind it begin with the look back, and so with what is written now.
  if (!full_refresh_ && plan_.lookback > Duration::zero()) {
    recent_until_ = std::max(recent_until_, whole.to + std::chrono::seconds(1));
  }
  PageWalk walk(*fetcher_, plan_, route, route.query, &left, page.cursor);
  Tally total;
  total.newest = page.newest;
  return read_rest(
      {.route = route, .window = left, .wanted = wanted_of(whole), .by_time = page.cursor.empty()},
      whole, walk, total);
}

StreamReader::Outcome StreamReader::read_window_or_leave_it(const Route& route,
                                                            const WindowPlanner::Step& step,
                                                            bool& read) {
  try {
    const Outcome outcome = read_window(route, step, read);
    if (read) holes_.went_well();
    return outcome;
  } catch (const ConnectorError& error) {
    // Who may not read this window may not read the next one either.
    if (error.kind() == FailureKind::kConfig || plan_.is_batch() || !windows_left_->skip()) throw;
    holes_.add_window(step.window, error, checkpoint_);
    read = true;
    return Outcome::kDone;
  }
}

StreamReader::Outcome StreamReader::read_window(const Route& route, const WindowPlanner::Step& step,
                                                bool& read) {
  const Window& window = step.window;
  PageWalk walk(*fetcher_, plan_, route, step.probe ? route.probe_query : route.query, &window, "");
  auto outcome = take_first_page(walk);
  if (!outcome) {
    read = windows_left_->first_page(look_at(walk.records(), walk.last(), window));
    if (!read) return Outcome::kDone;
    const std::uint64_t before = writer_.written();
    outcome = read_rest({.route = route,
                         .window = window,
                         .wanted = wanted_of(window),
                         .by_time = !windows_left_->windows_ignored(),
                         .page_at_hand = true},
                        window, walk, Tally());
    if (outcome == Outcome::kDone) windows_left_->window_done(writer_.written() - before);
  }
  if (outcome != Outcome::kTooMuch) return *outcome;
  read = false;
  if (!windows_left_->narrow()) throw *walk.refusal().error;
  spdlog::info("{}: so much at a time is too much for Sentry; asking for smaller windows.", name());
  // What was written of it comes again with its parts.
  recent_until_ = std::max(recent_until_, window.to);
  audit_.give_up();
  return Outcome::kDone;
}

StreamReader::Outcome StreamReader::read_rest(const WindowReader::Task& task, const Window& whole,
                                              PageWalk& walk, Tally total) {
  // A hole in a batch is the end of it.
  const auto leave_if_holed = [&] {
    if (plan_.is_batch() && !holes_.empty()) throw holes_.error();
  };
  const auto save_page = [&](PagePosition page) {
    leave_if_holed();
    page.window_end = whole.to;
    page.newest = total.newest;
    page.route = task.route.name();
    checkpoint_.position = Position{full_refresh_, whole.from, std::move(page)};
    save();
  };
  switch (window_reader_.read(task, walk, total, *fetcher_, save_page)) {
    case WindowReader::End::kStopped:
      return Outcome::kStopped;
    case WindowReader::End::kRefused:
      // Only a saved position is asked for in the middle; read the window anew instead.
      if (walk.refusal().other_route_may_help) return Outcome::kBadPosition;
      throw *walk.refusal().error;
    case WindowReader::End::kTooMuch:
      return Outcome::kTooMuch;
    case WindowReader::End::kDone:
      leave_if_holed();
      break;
  }
  server_now_ = walk.server_time();
  ++windows_;
  looked_back_ = looked_back_ || task.page_at_hand;
  // And not only the rest of a window.
  if (task.page_at_hand) audit_.add(whole, total.counted, total.oldest);
  if (whole.to >= recent_until_) writer_.forget();  // no window repeats another's records
  checkpoint_.advance(total.newest, total.newest_of);
  checkpoint_.position = Position{full_refresh_, whole.to, std::nullopt};
  note_late(whole.to);
  // The last window's checkpoint is the partition's own, saved at its end.
  if (whole.to < until_) save();
  return Outcome::kDone;
}

Window StreamReader::wanted_of(const Window& window) const {
  return {std::max(window.from, oldest_wanted_.value_or(window.from)), window.to};
}

StreamReader::Outcome StreamReader::refused(const Verdict& refusal) {
  route_->give_up(refusal);
  return Outcome::kOtherRoute;
}

}  // namespace source_sentry
