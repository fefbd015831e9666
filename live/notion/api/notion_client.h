#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <nlohmann/json_fwd.hpp>
#include <stop_token>
#include <string>
#include <vector>

#include "base/clock.h"
#include "http/http.h"
#include "live/notion/api/turns.h"

namespace source_sentry {

/// One call of Notion's API.
struct NotionCall {
  std::string target;    ///< below the base: "pages/..."
  std::string method{};  ///< "POST" or "PATCH"; empty: GET
  std::string body{};    ///< JSON
  /// Whether twice is as good as once. What is not goes again only where it certainly was not done.
  bool repeatable = true;
};

/// How long somebody waits for an answer.
struct NotionPatience {
  Duration longest_wait = std::chrono::seconds(2);  ///< for a turn, or as Notion asks
  int attempts = 2;
};

/// There is no time to wait while somebody looks at a form, and enough behind one.
inline constexpr NotionPatience kBeforeAForm{};
inline constexpr NotionPatience kBehindAForm{std::chrono::minutes(5), 10};

/// Calls Notion's API, and nothing else: its clients know one server only. Thread-safe.
class NotionClient {
 public:
  using Make = std::function<std::unique_ptr<HttpClient>()>;

  /// `version`: of the API. The clock and what `make` uses outlive it.
  NotionClient(Make make, std::string version, Clock& clock, std::stop_token stop = {});
  ~NotionClient();

  /// The answer, a JSON object. Throws a FormError where there is none.
  nlohmann::json call(const NotionCall& call, const NotionPatience& patience = kBeforeAForm);

  nlohmann::json get(const std::string& target, const NotionPatience& patience = kBeforeAForm);

 private:
  void send(const NotionCall& call, Response& response);
  void wait(Duration span);

  const Make make_;
  const std::string version_;
  Clock& clock_;
  const std::stop_token stop_;
  Turns turns_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<HttpClient>> idle_;  // connected, as many as ran at a time
};

}  // namespace source_sentry
