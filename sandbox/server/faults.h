#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sandbox/api/answer.h"

namespace sandbox {

/// Which of its four shapes a 429 has (sentry-api.md 3.2).
enum class RefusalShape { kGateway, kQuery, kOld, kGlitchtip };

/// Something to go wrong with some requests. Actions may be combined where that makes sense.
struct Fault {
  // When.
  std::string path = "*";  ///< part of path + ? + query, or * for all
  std::int64_t after = 0;  ///< matching requests to let pass first
  std::int64_t times = 1;  ///< how often; -1 for ever

  // Instead of the real answer.
  std::optional<int> status;
  std::string body;
  std::string content_type = "application/json";
  Headers headers;
  bool html = false;
  std::optional<double> rate_limited;  ///< seconds until the reset
  RefusalShape shape = RefusalShape::kGateway;

  // To the real answer.
  std::vector<std::string> drop_headers;
  Headers set_headers;
  std::optional<std::pair<std::string, std::string>> replace;
  bool repeat_cursor = false;

  // On the wire.
  int delay_ms = 0;
  bool close_before = false;
  std::optional<std::size_t> truncate;
  bool truncate_gzip = false;
  int drip_ms = 0;

  // So far.
  std::int64_t seen = 0;
  std::int64_t hits = 0;

  bool replaces_answer() const { return status || html || rate_limited; }
};

/// The faults in force. Safe from several threads.
class FaultBook {
 public:
  /// Adds the fault or array of faults of a JSON text. Throws std::invalid_argument with a message.
  void add(std::string_view json);
  void clear();

  /// A JSON array of the faults with their counts.
  std::string json() const;

  /// Counts a request and gives the first fault that is due for it.
  std::optional<Fault> match(std::string_view target);

 private:
  mutable std::mutex mutex_;
  std::vector<std::pair<Fault, std::string>> faults_;  // with the JSON they came as
};

}  // namespace sandbox
