#include "http/curl_client.h"

#include <gtest/gtest.h>
#include <httplib.h>

#include <thread>

namespace source_sentry {
namespace {

using namespace std::chrono_literals;

/// A server in this process, on a free port, for as long as the test runs.
class CurlClientTest : public testing::Test {
 protected:
  void SetUp() override {
    server_.set_keep_alive_timeout(1);
    server_.Get("/api/0/hello", [this](const httplib::Request& request, httplib::Response& answer) {
      {
        const std::scoped_lock lock(mutex_);
        seen_ = {request.get_header_value("Authorization"),
                 request.get_header_value("Accept-Encoding"),
                 request.get_header_value("User-Agent"), request.get_header_value("X-Own"),
                 request.remote_port};
      }
      answer.set_header("Date", "Tue, 16 Jan 2024 12:30:05 GMT");
      answer.set_header("X-Thing", "one: two");
      answer.set_content(R"([{"id":"1"}])", "application/json");
    });
    server_.Get("/api/0/status/(\\d+)",
                [](const httplib::Request& request, httplib::Response& answer) {
                  answer.status = std::stoi(request.matches[1]);
                  answer.set_header("Location", "/api/0/hello");
                  answer.set_content(R"({"detail":"x"})", "application/json");
                });
    server_.Patch("/api/0/changed", [](const httplib::Request& request, httplib::Response& answer) {
      answer.set_content(request.get_header_value("Content-Type") + " " + request.body + " " +
                             std::to_string(request.remote_port),
                         "text/plain");
    });
    server_.Get("/api/0/big", [](const httplib::Request&, httplib::Response& answer) {
      answer.set_content(std::string(300'000, 'x'), "text/plain");
    });
    server_.Get("/api/0/verbose", [](const httplib::Request&, httplib::Response& answer) {
      answer.status = 403;
      answer.set_content("no, " + std::string(300'000, 'x'), "text/plain");
    });
    server_.Get("/api/0/cut", [](const httplib::Request&, httplib::Response& answer) {
      answer.set_content_provider(1'000'000, "text/plain",
                                  [](std::size_t offset, std::size_t, httplib::DataSink& sink) {
                                    if (offset > 0) return false;
                                    sink.write("half", 4);
                                    return true;
                                  });
    });
    server_.Get("/api/0/never", [this](const httplib::Request&, httplib::Response&) {
      std::unique_lock lock(mutex_);
      released_.wait(lock, [this] { return release_; });
    });
    port_ = server_.bind_to_any_port("127.0.0.1");
    thread_ = std::jthread([this] { server_.listen_after_bind(); });
    while (!server_.is_running()) std::this_thread::yield();
  }

  void TearDown() override {
    {
      const std::scoped_lock lock(mutex_);
      release_ = true;
    }
    released_.notify_all();
    server_.stop();
  }

  ConnectionOptions options() const {
    ConnectionOptions options;
    options.base = "http://127.0.0.1:" + std::to_string(port_) + "/api/0/";
    options.token = "secret";
    options.user_agent = "source-sentry/test";
    options.connect_timeout = 2s;
    options.idle_timeout = 1s;
    options.largest_body = 200'000;
    return options;
  }

  static Response get(HttpClient& client, const std::string& target, std::stop_token stop = {}) {
    Response response;
    client.start({target});
    client.finish(response, stop);
    return response;
  }

  /// What the last request for "hello" looked like.
  struct Seen {
    std::string authorization, encoding, agent, own;
    int remote_port = 0;
  };
  Seen seen() {
    const std::scoped_lock lock(mutex_);
    return seen_;
  }

  httplib::Server server_;
  int port_ = 0;
  std::mutex mutex_;
  Seen seen_;
  std::condition_variable released_;
  bool release_ = false;
  std::jthread thread_;
};

TEST_F(CurlClientTest, FetchesWithTokenAndReadsHeaders) {
  CurlClientFactory factory(options());
  const auto client = factory.make();
  const Response response = get(*client, "hello");
  EXPECT_TRUE(response.ok()) << response.problem_text;
  EXPECT_EQ(response.body, R"([{"id":"1"}])");
  EXPECT_EQ(response.header("x-thing"), "one: two");
  EXPECT_EQ(format_instant(*response.server_time()), "2024-01-16T12:30:05.000000Z");
  EXPECT_EQ(seen().authorization, "Bearer secret");
  EXPECT_EQ(seen().agent, "source-sentry/test");
  EXPECT_NE(seen().encoding.find("gzip"), std::string::npos);
}

TEST_F(CurlClientTest, SendsABodyAndThenGetsAgain) {
  CurlClientFactory factory(options());
  const auto client = factory.make();
  Request change{"changed"};
  change.method = "PATCH";
  change.body = R"({"a":1})";
  change.headers = {"Content-Type: application/json"};
  Response response;
  const auto send = [&] {
    client->start(change);
    client->finish(response, {});
    return response.body;
  };
  const std::string first = send();
  EXPECT_EQ(first.substr(0, first.rfind(' ')), R"(application/json {"a":1})");
  EXPECT_EQ(send(), first) << "the connection stays open";
  change.once = true;
  EXPECT_NE(send(), first) << "a connection of its own";
  EXPECT_EQ(get(*client, "hello").body, R"([{"id":"1"}])");
  EXPECT_EQ(seen().agent, "source-sentry/test");
}

TEST_F(CurlClientTest, EndsARequestThatTakesTooLongInAll) {
  CurlClientFactory factory(options());
  const auto client = factory.make();
  Request slow{"never"};
  slow.whole = 50ms;
  Response response;
  client->start(slow);
  client->finish(response, {});
  EXPECT_EQ(response.problem, TransportProblem::kTimeout);
}

TEST_F(CurlClientTest, SendsTheHeadersOfARequestWithItAlone) {
  CurlClientFactory factory(options());
  const auto client = factory.make();
  Response response;
  client->start({.target = "hello", .headers = {"X-Own: a", "authorization: Bearer other"}});
  client->finish(response, {});
  EXPECT_EQ(seen().own, "a");
  EXPECT_EQ(seen().authorization, "Bearer other");
  EXPECT_NE(seen().encoding.find("gzip"), std::string::npos);
  get(*client, "hello");
  EXPECT_EQ(seen().own, "");
  EXPECT_EQ(seen().authorization, "Bearer secret");
}

TEST_F(CurlClientTest, KeepsTheConnectionAndForgetsTheLastAnswer) {
  CurlClientFactory factory(options());
  const auto client = factory.make();
  Response response;
  client->start({"hello"});
  client->finish(response, {});
  const int first_port = seen().remote_port;
  client->start({"hello"});
  client->finish(response, {});
  EXPECT_EQ(seen().remote_port, first_port);
  EXPECT_EQ(response.body, R"([{"id":"1"}])");
  EXPECT_EQ(response.headers.size(), get(*client, "hello").headers.size());
}

TEST_F(CurlClientTest, HandsOutRefusalsAndRedirectsAsAnswers) {
  CurlClientFactory factory(options());
  const auto client = factory.make();
  for (const int status : {302, 401, 404, 429, 500, 503}) {
    const Response response = get(*client, "status/" + std::to_string(status));
    EXPECT_EQ(response.problem, TransportProblem::kNone);
    EXPECT_EQ(response.status, status);
    EXPECT_EQ(response.body, R"({"detail":"x"})");
  }
}

TEST_F(CurlClientTest, CapsTheBody) {
  CurlClientFactory factory(options());
  EXPECT_EQ(get(*factory.make(), "big").problem, TransportProblem::kTooLarge);
}

TEST_F(CurlClientTest, CapsTheBodyOfOneRequest) {
  CurlClientFactory factory(options());
  const auto client = factory.make();
  Response response;
  client->start({"hello", 5});
  client->finish(response, {});
  EXPECT_EQ(response.problem, TransportProblem::kTooLarge);
  client->start({"hello", 12});
  client->finish(response, {});
  EXPECT_TRUE(response.ok()) << response.body.size();
}

TEST_F(CurlClientTest, ReadsOfARefusalWhatItSaysAndNotAllOfIt) {
  CurlClientFactory factory(options());
  const auto client = factory.make();
  const Response response = get(*client, "verbose");
  EXPECT_EQ(response.problem, TransportProblem::kNone);
  EXPECT_EQ(response.status, 403);
  EXPECT_EQ(response.body.size(), 65'536U);
  EXPECT_TRUE(response.body.starts_with("no, "));
  EXPECT_TRUE(get(*client, "hello").ok());
}

TEST_F(CurlClientTest, NoticesAnAnswerThatIsCutOff) {
  CurlClientFactory factory(options());
  const auto client = factory.make();
  EXPECT_EQ(get(*client, "cut").problem, TransportProblem::kBroken);
  EXPECT_TRUE(get(*client, "hello").ok());
}

TEST_F(CurlClientTest, GivesUpOnSilence) {
  CurlClientFactory factory(options());
  EXPECT_EQ(get(*factory.make(), "never").problem, TransportProblem::kTimeout);
}

TEST_F(CurlClientTest, StopsInTheMiddle) {
  ConnectionOptions patient = options();
  patient.idle_timeout = 60s;
  CurlClientFactory factory(patient);
  const auto client = factory.make();
  std::stop_source source;
  Response response;
  client->start({"never"});
  std::jthread stopper([&] { source.request_stop(); });
  client->finish(response, source.get_token());
  EXPECT_EQ(response.problem, TransportProblem::kStopped);
  EXPECT_TRUE(get(*client, "hello").ok());
}

TEST_F(CurlClientTest, CanAbandonARequest) {
  CurlClientFactory factory(options());
  const auto client = factory.make();
  client->start({"never"});
  client->cancel();
  client->cancel();
  EXPECT_TRUE(get(*client, "hello").ok());
}

TEST_F(CurlClientTest, TellsDeadServersFromUnknownNames) {
  ConnectionOptions dead = options();
  dead.base = "http://127.0.0.1:1/api/0/";
  CurlClientFactory dead_factory(dead);
  const Response refused = get(*dead_factory.make(), "hello");
  EXPECT_EQ(refused.problem, TransportProblem::kConnectFailure);
  EXPECT_FALSE(refused.problem_text.empty());

  ConnectionOptions nowhere = options();
  nowhere.base = "http://no-such-host.invalid/api/0/";
  CurlClientFactory nowhere_factory(nowhere);
  EXPECT_EQ(get(*nowhere_factory.make(), "hello").problem, TransportProblem::kDnsFailure);
}

TEST_F(CurlClientTest, ReportsTlsFailuresAsSuch) {
  ConnectionOptions tls = options();
  tls.base = "https://127.0.0.1:" + std::to_string(port_) + "/api/0/";
  CurlClientFactory factory(tls);
  EXPECT_EQ(get(*factory.make(), "hello").problem, TransportProblem::kTlsFailure);
}

}  // namespace
}  // namespace source_sentry
