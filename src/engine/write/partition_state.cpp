#include "engine/write/partition_state.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

namespace source_sentry {

PartitionState::PartitionState(const PartitionPlan& plan, std::string name, Checkpoint saved,
                               bool full_refresh, Save save)
    : plan_(plan),
      name_(std::move(name)),
      full_refresh_(full_refresh),
      save_(std::move(save)),
      checkpoint_(std::move(saved)),
      look_back_(plan_, checkpoint_),
      memory_(plan_, checkpoint_),
      visits_(checkpoint_),
      holes_(name_) {
  // A full refresh starts over, unless the saved state is from one that was interrupted.
  const bool resumes = checkpoint_.position && checkpoint_.position->full_refresh;
  if (full_refresh_ && !resumes) checkpoint_ = Checkpoint();
  if (const auto latest = checkpoint_.clamp(plan_.now)) {
    spdlog::warn(
        "The saved state of {} is in the future ({}); continuing from Sentry's own time, {}.",
        name_, format_instant(*latest), format_instant(plan_.now));
  }
  look_back_.begin(full_refresh_);
  if (plan_.expansion.list) {
    visits_.begin({plan_.now, plan_.visits_all_every, plan_.lookback, full_refresh_});
  }
  // Some lists give times in whole seconds. A row of the saved value's own second then seems older
  // than the value, which has a fraction.
  if (checkpoint_.high_water) {
    oldest_wanted_ = visits_.of_all() ? kBeginningOfTime
                                      : whole_seconds(*checkpoint_.high_water) - plan_.lookback;
    late_ = LateLook::make(plan_, checkpoint_, *oldest_wanted_);
  }
  const Instant from = memory_.begin(full_refresh_, oldest_wanted_.value_or(kBeginningOfTime));
  if (oldest_wanted_) oldest_wanted_ = from;
  if (late_) oldest_wanted_ = std::min(*oldest_wanted_, late_->window().from);
  looks_for_all_late_ =
      plan_.late_window > Duration::zero() && !full_refresh_ && !checkpoint_.position;
  if (!late_) note_late(whole_seconds(plan_.until));
  began_with_ = checkpoint_;
}

Checkpoint PartitionState::place() const {
  Checkpoint place = safe();
  // The page belongs to the batch's list, which is not asked for again; its window is read again.
  if (place.position) place.position->page.reset();
  if (!looked_back_ && !began_with_.position) place.position.reset();
  return place;
}

void PartitionState::page_done(Instant from, PagePosition page) {
  checkpoint_.position = Position{full_refresh_, from, std::move(page)};
  note_partial();
  save();
}

void PartitionState::take_back_pages() {
  checkpoint_.position = before_window_;
  save();
}

void PartitionState::leave_page() { checkpoint_.position->page.reset(); }

void PartitionState::window_done(const ReadWindow& read) {
  looked_back_ = looked_back_ || read.from_beginning;
  checkpoint_.advance(read.newest, read.newest_of);
  const auto& mark = checkpoint_.high_water;
  if (mark) visits_.come_to(std::min(whole_seconds(*mark), read.window.to));
  window_left(read.window.to);
  note_late(read.window.to);
  note_partial();
  if (!read.last) save();
}

void PartitionState::window_left(Instant end) {
  checkpoint_.position = Position{full_refresh_, end, std::nullopt};
}

void PartitionState::list_done(std::optional<Instant> newest) {
  checkpoint_.advance(newest ? std::min(*newest, plan_.now) : newest);
}

void PartitionState::finish(Instant until) {
  note_late(until);
  memory_.finish(!began_with_.position);
  look_back_.finish();
  // Such a list has no times of its own: the state says when it was last read to its end.
  if (plan_.gone || memory_.spans_all()) checkpoint_.advance(plan_.now);
  // What a run read that was killed before is not known.
  if (!note_partial() && !began_with_.position) checkpoint_.partial_since.reset();
  const auto& mark = checkpoint_.high_water;
  visits_.finish(holes_.empty(),
                 mark && !memory_.spans_all() ? std::optional(whole_seconds(*mark)) : std::nullopt);
  if (plan_.budget) plan_.budget->leave(visits_.left());
  checkpoint_.position.reset();
  // A full refresh that is interrupted before its other partitions are read must not repeat this.
  if (full_refresh_) window_left(until);
}

void PartitionState::begin_anew() {
  checkpoint_ = began_with_;
  holes_.forget();
  visits_.forget();
}

void PartitionState::take_back() {
  checkpoint_ = began_with_;
  visits_.forget();
  looked_back_ = false;
}

void PartitionState::save() {
  look_back_.tidy();
  save_(safe());
}

void PartitionState::note_visit(const RecordView& row, std::optional<Instant> when) {
  // Without a budget there is no end to how many they are.
  if (plan_.budget && !memory_.spans_all()) visits_.note(row, when);
}

void PartitionState::leave_visit() {
  // The state stays behind what was missing before.
  visits_.leave(memory_.spans_all() || holes_.before() ? nullptr : &before_window_);
}

void PartitionState::lose_window(const Window& window, const ConnectorError& why, bool narrowed) {
  holes_.add_window(window, why, checkpoint_, narrowed);
}

void PartitionState::lose_row(const std::string& where, const ConnectorError& why) {
  holes_.add_row(where, why, checkpoint_);
}

void PartitionState::lose_record(std::string_view id, const ConnectorError& why) {
  holes_.add_record(id, why, checkpoint_);
}

void PartitionState::lose_refused_record(std::string_view id, const ConnectorError& why) {
  holes_.add_refused_record(id, why, checkpoint_);
}

void PartitionState::lose_list(const std::string& what, const ConnectorError& why) {
  holes_.add_list(what, why, memory_.spans_all() ? nullptr : &checkpoint_, false);
}

void PartitionState::lose_refused_list(const std::string& what, const ConnectorError& why) {
  holes_.add_list(what, why, memory_.spans_all() ? nullptr : &checkpoint_, true);
}

void PartitionState::lose_entries(std::size_t count, const Window* window) {
  holes_.add_entries(count, window, checkpoint_);
}

/// Whether the server has answered this run from a part of what it holds.
bool PartitionState::note_partial() {
  const bool partial =
      std::any_of(plan_.routes.begin(), plan_.routes.end(),
                  [](const Route& route) { return route.sampled && *route.sampled; });
  if (partial && !checkpoint_.partial_since) checkpoint_.partial_since = plan_.now;
  return partial;
}

/// Once the whole stretch of late records is read, what is received after this run began is news to
/// the next one, also if this one is killed. The same is true of a first run, which has no such
/// stretch. A run that resumed in the middle may have missed records that arrived late before it
/// did, and notes nothing.
void PartitionState::note_late(Instant read_until) {
  if (!looks_for_all_late_ || (late_ && read_until < late_->window().to)) return;
  checkpoint_.late_until = plan_.now;
}

}  // namespace source_sentry
