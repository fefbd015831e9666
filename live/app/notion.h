#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "live/app/options.h"
#include "live/notion/notion_service.h"
#include "protocol/emitter.h"
#include "spool/delivery.h"

namespace source_sentry {

/// The Notion bridge as the environment configures it; null where the options want none. `secrets`:
/// of the integration, which sign its calls, too. Throws a ConnectorError that tells all that is
/// wrong with the environment, or with Notion's database.
std::unique_ptr<NotionService> notion_of(const ListenOptions& options,
                                         std::vector<std::string> secrets, Emitter& emitter);

/// Lets the page of a webhook's issue follow it; does nothing for others, and where `notion` is
/// null.
void follow_in_notion(NotionService* notion, const Delivery& delivery);

/// Sends each request to the handler of its path.
class Paths final : public RequestHandler {
 public:
  /// `notion` may be null; both outlive it.
  Paths(RequestHandler& webhooks, NotionService* notion) : webhooks_(webhooks), notion_(notion) {}

  Admission admit(const RequestHead& head) override { return of(head).admit(head); }
  void handle(HttpRequest request, Respond respond) override {
    RequestHandler& handler = of(request);
    handler.handle(std::move(request), std::move(respond));
  }
  void refused(const std::string& peer, int status) override { webhooks_.refused(peer, status); }

 private:
  RequestHandler& of(const RequestHead& head) {
    const bool is_notions = notion_ != nullptr && notion_->handler().answers(head.path);
    return is_notions ? static_cast<RequestHandler&>(notion_->handler()) : webhooks_;
  }

  RequestHandler& webhooks_;
  NotionService* const notion_;
};

}  // namespace source_sentry
