#pragma once

#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "fake_store.h"
#include "fakes/fake_clock.h"
#include "live/receive/signature.h"
#include "live/receive/webhook_receiver.h"

namespace source_sentry {

inline const std::string kPresentSecret = "s3cr3t-for-tests-only-0123456789abcdef";
inline const std::string kFormerSecret = "the-one-before";
inline const std::string kHookSecret = "of-a-service-hook";
inline const std::string kPluginToken = "0123456789abcdef0123456789abcdef";
inline const std::string kIssueBody = R"({"action":"created","data":{"issue":{"id":"42"}}})";

inline std::vector<Endpoint> some_endpoints() {
  using Kind = Delivery::Kind;
  return {{.name = "bridge", .path = "/", .secrets = {kPresentSecret, kFormerSecret}},
          {.name = "hook",
           .path = "/hook",
           .kind = Kind::kServiceHook,
           .secrets = {kHookSecret},
           .most_body = 1'000},
          {.name = "plugin", .path = "/old", .kind = Kind::kLegacy, .secrets = {kPluginToken}}};
}

/// A receiver, what is around it, and requests for it.
class ReceiverUnderTest {
 public:
  explicit ReceiverUnderTest(ReceiverOptions options = {}) {
    if (options.endpoints.empty()) options.endpoints = some_endpoints();
    receiver = std::make_unique<WebhookReceiver>(options, store.store(), metrics, log.log(), clock);
  }

  FakeStore store;
  FakeLog log;
  FakeClock clock;
  std::shared_ptr<ReceiverMetrics> metrics = std::make_shared<ReceiverMetrics>();
  std::unique_ptr<WebhookReceiver> receiver;

  /// As Sentry would send it.
  static HttpRequest webhook(const std::string& body, const std::string& resource = "issue",
                             const std::string& secret = kPresentSecret) {
    HttpRequest request;
    request.method = "POST";
    request.path = "/";
    request.peer = "192.0.2.1";
    request.headers = {{"sentry-hook-resource", resource},
                       {"sentry-hook-timestamp", "1768478400"},
                       {"request-id", "00112233445566778899aabbccddeeff"},
                       {"sentry-hook-signature", hex_of(hmac_sha256(secret, body))}};
    request.body = body;
    return request;
  }

  /// The answer, as the server would get it.
  HttpAnswer answer(HttpRequest request) { return asked(std::move(request)).get(); }
  int status(HttpRequest request) { return answer(std::move(request)).status; }

  std::future<HttpAnswer> asked(HttpRequest request) {
    const auto promise = std::make_shared<std::promise<HttpAnswer>>();
    const RequestHandler::Admission admission = receiver->admit(request);
    if (admission.refusal) {
      promise->set_value(*admission.refusal);
    } else {
      receiver->handle(std::move(request),
                       [promise](HttpAnswer answer) { promise->set_value(std::move(answer)); });
    }
    return promise->get_future();
  }

  std::uint64_t count_of(WebhookResult result) const { return metrics->count_of(result); }
};

/// The request with another value of that header; with none where it is empty.
inline HttpRequest with_header(HttpRequest request, const std::string& name,
                               const std::string& value) {
  std::erase_if(request.headers, [&](const auto& header) { return header.first == name; });
  if (!value.empty()) request.headers.emplace_back(name, value);
  return request;
}

inline HttpRequest from(HttpRequest request, const std::string& peer) {
  request.peer = peer;
  return request;
}

}  // namespace source_sentry
