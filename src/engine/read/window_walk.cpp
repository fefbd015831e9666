#include "engine/read/window_walk.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "engine/fetch/row_cursor.h"
#include "engine/plan/bad_stretch.h"
#include "json/list_body.h"

namespace source_sentry {

using End = WindowReader::End;

namespace {

/// No window is narrowed further than this.
constexpr std::chrono::seconds kSecond(1);

}  // namespace

WindowWalk::Turn WindowWalk::next(const Route& route, Instant until, Fetcher& fetcher) {
  fetcher_ = &fetcher;
  until_ = until;
  if (!left_) {
    if (const auto turn = begin(route)) return *turn;
  }
  // Finding where the data begins takes a few quick requests, so other partitions need not get
  // their turn in between.
  while (const auto step = left_->next()) {
    bool read = false;
    const End end = read_window_or_leave_it(route, *step, read);
    ignored_ = left_->windows_ignored() || reader_.proof().ignored(route);
    if (end == End::kRefused) return Turn::kOtherRoute;
    if (read) return left_->next() ? Turn::kMore : Turn::kEnd;
  }
  return Turn::kEnd;
}

void WindowWalk::start_over() {
  left_.reset();
  answers_ = false;
  good_.reset();
  writer_.filter().audit() = Audit(plan_.now);
}

std::optional<WindowWalk::Turn> WindowWalk::begin(const Route& route) {
  if (plan_.ids_prove_windows) {
    PageWalk walk(*fetcher_, plan_.listing(route), route.probe_query, nullptr, "");
    if (routes_.is_last_way()) walk.is_last_way();
    // Bad rows are reported when the list is read.
    walk.step_over_rows([](const std::string&, const ConnectorError&) {});
    if (take_first_page(route, walk, nullptr)) return Turn::kOtherRoute;
    const auto& records = walk.records().records;
    if (!records.empty() && records.front().id.empty()) return Turn::kNoWindows;
  }
  const auto& position = state_.position();
  if (position && position->page) finish_window_or_leave_it(route);
  Instant from = start_of_reading();
  if (route.horizon) from = std::max(from, until_ - *route.horizon);
  const std::size_t target = std::min(kWindowRows, kWindowPages * plan_.shape.page_rows);
  left_.emplace(Window{from, until_}, target);
  if (!route.window_query) left_->ignore_windows();
  return std::nullopt;
}

Instant WindowWalk::start_of_reading() const {
  const auto& position = state_.position();
  if (position) {
    // Records may have come late since the interrupted run. A full refresh does not look for them.
    const Duration back = state_.full_refresh() ? Duration::zero() : plan_.lookback;
    return std::max(position->read_until - back, plan_.from);
  }
  const Instant from =
      state_.oldest_wanted() ? whole_seconds(*state_.oldest_wanted()) : kBeginningOfTime;
  return std::max(from, plan_.from);
}

std::optional<End> WindowWalk::take_first_page(const Route& route, PageWalk& walk,
                                               const Window* window) {
  if (answers_) walk.route_answers();
  switch (walk.next(false)) {
    case PageWalk::Turn::kRefused:
      if (window != nullptr && refused_in_part(route, walk.refusal())) return End::kTooMuch;
      routes_.give_up(walk.refusal());
      return End::kRefused;
    case PageWalk::Turn::kTooMuch:
      return End::kTooMuch;
    default:
      answers_ = true;
      return std::nullopt;
  }
}

void WindowWalk::finish_window_or_leave_it(const Route& route) {
  const auto& position = state_.position();
  const Window window{position->read_until, position->page->window_end};
  try {
    const End end = finish_window(route);
    if (end == End::kDone) return;
    // The rows that are written already come again.
    if (end == End::kTooMuch) recent_until_ = window.to;
    spdlog::warn(
        "Sentry no longer accepts the saved position in {}; reading its window from the "
        "beginning.",
        route.what);
    state_.leave_page();
  } catch (const ConnectorError& error) {
    const bool final = error.kind() == FailureKind::kConfig || window.to >= until_;
    if (final || plan_.is_batch()) throw;
    state_.lose_window(window, error);
    state_.window_left(window.to);
  }
}

End WindowWalk::finish_window(const Route& route) {
  const Position position = *state_.position();
  const PagePosition& page = *position.page;
  if (page.route != route.name()) return End::kRefused;
  const Window whole{position.read_until, page.window_end};
  const Window left = reader_.left_of(position.read_until, page, *fetcher_);
  // The next window begins with the lookback, so it repeats rows that are written here.
  if (!state_.full_refresh() && plan_.lookback > Duration::zero()) {
    recent_until_ = std::max(recent_until_, whole.to + std::chrono::seconds(1));
  }
  PageWalk walk(*fetcher_, plan_.listing(route), route.query, &left, page.cursor);
  prepare(walk);
  Tally total;
  total.newest = page.newest;
  return read_rest(
      {.route = route, .window = left, .wanted = wanted_of(whole), .by_time = page.cursor.empty()},
      whole, walk, total);
}

End WindowWalk::read_window_or_leave_it(const Route& route, const WindowPlanner::Step& step,
                                        bool& read) {
  try {
    const End end = read_window(route, step, read);
    if (read) state_.went_well();
    return end;
  } catch (const ConnectorError& error) {
    // A token that may not read this window may not read the next one either.
    if (error.kind() == FailureKind::kConfig || plan_.is_batch()) throw;
    if (!answers_ || state_.holes().given_up()) throw;
    read = true;
    if (step.window.to - step.window.from <= kSecond) return leave_out(route, step.window, error);
    if (!left_->skip(step.window.to)) throw;
    state_.lose_window(step.window, error);
    return End::kDone;
  }
}

/// Makes one hole of a second that cannot be read and of the seconds after it that fail as well.
End WindowWalk::leave_out(const Route& route, const Window& second, const ConnectorError& reason) {
  const ConnectorError why = reader_.with_number(second, reason, *fetcher_);
  const Look look = look_elsewhere(route, second);
  if (look.timed_out) state_.give_up(why);
  Instant until = second.to;
  if (look.answered) {
    until = end_of_bad_stretch(second.from, until_,
                               [&](Instant when) { return look_at_second(route, when).answered; });
    // If everything after it fails, the server may have gone down meanwhile.
    const Look still = until < until_ ? look : look_elsewhere(route, second);
    if (!still.answered) state_.give_up(why);
  }
  if (!left_->skip(until)) throw why;
  state_.lose_window({second.from, until}, why, true);
  if (look.answered) {
    state_.went_well();
  } else {
    fetcher_->pause(backoff(state_.holes().failures_in_a_row()));
  }
  return End::kDone;
}

End WindowWalk::read_window(const Route& route, const WindowPlanner::Step& step, bool& read) {
  const Window& window = step.window;
  const std::string& query = step.probe ? route.probe_query : route.query;
  PageWalk walk(*fetcher_, plan_.listing(route), query, &window, "");
  prepare(walk);
  auto end = take_first_page(route, walk, &window);
  const bool in_part = end == End::kTooMuch && walk.refusal().row_may_be_refused;
  if (!end) {
    writer_.expect_rows(walk.counted(), walk.count_is_capped());
    read = left_->first_page(first_page(route, walk, window));
    if (!read) return End::kDone;
    if (left_->windows_ignored()) walk.windows_do_not_help();
    const std::uint64_t before = writer_.met();
    end = read_rest({.route = route,
                     .window = window,
                     .wanted = wanted_of(window),
                     .by_time = !left_->windows_ignored(),
                     .page_at_hand = true},
                    window, walk, Tally());
    if (end == End::kDone) {
      good_ = window.to - kSecond;
      left_->window_done(writer_.met() - before);
    }
  }
  if (end != End::kTooMuch) return *end;
  read = false;
  const bool of_row = walk.refusal().row_may_be_refused && !reader_.lists_no_further(walk);
  const ConnectorError why = of_row ? of_refused_row(*walk.refusal().error) : *walk.refusal().error;
  // After a time-out each further part that fails takes minutes, so the parts are small.
  constexpr int kHalves = 2, kSmallParts = 16;
  if (!left_->narrow(walk.refusal().timed_out ? kSmallParts : kHalves)) throw why;
  spdlog::info("{}: Sentry does not answer for the whole window; asking for a part of it. {}",
               state_.name(), why.message());
  if (in_part) {
    state_.went_well();
  } else if (const auto instead = settle_failure(route, window, walk.refusal())) {
    return *instead;
  }
  // The rows that are written already come again with its parts.
  recent_until_ = std::max(recent_until_, window.to);
  writer_.filter().audit().give_up();
  return End::kDone;
}

/// What the planner is told of the first page. Rows outside the window count only if the server
/// ignores windows.
FirstPage WindowWalk::first_page(const Route& route, PageWalk& walk, const Window& window) {
  FirstPage page = look_at(walk.records(), walk.last(), window);
  if (page.outside == 0) return page;
  const WindowProof::Outside outside{page.older, page.newer, page.outside * 2 > page.rows};
  page.outside = reader_.proof().heeded(route, window, outside, *fetcher_) ? 0 : page.rows;
  return page;
}

End WindowWalk::read_rest(const WindowReader::Task& task, const Window& whole, PageWalk& walk,
                          Tally total) {
  // A batch ends with its first hole.
  const auto leave_if_holed = [&] {
    if (plan_.is_batch() && !state_.holes().empty()) throw state_.holes().error();
  };
  const auto save_page = [&](PagePosition page) {
    leave_if_holed();
    page.window_end = whole.to;
    page.newest = total.newest;
    page.route = task.route.name();
    state_.page_done(whole.from, std::move(page));
  };
  state_.window_begun();
  End end = End::kDone;
  try {
    end = reader_.read(task, walk, total, *fetcher_, save_page);
  } catch (const ConnectorError&) {
    // No page of an endless list is a place to continue from.
    if (walk.endless()) state_.take_back_pages();
    throw;
  }
  // If a saved cursor is refused, the window can be read from its beginning instead.
  const bool may_be_read_anew = !task.page_at_hand && walk.refusal().other_route_may_help;
  if (end == End::kRefused && !may_be_read_anew) throw *walk.refusal().error;
  if (end != End::kDone) return end;
  leave_if_holed();
  server_now_ = walk.server_time();
  ++windows_;
  // The audit takes whole windows only.
  if (task.page_at_hand) writer_.filter().audit().add(whole, total.counted, total.oldest);
  if (whole.to >= recent_until_) writer_.filter().end_window();
  state_.window_done({.window = whole,
                      .newest = total.newest,
                      .newest_of = total.newest_of,
                      .from_beginning = task.page_at_hand,
                      .last = whole.to >= until_});
  return End::kDone;
}

std::optional<End> WindowWalk::settle_failure(const Route& route, const Window& failed,
                                              const Verdict& refusal) {
  state_.failed_once(*refusal.error);
  if (answers_ && state_.holes().failures_in_a_row() < 2 && !refusal.timed_out) return std::nullopt;
  // The bad row may be in the first part each time, so another place is asked for, to see whether
  // the server answers at all.
  const Look look = look_elsewhere(route, failed);
  if (look.answered) {
    answers_ = true;
    state_.went_well();
    return std::nullopt;
  }
  // The route has been tried for half a minute and has not answered once.
  if (!answers_ && !refusal.smaller_window_may_help) {
    routes_.give_up(refusal);
    return End::kRefused;
  }
  if (look.timed_out && refusal.timed_out) state_.give_up(*refusal.error);
  // The server may be restarting.
  fetcher_->pause(backoff(state_.holes().failures_in_a_row()));
  return std::nullopt;
}

bool WindowWalk::refused_in_part(const Route& route, const Verdict& refusal) {
  if (!refusal.row_may_be_refused || plan_.is_batch() || left_->windows_ignored()) return false;
  // While a route has not answered, another window is tried once in a partition. If the server does
  // not know the route, it is tried once for all partitions. A partition that is read apart is not
  // tried if the token seems to lack a scope.
  const auto& trust = plan_.trust;
  const auto index = static_cast<std::size_t>(&route - plan_.routes.data());
  const bool of_route = refusal.not_offered || refusal.not_understood;
  if (!answers_ && of_route && trust && trust->refused(index)) return false;
  if (!answers_ && plan_.read_apart && !refusal.scopes.empty()) return false;
  if (!answers_ && std::exchange(looked_, true)) return false;
  const bool known = answers_ && good_;
  // The latest second has few rows or none. The cursor is for servers that ignore windows: it skips
  // the first page.
  const Instant second = known ? *good_ : until_ - kSecond;
  const Window window{second, second + kSecond};
  const std::string cursor = known ? "" : row_cursor(plan_.shape.page_rows);
  Response response;
  const Verdict verdict = fetcher_->fetch(route.target(route.query, &window, cursor), route,
                                          response, Fetcher::Patience::of_look_elsewhere(answers_));
  const bool answered =
      verdict.kind == Verdict::Kind::kAccept && is_valid_list(response.body, route.list_key);
  answers_ = answers_ || answered;
  if (!answers_ && of_route && trust) trust->note_refused(index);
  return answered;
}

/// Looks at a second that was answered before. If there is none, looks on both sides of the failed
/// window, and at the end, since the window may lie inside a longer bad stretch.
WindowWalk::Look WindowWalk::look_elsewhere(const Route& route, const Window& failed) {
  std::vector<Instant> places;
  if (good_) {
    places = {*good_};
  } else {
    if (failed.to < until_) places = {failed.to, until_ - kSecond};
    places.push_back(failed.from - kSecond);
  }
  Look result;
  for (const Instant place : places) {
    const Look look = look_at_second(route, place);
    result.timed_out = result.timed_out || look.timed_out;
    if (!look.answered) continue;
    good_ = place;
    return look;
  }
  return result;
}

WindowWalk::Look WindowWalk::look_at_second(const Route& route, Instant second) {
  const Window window{second, second + kSecond};
  Response response;
  const Verdict verdict = fetcher_->fetch(route.target(route.probe_query, &window, ""), route,
                                          response, Fetcher::Patience::of_look_elsewhere(answers_));
  const bool answered =
      verdict.kind == Verdict::Kind::kAccept && is_valid_list(response.body, route.list_key);
  if (answered) fetcher_->note_use(route, true);
  return {answered, verdict.timed_out};
}

/// Sets what the walk does with pages that fail.
void WindowWalk::prepare(PageWalk& walk) {
  if (routes_.is_last_way()) walk.is_last_way();
  walk.step_over_rows(
      [this](const std::string& where, const ConnectorError& why) { state_.lose_row(where, why); });
  if (!left_) return;
  if (left_->windows_ignored()) walk.windows_do_not_help();
  if (left_->in_failed_window()) walk.is_part_of_failed_one();
}

Window WindowWalk::wanted_of(const Window& window) const {
  return {std::max(window.from, state_.oldest_wanted().value_or(window.from)), window.to};
}

}  // namespace source_sentry
