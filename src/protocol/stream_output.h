#pragma once

#include <cstdint>
#include <mutex>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <string_view>

#include "base/time.h"
#include "protocol/emitter.h"

namespace source_sentry {

/// One stream's lines, in the order that the protocol wants: STARTED, RUNNING, records and states,
/// COMPLETE or INCOMPLETE, with every record before a STATE of its stream. Thread-safe: the
/// stream's partitions may be read by several workers.
class StreamOutput {
 public:
  /// `state` is what a STATE says before anything was read: the state that came in.
  StreamOutput(Emitter& emitter, std::string stream, nlohmann::ordered_json state);

  const std::string& stream() const { return stream_; }

  void started();

  /// Writes `count` whole RECORD lines, which together are made of these pieces.
  void records(std::span<const std::string_view> pieces, std::uint64_t count);

  /// Writes a STATE that covers all records so far. Left out when nothing is new since the last
  /// one.
  void state(nlohmann::ordered_json state);

  /// Says that a rate limit holds this stream up to about `until`, or that it goes on.
  void rate_limited(Instant until);
  void running_again();

  /// Repeats the last STATE, for the platform's heartbeat, if the stream has been silent for
  /// `span`: only RECORD and STATE count there.
  void beat_if_silent(Duration span);

  /// The last words: a STATE if one is due, then the status.
  void complete(nlohmann::ordered_json state);
  void incomplete(nlohmann::ordered_json state);

  /// Bytes of records so far.
  std::uint64_t total_bytes() const;
  Instant now() const { return emitter_.clock().now(); }
  /// For measuring how long something takes, see Clock.
  Instant steady_now() const { return emitter_.clock().steady_now(); }

 private:
  void ensure_running();
  void write_state();
  void finish(nlohmann::ordered_json state, StreamStatus status);

  Emitter& emitter_;
  const std::string stream_;
  mutable std::mutex mutex_;
  nlohmann::ordered_json state_;
  std::uint64_t since_state_ = 0;
  std::uint64_t bytes_ = 0;
  bool running_ = false;
  bool state_written_ = false;
  bool finished_ = false;
  Instant last_data_;  // by the steady clock
};

}  // namespace source_sentry
