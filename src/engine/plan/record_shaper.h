#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>

#include "base/error.h"

namespace source_sentry {

/// Makes the records of a stream out of those of its source. For one thread at a time.
class RecordShaper {
 public:
  /// Takes one record, which is valid until it returns.
  using Sink = std::function<void(std::string_view json)>;

  virtual ~RecordShaper() = default;

  /// Hands what `record` gives to `sink`: nothing, one record or several. `id` names it in
  /// messages. Throws a ConnectorError where the stream cannot go on.
  virtual void shape(std::string_view record, std::string_view id, const Sink& sink) = 0;

  /// The same for a record that only says that its row is gone.
  virtual void shape_gone(std::string_view record, const Sink& sink) = 0;

  /// How many records it has left out so far since what decides about them, or makes them, failed.
  virtual std::uint64_t left_out() const = 0;
};

/// The shapers of one stream in one run. Thread-safe.
class RecordShaping {
 public:
  virtual ~RecordShaping() = default;

  /// One that nobody else uses until it is let go; this outlives it. Throws a ConnectorError where
  /// there is none to be had, since the configuration is wrong.
  virtual std::shared_ptr<RecordShaper> lend() = 0;

  /// The stream has been read, to its end or not. Tells how it went; gives what makes it fail.
  virtual std::optional<ConnectorError> end() = 0;
};

}  // namespace source_sentry
