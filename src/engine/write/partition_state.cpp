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
      holes_(name_) {
  // A full refresh starts over, unless the state is of one that did not get to its end.
  const bool resumes = checkpoint_.position && checkpoint_.position->full_refresh;
  if (full_refresh_ && !resumes) checkpoint_ = Checkpoint();
  if (const auto latest = checkpoint_.clamp(plan_.now)) {
    spdlog::warn(
        "The saved state of {} is in the future ({}); continuing from Sentry's own time, {}.",
        name_, format_instant(*latest), format_instant(plan_.now));
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
  if (!late_) note_late(whole_seconds(plan_.until));
  began_with_ = checkpoint_;
}

Checkpoint PartitionState::place() const {
  Checkpoint place = safe();
  // The page is one of a list that nobody asks for any more; its window is read again.
  if (place.position) place.position->page.reset();
  if (!looked_back_ && !began_with_.position) place.position.reset();
  return place;
}

void PartitionState::page_done(Instant from, PagePosition page) {
  checkpoint_.position = Position{full_refresh_, from, std::move(page)};
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
  window_left(read.window.to);
  note_late(read.window.to);
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
  checkpoint_.position.reset();
  // Until the other partitions of a full refresh are read too, this one is not to be read again.
  if (full_refresh_) window_left(until);
}

void PartitionState::begin_anew() {
  checkpoint_ = began_with_;
  holes_.forget();
}

void PartitionState::take_back() {
  checkpoint_ = began_with_;
  looked_back_ = false;
}

void PartitionState::save() {
  look_back_.tidy();
  save_(safe());
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

void PartitionState::lose_entries(std::size_t count, const Window* window) {
  holes_.add_entries(count, window, checkpoint_);
}

/// Once all of the stretch of late records is read, here or where nothing was read before at all,
/// what is received from the run's beginning on is news, also to the run that resumes after a kill.
/// A run that resumed in the middle may have missed what came late before that.
void PartitionState::note_late(Instant read_until) {
  if (!looks_for_all_late_ || (late_ && read_until < late_->window().to)) return;
  checkpoint_.late_until = plan_.now;
}

}  // namespace source_sentry
