#include "live/notion/bridge.h"

#include <spdlog/spdlog.h>

#include <nlohmann/json.hpp>
#include <utility>

#include "base/text.h"
#include "live/notion/api/form_error.h"
#include "live/notion/ui_call.h"

namespace source_sentry {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kLargestForm = std::size_t{1} << 20;

// Sentry asks once or twice a second while somebody types.
constexpr std::chrono::milliseconds kBetweenOptions(200);
constexpr int kOptionsAtOnce = 20;

HttpAnswer json_answer(int status, const Json& body) {
  return {status, body.dump(-1, ' ', false, Json::error_handler_t::replace), "application/json"};
}

HttpAnswer failure(int status, const std::string& message) {
  return json_answer(status, {{"message", message}});
}

HttpAnswer late() {
  return failure(504,
                 "Notion has not answered in time. Try again in a moment: a page is made only "
                 "once.");
}

}  // namespace

NotionBridge::NotionBridge(BridgeOptions options, Pages& pages, Users& users, WorkPool& pool,
                           Clock& clock, IsSigned is_signed)
    : options_(std::move(options)),
      pages_(pages),
      users_(users),
      pool_(pool),
      clock_(clock),
      is_signed_(std::move(is_signed)),
      limit_(kBetweenOptions, kOptionsAtOnce),
      timely_(options_.answer_time, late()) {}

NotionBridge::Route NotionBridge::route(std::string_view path) const {
  if (!path.starts_with(options_.prefix)) return Route::kNone;
  path.remove_prefix(options_.prefix.size());
  if (path == "/create") return Route::kCreate;
  if (path == "/link") return Route::kLink;
  if (path == "/search") return Route::kSearch;
  return path == "/users" ? Route::kUsers : Route::kNone;
}

bool NotionBridge::answers(std::string_view path) const { return route(path) != Route::kNone; }

RequestHandler::Admission NotionBridge::admit(const RequestHead& head) {
  const Route asked = route(head.path);
  if (asked == Route::kNone) return {0, failure(404, "There is nothing at this path.")};
  const bool submits = asked == Route::kCreate || asked == Route::kLink;
  const std::string method = submits ? "POST" : "GET";
  if (head.method != method) {
    HttpAnswer refusal = failure(405, "This path takes " + method + " only.");
    refusal.headers.emplace_back("Allow", method);
    return {0, std::move(refusal)};
  }
  return {submits ? kLargestForm : 0, {}};
}

void NotionBridge::handle(HttpRequest request, Respond respond) {
  if (Admission admission = admit(request); admission.refusal) {
    respond(*std::move(admission.refusal));
    return;
  }
  if (!is_signed_(request)) {
    respond(failure(401, "The signature is missing or wrong."));
    return;
  }
  if (request.method == "GET" && !limit_.admits(request.peer, clock_.steady_now())) {
    respond(failure(429, "Too many requests. Try again in a moment."));
    return;
  }
  const Respond in_time = timely_.watch(std::move(respond));
  const bool taken = pool_.add([this, request = std::move(request), in_time] {
    in_time(answer(route(request.path), request));
  });
  if (!taken) in_time(failure(503, "Too many requests at once. Try again in a moment."));
}

HttpAnswer NotionBridge::answer(Route route, const HttpRequest& request) {
  try {
    const bool submits = route == Route::kCreate || route == Route::kLink;
    return json_answer(200, submits ? submit(route, request) : options(route, request));
  } catch (const FormError& error) {
    spdlog::warn("A call of Sentry's form was answered with {}. {}", error.status(),
                 error.detail());
    return failure(error.status(), error.message());
  } catch (const std::exception& error) {
    constexpr std::size_t kShown = 200;
    spdlog::error("A call of Sentry's form failed: {}", excerpt(error.what(), kShown));
    return failure(500, "Something went wrong here. Try again in a moment.");
  }
}

void NotionBridge::refuse_other_installations(const std::string& id) const {
  if (options_.installation_id.empty() || id == options_.installation_id) return;
  throw FormError(404, "This installation of the integration is not connected with Notion.");
}

Json NotionBridge::submit(Route route, const HttpRequest& request) {
  const UiCall call = parse_ui_call(request.body);
  refuse_other_installations(call.installation_id);
  PageLink page;
  if (route == Route::kLink) {
    if (call.field("page_id").empty()) throw FormError(400, "Choose a page.");
    page = pages_.link(call.field("page_id"), call.web_url);
  } else {
    const std::string title(trim(call.field("title")));
    if (title.empty()) throw FormError(400, "The page needs a title.");
    page = pages_.create({call.installation_id + "/" + call.issue_id, title,
                          call.field("description"), call.field("owner_id"), call.web_url});
  }
  // Sentry shows `project#identifier`: there is no project in Notion.
  return {{"webUrl", page.url}, {"project", ""}, {"identifier", page.identifier}};
}

Json NotionBridge::options(Route route, const HttpRequest& request) {
  refuse_other_installations(query_value(request.query, "installationId"));
  const std::string text(trim(query_value(request.query, "query")));
  Json list = Json::array();
  for (const FormOption& option :
       route == Route::kUsers ? users_.search(text) : pages_.search(text)) {
    list.push_back({{"label", option.label}, {"value", option.value}, {"default", false}});
  }
  return list;
}

}  // namespace source_sentry
