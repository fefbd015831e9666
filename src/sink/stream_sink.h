#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/error.h"

namespace source_sentry {

/// How far a stream has got, for people: an estimate.
struct Reach {
  double part = 0;              ///< of what is to be read, 0 to 1
  std::optional<Instant> at{};  ///< everything older is written, in what was worked on last
};

/// What a sink has taken.
struct Written {
  std::uint64_t records = 0;
  std::uint64_t bytes = 0;  ///< of these records, before anything packs them
};

/// Where one stream's records, states and statuses go. Every record comes before a STATE that
/// covers it. Implementations are safe to use from several threads, since a stream's partitions may
/// be read by several workers.
class StreamSink {
 public:
  virtual ~StreamSink() = default;

  virtual const std::string& stream() const = 0;

  /// The clock that dates its lines.
  virtual Clock& clock() const = 0;

  /// What comes before each record, always the same, and after one that is written now. The
  /// record's own bytes go between.
  virtual std::string head() const = 0;
  virtual std::string tail() const = 0;

  /// Reading begins. Nothing else may be said of the stream before.
  virtual void started() = 0;

  /// `count` whole records with their heads and tails, which together are made of these pieces;
  /// they are used before it returns.
  virtual void records(std::span<const std::string_view> pieces, std::uint64_t count) = 0;

  /// So many records of the source have none here, since an expression failed for them. Said before
  /// any state that covers them. For those who tell who uses the records.
  virtual void left_out(std::uint64_t /*count*/) {}

  /// A state that covers all records so far.
  virtual void state(nlohmann::ordered_json state) = 0;

  /// A rate limit holds the stream up until about `until`; or it no longer does.
  virtual void rate_limited(Instant until) = 0;
  virtual void running_again() = 0;

  /// A request has failed and is sent again at about `when`. For those who show it.
  virtual void asks_again(Instant /*when*/) {}

  /// How far it has got; at most once for each page. For those who show it.
  virtual void reached(const Reach& /*reach*/) {}

  /// Shows that the stream lives if it has been silent for `span`.
  virtual void beat_if_silent(Duration span) = 0;

  /// Something could not be read.
  virtual void error(const ConnectorError& error) = 0;

  /// The end: whether everything was read, and the state that covers what was.
  virtual void complete(nlohmann::ordered_json state) = 0;
  virtual void incomplete(nlohmann::ordered_json state) = 0;

  /// The process ends while the stream is read, and this is its last line. Called by another thread
  /// than those that read it; what these say afterwards counts for nothing.
  virtual void break_off() {}

  /// What it has written so far; records that it knows already are not written again.
  virtual Written written() const = 0;
};

/// Opens the sink of a stream; `state` is the one that holds before anything is read.
using OpenSink = std::function<std::unique_ptr<StreamSink>(const std::string& stream,
                                                           nlohmann::ordered_json state)>;

}  // namespace source_sentry
