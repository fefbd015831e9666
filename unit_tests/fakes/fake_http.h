#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "http/http.h"

namespace source_sentry {

/// Builds answers in one expression.
inline Response answer(int status, std::string body,
                       std::vector<std::pair<std::string, std::string>> headers = {}) {
  Response response;
  response.status = status;
  response.body = std::move(body);
  response.headers = std::move(headers);
  return response;
}

inline Response broken(TransportProblem problem, std::string text = "fake trouble") {
  Response response;
  response.problem = problem;
  response.problem_text = std::move(text);
  return response;
}

/// A server in a function: it sees each request and gives the answer. Remembers what was asked and
/// fails the test when the client is used against its contract.
class FakeHttp final : public HttpClient {
 public:
  using Server = std::function<Response(const std::string& target)>;
  explicit FakeHttp(Server server) : server_(std::move(server)) {}

  /// Answers in order, whatever is asked; one more request fails the test.
  static FakeHttp script(std::vector<Response> answers) {
    return FakeHttp([answers = std::move(answers),
                     next = std::size_t{0}](const std::string& target) mutable -> Response {
      if (next >= answers.size()) {
        ADD_FAILURE() << "one request too many: " << target;
        return broken(TransportProblem::kBroken, "the script is over");
      }
      return answers[next++];
    });
  }

  void start(const Request& request) override {
    EXPECT_FALSE(under_way_) << "a request is under way already";
    under_way_ = request.target;
    targets_.push_back(request.target);
  }

  void finish(Response& response, std::stop_token stop) override {
    ASSERT_TRUE(under_way_) << "nothing was started";
    response = server_(*under_way_);
    under_way_.reset();
    if (stop.stop_requested()) response = broken(TransportProblem::kStopped);
  }

  void cancel() override {
    under_way_.reset();
    ++cancelled_;
  }

  const std::vector<std::string>& targets() const { return targets_; }
  int cancelled() const { return cancelled_; }

 private:
  Server server_;
  std::optional<std::string> under_way_;
  std::vector<std::string> targets_;
  int cancelled_ = 0;
};

}  // namespace source_sentry
