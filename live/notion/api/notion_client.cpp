#include "live/notion/api/notion_client.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/json_text.h"
#include "live/notion/api/verdict.h"

namespace source_sentry {
namespace {

using std::chrono::milliseconds;

// Notion promised three calls a second for years, and counts in other ways today; what it asks for
// by Retry-After goes before this.
constexpr milliseconds kBetweenCalls(400);
constexpr int kAtOnce = 6;

constexpr std::chrono::seconds kLongestCall(10);
constexpr milliseconds kBeforeTheSecond(500);
constexpr std::chrono::seconds kBeforeTheLast(60);

/// How long to wait after that attempt, where Notion does not say.
Duration backoff_after(int attempt) {
  constexpr int kMostDoublings = 10;
  return std::min<Duration>(kBeforeTheSecond * (1 << std::min(attempt - 1, kMostDoublings)),
                            kBeforeTheLast);
}

}  // namespace

NotionClient::NotionClient(Make make, std::string version, Clock& clock, std::stop_token stop)
    : make_(std::move(make)),
      version_(std::move(version)),
      clock_(clock),
      stop_(std::move(stop)),
      turns_(kBetweenCalls, kAtOnce) {}

NotionClient::~NotionClient() = default;

void NotionClient::wait(Duration span) {
  if (span > Duration::zero()) clock_.sleep_for(span, stop_);
}

void NotionClient::send(const NotionCall& call, Response& response) {
  std::unique_ptr<HttpClient> client;
  {
    const std::scoped_lock lock(mutex_);
    if (!idle_.empty()) {
      client = std::move(idle_.back());
      idle_.pop_back();
    }
  }
  if (!client) client = make_();
  Request request{call.target};
  request.headers = {"Notion-Version: " + version_};
  if (!call.method.empty()) request.headers.emplace_back("Content-Type: application/json");
  request.method = call.method;
  request.body = call.body;
  request.once = !call.repeatable;
  request.whole = kLongestCall;
  client->start(request);
  client->finish(response, stop_);
  const std::scoped_lock lock(mutex_);
  idle_.push_back(std::move(client));
}

nlohmann::json NotionClient::call(const NotionCall& call, const NotionPatience& patience) {
  for (int attempt = 1;; ++attempt) {
    Duration before{};
    if (!turns_.take(clock_.steady_now(), patience.longest_wait, before)) throw busy_error(before);
    wait(before);
    Response response;
    send(call, response);
    if (response.ok()) {
      nlohmann::json answer = parse_json(response.body);
      if (answer.is_object()) return answer;
    }
    NotionVerdict verdict = judge_notion(response);
    verdict.error.may_be_done = !verdict.certainly_not_done;
    if (verdict.holds_all) turns_.hold(clock_.steady_now() + *verdict.asked);
    spdlog::warn("A call of Notion failed: {}", verdict.error.detail());
    const bool again = verdict.may_pass && (call.repeatable || verdict.certainly_not_done);
    if (!again || attempt >= patience.attempts || stop_.stop_requested()) throw verdict.error;
    const Duration asked = verdict.asked.value_or(backoff_after(attempt));
    if (asked > patience.longest_wait) {
      FormError error = busy_error(asked);
      error.may_be_done = verdict.error.may_be_done;
      throw error;
    }
    if (!verdict.holds_all) wait(asked);  // the next turn is after it anyway
  }
}

nlohmann::json NotionClient::get(const std::string& target, const NotionPatience& patience) {
  return call({target}, patience);
}

}  // namespace source_sentry
