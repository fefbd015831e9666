#include "sentry/webhooks/webhook_spec.h"

#include <string>

#include "sentry/embedded.h"
#include "sentry/stream_groups.h"
#include "sentry/webhooks/webhook_record.h"
#include "sentry/webhooks/webhook_stream.h"

namespace source_sentry {

namespace {

StreamSpec spec_of(const WebhookStream& stream) {
  StreamSpec spec;
  spec.name = stream.name;
  spec.docs = stream.docs;
  spec.group = kLiveGroup;
  spec.things = "received webhooks";
  spec.personal.assign(stream.personal.begin(), stream.personal.end());
  spec.primary_key = {"deliveryId"};
  spec.cursor_key = kSpoolCursor;
  spec.webhooks = &stream;
  return spec;
}

}  // namespace

std::vector<StreamSpec> webhook_specs() {
  std::vector<StreamSpec> specs;
  for (const WebhookStream& stream : webhook_streams()) specs.push_back(spec_of(stream));
  return specs;
}

StreamSpec webhooks_as_sent_spec() {
  StreamSpec spec = spec_of(webhooks_as_sent());
  spec.schema = embedded_schema("other_webhooks");  // no one sees more of it than its records
  return spec;
}

}  // namespace source_sentry
