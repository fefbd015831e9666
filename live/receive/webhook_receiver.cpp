#include "live/receive/webhook_receiver.h"

#include <utility>

#include "base/text.h"
#include "live/receive/delivery_headers.h"
#include "live/receive/pending_answer.h"
#include "live/receive/signature.h"
#include "live/server/answer_text.h"
#include "live/server/status.h"
#include "sentry/webhooks/webhook_record.h"

namespace source_sentry {
namespace {

using Kind = Delivery::Kind;

/// What metrics call a delivery's resource.
std::string label_of(const Delivery& delivery) {
  switch (delivery.kind) {
    case Kind::kServiceHook:
      return "service_hook";
    case Kind::kLegacy:
      return "legacy";
    case Kind::kIntegration:
    case Kind::kUnsigned:
      break;
  }
  return delivery.resource;
}

/// The same body has the same one, whenever it comes, and so has one that says the same.
std::string id_of(const std::string& body, const Envelope& envelope) {
  constexpr std::size_t kIdSize = 32;
  const auto other = other_words_of(body, envelope);
  return hex_of(sha256(other ? *other : body)).substr(0, kIdSize);
}

std::string bytes(std::size_t count) { return number_of(count, "byte"); }

}  // namespace

WebhookReceiver::WebhookReceiver(ReceiverOptions options, DeliveryStore store,
                                 std::shared_ptr<ReceiverMetrics> metrics, ReceiverLog log,
                                 Clock& clock)
    : options_(std::move(options)),
      store_(std::move(store)),
      metrics_(std::move(metrics)),
      log_(std::make_shared<LimitedLog>(std::move(log), clock)),
      clock_(clock),
      failures_(options_.failures_a_minute, clock),
      timer_(options_.store_time) {
  use(options_.endpoints);
}

void WebhookReceiver::use(std::vector<Endpoint> endpoints) {
  require_usable(endpoints);
  auto fresh = std::make_shared<const std::vector<Endpoint>>(std::move(endpoints));
  const std::scoped_lock lock(mutex_);
  endpoints_ = std::move(fresh);
}

WebhookReceiver::Endpoints WebhookReceiver::endpoints() const {
  const std::scoped_lock lock(mutex_);
  return endpoints_;
}

bool WebhookReceiver::serves(std::string_view path) const {
  return find_endpoint(*endpoints(), path) != nullptr;
}

RequestHandler::Admission WebhookReceiver::admit(const RequestHead& head) {
  if (is_shut_) return {.refusal = plain_answer(status::kUnavailable)};
  if (failures_.is_blocked(sender_of(head, options_.proxies))) {
    metrics_->count_refusal(status::kTooManyRequests);
    HttpAnswer answer = plain_answer(status::kTooManyRequests);
    answer.headers.emplace_back("Retry-After", "60");
    return {.refusal = answer};
  }
  const Endpoints endpoints = this->endpoints();
  const Endpoint* const endpoint = find_endpoint(*endpoints, head.path);
  // The path is not told: it may be a token with a slip of the pen in it.
  if (endpoint == nullptr) {
    return {.refusal = refuse(head, status::kNotFound, "there is no endpoint at its path.")};
  }
  if (head.method != "POST") {
    HttpAnswer answer = refuse(head, status::kMethodNotAllowed, "its method is not POST.");
    answer.headers.emplace_back("Allow", "POST");
    return {.refusal = answer};
  }
  return {.most_body = endpoint->most_body};
}

void WebhookReceiver::refused(const std::string& peer, int status) {
  metrics_->count_refusal(status);
  if (holds(options_.proxies, peer) || status == status::kUnavailable) return;
  RequestHead head;
  head.peer = peer;
  const std::string client = sender_of(head, {});
  failures_.fail(client);
  log_->warn(client, "A request from " + peer + " was refused with HTTP " + std::to_string(status) +
                         ": it was not as HTTP wants it, or too large, or "
                         "too slow.");
}

HttpAnswer WebhookReceiver::refuse(const RequestHead& head, int status, const std::string& why) {
  const std::string client = sender_of(head, options_.proxies);
  failures_.fail(client);
  log_->warn(client, "A request from " + (client.empty() ? head.peer : client) +
                         " was refused with HTTP " + std::to_string(status) + ": " + why);
  // Bad signatures are counted as webhooks.
  if (status != status::kUnauthorized) metrics_->count_refusal(status);
  return plain_answer(status);
}

bool WebhookReceiver::is_signed(const HttpRequest& request, const Endpoint& endpoint) {
  std::span<const std::string_view> headers = kIntegrationSignatures;
  if (endpoint.kind == Kind::kServiceHook) headers = kServiceHookSignatures;
  const Signature signature = check_signature(request, request.body, headers, endpoint.secrets);
  if (!signature.is_valid) return false;
  metrics_->count_signature(signature.header);
  failures_.succeed(sender_of(request, options_.proxies));
  if (signature.header == kAppSignature && !has_seen_app_header_.exchange(true)) {
    log_->inform("Webhooks for " + endpoint.name +
                 " are signed in Sentry-App-Signature, which is as good as "
                 "Sentry-Hook-Signature.");
  }
  return true;
}

void WebhookReceiver::handle(HttpRequest request, Respond respond) {
  const Endpoints endpoints = this->endpoints();
  const Endpoint* const endpoint = find_endpoint(*endpoints, request.path);
  if (endpoint == nullptr) return respond(plain_answer(status::kNotFound));  // no longer there
  Delivery delivery = described_by(request, *endpoint);
  const std::string label = label_of(delivery);
  const bool needs_signature = delivery.is_verified();
  if (needs_signature && !is_signed(request, *endpoint)) {
    metrics_->count(label, WebhookResult::kBadSignature);
    return respond(refuse(request, status::kUnauthorized,
                          "signature mismatch, " + bytes(request.body.size()) +
                              "; is it another integration's, or does a proxy rewrite bodies?"));
  }
  const std::optional<Envelope> envelope = read_envelope(request.body);
  if (const auto result = objection(request, delivery, envelope)) {
    metrics_->count(label, *result);
    return respond(plain_answer(status::kBadRequest));
  }
  if (has_no_room_for(delivery)) {
    metrics_->count(label, WebhookResult::kDropped);
    return respond({});
  }
  delivery.id = id_of(request.body, *envelope);
  delivery.received_at = clock_.now();
  delivery.body = std::move(request.body);
  store(std::move(delivery), label, std::move(respond));
}

std::optional<WebhookResult> WebhookReceiver::objection(const HttpRequest& request,
                                                        const Delivery& delivery,
                                                        const std::optional<Envelope>& envelope) {
  if (!envelope) {
    log_->warn("json", "A webhook for " + delivery.endpoint + " was refused: its " +
                           bytes(request.body.size()) + " are no JSON object.");
    return WebhookResult::kBadJson;
  }
  const bool has_resource = delivery.has_envelope();
  const std::string_view told = has_resource ? resource_of(*envelope) : std::string_view();
  if (!told.empty() && told != delivery.resource) {
    log_->warn("mismatch", "A webhook for " + delivery.endpoint +
                               " was refused: its body is that of another resource than its "
                               "header names. Was it sent by Sentry?");
    return WebhookResult::kMismatch;
  }
  const auto off = distance(delivery, clock_.now());
  const std::chrono::seconds most = options_.most_distance;
  if (most > std::chrono::seconds(0) && off && *off > most) {
    log_->warn("stale", "A webhook for " + delivery.endpoint + " was refused: its time is " +
                            number_of(static_cast<std::uint64_t>(off->count()), "second") +
                            " from ours. Is this machine's clock right?");
    return WebhookResult::kStale;
  }
  return std::nullopt;
}

bool WebhookReceiver::has_no_room_for(const Delivery& delivery) {
  if (delivery.resource != "error" || store_.fill() < options_.nearly_full) return false;
  log_->warn("dropped",
             "The spool is nearly full: webhooks of single errors are dropped, so that others "
             "find room.");
  return true;
}

void WebhookReceiver::store(Delivery delivery, const std::string& label, Respond respond) {
  const auto pending =
      std::make_shared<PendingAnswer>(label, std::move(respond), metrics_, log_, clock_);
  timer_.later([weak = std::weak_ptr<PendingAnswer>(pending)] {
    if (const auto alive = weak.lock()) alive->on_time_over();
  });
  store_.append(std::move(delivery),
                [pending](SpoolWriter::Result result) { pending->on_stored(result); });
}

}  // namespace source_sentry
