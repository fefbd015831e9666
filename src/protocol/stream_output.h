#pragma once

#include <cstdint>
#include <mutex>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <string_view>

#include "protocol/emitter.h"
#include "sink/stream_sink.h"

namespace source_sentry {

/// One stream's lines on stdout, in the order that Airbyte's protocol wants: STARTED, RUNNING,
/// records and states, COMPLETE or INCOMPLETE, with every record before a STATE of its stream.
/// Thread-safe.
class StreamOutput final : public StreamSink {
 public:
  /// `state` is what a STATE says before anything is read: the state that came in.
  StreamOutput(Emitter& emitter, std::string stream, nlohmann::ordered_json state);

  const std::string& stream() const override { return stream_; }
  Clock& clock() const override { return emitter_.clock(); }
  std::string head() const override { return record_head(stream_); }
  std::string tail() const override { return record_tail(emitter_.clock().now()); }

  void started() override;

  /// Writes `count` whole RECORD lines, which together are made of these pieces.
  void records(std::span<const std::string_view> pieces, std::uint64_t count) override;

  /// Writes a STATE that covers all records so far. Left out when nothing is new since the last
  /// one.
  void state(nlohmann::ordered_json state) override;

  /// Says that a rate limit holds this stream up until about `until`, or that it resumes.
  void rate_limited(Instant until) override;
  void running_again() override;

  /// Repeats the last STATE, for the platform's heartbeat, if the stream has been silent for
  /// `span`: only RECORD and STATE count there.
  void beat_if_silent(Duration span) override;

  void error(const ConnectorError& error) override { emitter_.error(error, stream_); }

  /// The stream's last lines: a STATE if one is due, then the status.
  void complete(nlohmann::ordered_json state) override;
  void incomplete(nlohmann::ordered_json state) override;

  void break_off() override;

  Written written() const override;

 private:
  void ensure_running();
  void write_state();
  void finish(nlohmann::ordered_json state, StreamStatus status);

  Emitter& emitter_;
  const std::string stream_;
  mutable std::mutex mutex_;
  nlohmann::ordered_json state_;
  std::uint64_t since_state_ = 0;
  Written written_;
  bool running_ = false;
  bool state_written_ = false;
  bool finished_ = false;
  Instant last_data_;  // by the steady clock
};

/// A StreamOutput for each stream; `emitter` must outlive them.
OpenSink outputs_to(Emitter& emitter);

}  // namespace source_sentry
