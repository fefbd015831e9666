#pragma once

#include <cstdint>
#include <deque>
#include <filesystem>
#include <functional>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "sink/stream_sink.h"

namespace source_sentry {

/// Remembers in a file which states have left, for records that go to stdout: nobody brings them
/// back to a process that runs for months. Thread-safe.
class KeptStates {
 public:
  /// How far stdout is written, and how far its reader has taken that, in bytes.
  struct StdoutReach {
    std::uint64_t written = 0;
    std::uint64_t taken = 0;
  };

  /// Reads what an earlier process has kept. Throws a ConnectorError where the file is not as it
  /// was written.
  KeptStates(std::filesystem::path file, std::function<StdoutReach()> reach);

  /// The latest state of a stream; null where there is none.
  nlohmann::json of(const std::string& stream) const;

  /// The same sinks, whose states are remembered once they were handed on. It must outlive them.
  OpenSink watch(OpenSink open);

  /// Writes down the latest states that the reader has taken: what waits in a pipe is lost with
  /// it. Throws a ConnectorError where that fails.
  void save();

 private:
  class Sink;
  void note(const std::string& stream, const nlohmann::ordered_json& state);

  const std::filesystem::path file_;
  mutable std::mutex mutex_;
  std::map<std::string, nlohmann::ordered_json> states_;
  bool changed_ = false;
  /// States that are written, each with the place behind them.
  std::deque<std::pair<std::uint64_t, std::string>> on_their_way_;
  const std::function<StdoutReach()> reach_;
};

}  // namespace source_sentry
