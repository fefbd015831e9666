#include "protocol/stream_output.h"

#include <utility>

namespace source_sentry {

StreamOutput::StreamOutput(Emitter& emitter, std::string stream, nlohmann::ordered_json state)
    : emitter_(emitter),
      stream_(std::move(stream)),
      state_(std::move(state)),
      last_data_(emitter.clock().steady_now()) {}

void StreamOutput::started() {
  emitter_.lines(stream_status_line(stream_, StreamStatus::kStarted, emitter_.clock().now()));
}

void StreamOutput::records(std::span<const std::string_view> pieces, std::uint64_t count) {
  const std::scoped_lock lock(mutex_);
  if (finished_) return;
  ensure_running();
  emitter_.lines(pieces);
  since_state_ += count;
  written_.records += count;
  for (const std::string_view piece : pieces) written_.bytes += piece.size();
  last_data_ = emitter_.clock().steady_now();
}

void StreamOutput::state(nlohmann::ordered_json state) {
  const std::scoped_lock lock(mutex_);
  if (finished_ || (state_written_ && since_state_ == 0 && state == state_)) return;
  ensure_running();
  state_ = std::move(state);
  write_state();
}

void StreamOutput::rate_limited(Instant until) {
  const std::scoped_lock lock(mutex_);
  if (finished_) return;
  ensure_running();
  emitter_.lines(rate_limited_line(stream_, until, emitter_.clock().now()));
}

void StreamOutput::running_again() {
  const std::scoped_lock lock(mutex_);
  if (finished_) return;
  emitter_.lines(stream_status_line(stream_, StreamStatus::kRunning, emitter_.clock().now()));
}

void StreamOutput::beat_if_silent(Duration span) {
  const std::scoped_lock lock(mutex_);
  if (finished_ || emitter_.clock().steady_now() - last_data_ < span) return;
  ensure_running();
  write_state();
}

void StreamOutput::complete(nlohmann::ordered_json state) {
  finish(std::move(state), StreamStatus::kComplete);
}

void StreamOutput::incomplete(nlohmann::ordered_json state) {
  finish(std::move(state), StreamStatus::kIncomplete);
}

/// The state that is known covers fewer records than were written; those come again.
void StreamOutput::break_off() {
  const std::scoped_lock lock(mutex_);
  if (finished_) return;
  ensure_running();
  if (!state_written_ || since_state_ > 0) write_state();
  emitter_.lines(stream_status_line(stream_, StreamStatus::kIncomplete, emitter_.clock().now()));
  finished_ = true;
}

Written StreamOutput::written() const {
  const std::scoped_lock lock(mutex_);
  return written_;
}

void StreamOutput::ensure_running() {
  if (std::exchange(running_, true)) return;
  emitter_.lines(stream_status_line(stream_, StreamStatus::kRunning, emitter_.clock().now()));
}

void StreamOutput::write_state() {
  emitter_.lines(state_line(stream_, state_, since_state_));
  since_state_ = 0;
  state_written_ = true;
  last_data_ = emitter_.clock().steady_now();
}

void StreamOutput::finish(nlohmann::ordered_json state, StreamStatus status) {
  const std::scoped_lock lock(mutex_);
  if (finished_) return;
  ensure_running();
  if (!state_written_ || since_state_ > 0 || state != state_) {
    state_ = std::move(state);
    write_state();
  }
  emitter_.lines(stream_status_line(stream_, status, emitter_.clock().now()));
  finished_ = true;
}

OpenSink outputs_to(Emitter& emitter) {
  return [&emitter](const std::string& stream, nlohmann::ordered_json state) {
    return std::make_unique<StreamOutput>(emitter, stream, std::move(state));
  };
}

}  // namespace source_sentry
