#include "live/app/notion.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "app/settings/environment.h"
#include "base/json_member.h"
#include "base/json_text.h"
#include "base/version.h"
#include "live/receive/signature.h"

namespace source_sentry {

std::unique_ptr<NotionService> notion_of(const ListenOptions& options,
                                         std::vector<std::string> secrets, Emitter& emitter) {
  if (!options.notion) return nullptr;
  const Variable variable = [](const char* name) { return environment(name); };
  NotionSettings settings = notion_settings(variable);
  for (const std::string& secret : settings.secrets()) emitter.hide(secret);
  secrets.push_back(settings.client_secret);
  NotionService::Options service;
  service.connection =
      notion_connection(settings, std::string("source-sentry/") + kVersion, variable);
  service.folder = options.spool;
  service.prefix = options.prefix;
  auto notion = std::make_unique<NotionService>(
      std::move(settings), std::move(service),
      [secrets = std::move(secrets)](const HttpRequest& request) {
        return check_signature(request, request.body, kIntegrationSignatures, secrets).is_valid;
      },
      emitter.clock());
  notion->check();
  return notion;
}

void follow_in_notion(NotionService* notion, const Delivery& delivery) {
  if (notion == nullptr || delivery.resource != "issue") return;
  const nlohmann::json body = parse_json(delivery.body);
  const nlohmann::json* data = member(body, "data");
  if (data == nullptr) return;
  const std::string& sent = delivery.sent_at;
  const Instant when =
      sent.empty() ? delivery.received_at : Instant(std::chrono::seconds(std::stoll(sent)));
  if (auto change = issue_change(*data, text_member(body, "action"), when)) {
    notion->follow(std::move(*change));
  }
}

}  // namespace source_sentry
