#pragma once

#include <algorithm>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "live/server/http_server.h"

namespace source_sentry {

/// Answers each request with its method, path, query and body; "/later" when the test says so;
/// "/no" is not admitted.
class FakeHandler final : public RequestHandler {
 public:
  std::size_t most_body = 1 << 20;

  Admission admit(const RequestHead& head) override {
    if (head.path == "/no") return {.refusal = HttpAnswer{.status = 404, .body = "no\n"}};
    if (head.path == "/throw") throw 1;
    return {.most_body = most_body};
  }

  void handle(HttpRequest request, Respond respond) override {
    const std::scoped_lock lock(mutex_);
    requests_.push_back(request);
    if (request.path == "/fail") throw 1;
    if (request.path == "/forget") return;
    if (request.path == "/later") {
      waiting_.push_back(std::move(respond));
    } else {
      respond(
          {.body = request.method + " " + request.path + " " + request.query + " " + request.body});
    }
    changed_.notify_all();
  }

  void refused(const std::string&, int status) override {
    const std::scoped_lock lock(mutex_);
    refusals_.push_back(status);
    changed_.notify_all();
  }

  /// Waits for a request to "/later", and returns how to answer it.
  Respond waiting() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return !waiting_.empty(); });
    Respond respond = std::move(waiting_.back());
    waiting_.pop_back();
    return respond;
  }

  /// Waits until the server has refused so many requests like that.
  void wait_for_refusals(std::size_t count, int status) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] {
      return std::count(refusals_.begin(), refusals_.end(), status) >=
             static_cast<std::ptrdiff_t>(count);
    });
  }

  std::vector<HttpRequest> requests() {
    const std::scoped_lock lock(mutex_);
    return requests_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<HttpRequest> requests_;
  std::vector<Respond> waiting_;
  std::vector<int> refusals_;
};

/// A server of the test, on a port of its own.
struct ServerUnderTest {
  explicit ServerUnderTest(const ServerLimits& limits = {},
                           const std::optional<ServerTls>& tls = std::nullopt)
      : server("127.0.0.1", 0, limits, tls, handler) {}

  FakeHandler handler;
  HttpServer server;
};

inline std::string post(const std::string& path, const std::string& body,
                        const std::string& headers = "") {
  return "POST " + path + " HTTP/1.1\r\nHost: h\r\n" + headers +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

}  // namespace source_sentry
