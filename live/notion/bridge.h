#pragma once

#include <chrono>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "live/notion/pages.h"
#include "live/notion/users.h"
#include "live/notion/work/address_limit.h"
#include "live/notion/work/timely_answers.h"
#include "live/notion/work/work_pool.h"
#include "live/server/http_server.h"

namespace source_sentry {

struct BridgeOptions {
  std::string prefix{};           ///< of the four paths; see path_prefix()
  std::string installation_id{};  ///< the only one that is answered; empty: any
  /// Sentry waits for 30 seconds, and a person before a form does not.
  std::chrono::milliseconds answer_time{8'000};
};

/// Answers the calls of Sentry's form for issue links: POST /create and /link, GET /search and
/// /users. Each answer is JSON; one that tells of a failure is {"message": ...}, which Sentry
/// shows.
class NotionBridge final : public RequestHandler {
 public:
  using IsSigned = std::function<bool(const HttpRequest&)>;

  /// All that is referred to outlives it; the pool ends before it.
  NotionBridge(BridgeOptions options, Pages& pages, Users& users, WorkPool& pool, Clock& clock,
               IsSigned is_signed);

  /// Whether the path is one of the four.
  bool answers(std::string_view path) const;

  Admission admit(const RequestHead& head) override;
  void handle(HttpRequest request, Respond respond) override;

 private:
  enum class Route { kNone, kCreate, kLink, kSearch, kUsers };

  Route route(std::string_view path) const;
  HttpAnswer answer(Route route, const HttpRequest& request);
  nlohmann::json submit(Route route, const HttpRequest& request);
  nlohmann::json options(Route route, const HttpRequest& request);
  void refuse_other_installations(const std::string& id) const;

  const BridgeOptions options_;
  Pages& pages_;
  Users& users_;
  WorkPool& pool_;
  Clock& clock_;
  const IsSigned is_signed_;
  AddressLimit limit_;
  TimelyAnswers timely_;
};

}  // namespace source_sentry
