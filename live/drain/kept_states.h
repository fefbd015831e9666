#pragma once

#include <filesystem>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string>

#include "sink/stream_sink.h"

namespace source_sentry {

/// Remembers in a file which states have left, for records that go to stdout: nobody brings them
/// back to a process that runs for months. Thread-safe.
class KeptStates {
 public:
  /// Reads what an earlier process has kept. Throws a ConnectorError where the file is not as it
  /// was written.
  explicit KeptStates(std::filesystem::path file);

  /// The latest state of a stream; null where there is none.
  nlohmann::json of(const std::string& stream) const;

  /// The same sinks, whose states are remembered once they were handed on. It must outlive them.
  OpenSink watch(OpenSink open);

  /// Writes down the states that have left since the last call. Throws a ConnectorError where that
  /// fails.
  void save();

 private:
  class Sink;
  void note(const std::string& stream, const nlohmann::ordered_json& state);

  const std::filesystem::path file_;
  mutable std::mutex mutex_;
  std::map<std::string, nlohmann::ordered_json> states_;
  bool changed_ = false;
};

}  // namespace source_sentry
