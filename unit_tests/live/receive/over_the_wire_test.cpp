#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

#include "live/server/raw_client.h"
#include "receiver_under_test.h"

namespace source_sentry {
namespace {

/// The receiver behind its server.
class OverTheWireTest : public testing::Test {
 protected:
  static std::string wire(const HttpRequest& request) {
    std::string text = request.method + " " + request.path + " HTTP/1.1\r\nHost: h\r\n";
    for (const auto& [name, value] : request.headers) text += name + ": " + value + "\r\n";
    return text + "Content-Length: " + std::to_string(request.body.size()) + "\r\n\r\n" +
           request.body;
  }

  ReceiverUnderTest test_;
  HttpServer server_{"127.0.0.1", 0, {}, std::nullopt, *test_.receiver};
};

TEST_F(OverTheWireTest, StoresSignedWebhooks) {
  RawClient client(server_.port());
  client.send(wire(ReceiverUnderTest::webhook(kIssueBody)));
  EXPECT_EQ(client.answer(), "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  ASSERT_EQ(test_.store.deliveries().size(), 1U);
  EXPECT_EQ(test_.store.deliveries().front().body, kIssueBody);
}

TEST_F(OverTheWireTest, StoresThoseOfManyAtATime) {
  constexpr std::size_t kClients = 8;
  constexpr std::size_t kEach = 50;
  const std::string text = wire(ReceiverUnderTest::webhook(kIssueBody));
  std::vector<std::jthread> clients;
  for (std::size_t i = 0; i < kClients; ++i) {
    clients.emplace_back([&] {
      RawClient client(server_.port());
      for (std::size_t j = 0; j < kEach; ++j) {
        client.send(text);
        EXPECT_EQ(client.status(), 200);
      }
    });
  }
  clients.clear();
  EXPECT_EQ(test_.store.deliveries().size(), kClients * kEach);
}

TEST_F(OverTheWireTest, RefusesBodiesThatAreTooLargeUnread) {
  RawClient client(server_.port());
  client.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2097153\r\n\r\n");
  EXPECT_EQ(client.status(), 413);
  RawClient packed(server_.port());
  packed.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Encoding: gzip\r\nContent-Length: 9\r\n\r\n");
  EXPECT_EQ(packed.status(), 415);
}

TEST_F(OverTheWireTest, RefusesThePathsOfOthers) {
  for (const std::string path : {"//", "/%2e", "/./", "/hook/", "/healthz"}) {
    HttpRequest request = ReceiverUnderTest::webhook(kIssueBody);
    request.path = path;
    // From a proxy that names nobody, all of these count for none.
    RawClient client(server_.port());
    client.send(wire(request));
    EXPECT_EQ(client.status(), 404) << path;
  }
}

TEST_F(OverTheWireTest, HoldsUpClientsBeforeTheySendTheirBody) {
  for (int i = 0; i < 30; ++i) {
    RawClient bad(server_.port(), "127.0.0.3");
    bad.send("nonsense\n");
    EXPECT_EQ(bad.status(), 400);
  }
  RawClient held(server_.port(), "127.0.0.3");
  held.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n\r\n");
  EXPECT_EQ(held.status(), 429);
  RawClient other(server_.port(), "127.0.0.4");
  other.send(wire(ReceiverUnderTest::webhook(kIssueBody)));
  EXPECT_EQ(other.status(), 200);
}

}  // namespace
}  // namespace source_sentry
