#include "sentry/webhooks/webhook_spec.h"

#include <string>

#include "sentry/stream_groups.h"
#include "sentry/webhooks/webhook_record.h"
#include "sentry/webhooks/webhook_stream.h"

namespace source_sentry {

std::vector<StreamSpec> webhook_specs() {
  std::vector<StreamSpec> specs;
  for (const WebhookStream& stream : webhook_streams()) {
    StreamSpec spec;
    spec.name = stream.name;
    spec.docs = stream.docs;
    spec.group = kLiveGroup;
    spec.things = "received webhooks";
    spec.personal.assign(stream.personal.begin(), stream.personal.end());
    spec.primary_key = {"deliveryId"};
    spec.cursor_key = kSpoolCursor;
    spec.webhooks = &stream;
    specs.push_back(std::move(spec));
  }
  return specs;
}

}  // namespace source_sentry
