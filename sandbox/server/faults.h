#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
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
  std::string path = "*";  ///< part of path + ? + query, with $ its end; * for all
  std::int64_t after = 0;  ///< matching requests to let pass first
  std::int64_t times = 1;  ///< how often; -1 for ever
  std::optional<std::int64_t>
      wider_than;                    ///< seconds between the first and the last time asked for
  std::optional<double> per_second;  ///< what comes sooner than so many a second allow
  std::optional<int> at_once;        ///< what comes while so many are under way
  std::string holds;                 ///< part of the real answer's body

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
  bool endless = false;       ///< the first page again, with a new cursor
  bool body_of_last = false;  ///< a document as the request before was answered
  std::string row;            ///< JSON that stands before a list's own rows

  // On the wire.
  Headers add_headers;  ///< in lines of their own, before the answer's
  bool folded = false;  ///< names in capitals, values in several lines
  bool trailer = false;
  int delay_ms = 0;
  bool close_before = false;
  std::optional<std::size_t> truncate;
  bool truncate_gzip = false;
  int drip_ms = 0;

  // So far.
  std::int64_t seen = 0;
  std::int64_t hits = 0;
  std::chrono::steady_clock::time_point passed_at;
  std::shared_ptr<std::atomic<int>> under_way = std::make_shared<std::atomic<int>>(0);

  bool replaces_answer() const { return status || html || rate_limited; }
};

/// What the faults in force mean for one request.
struct Stroke {
  std::optional<Fault> fault;
  std::vector<std::shared_ptr<void>> leases;  ///< held while the request is under way
};

/// The faults in force. Safe from several threads.
class FaultBook {
 public:
  /// Whether the real answer's body holds a text.
  using Holds = std::function<bool(const std::string& text)>;

  /// Adds the fault or array of faults of a JSON text. Throws std::invalid_argument with a message.
  void add(std::string_view json);
  void clear();

  /// A JSON array of the faults with their counts.
  std::string json() const;

  /// Counts a request and gives the first fault that is due for it.
  Stroke match(std::string_view target, const Holds& holds);

 private:
  mutable std::mutex mutex_;
  std::vector<std::pair<Fault, std::string>> faults_;  // with the JSON they came as
};

}  // namespace sandbox
