#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "fake_handler.h"
#include "live/server/client_address.h"
#include "raw_client.h"

namespace source_sentry {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const std::string kRequest = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";

/// Sends one byte after the other until the server has had enough.
void drip(RawClient& client, const std::string& beginning) {
  client.send(beginning);
  while (client.send("a")) std::this_thread::yield();
}

std::vector<std::unique_ptr<RawClient>> clients(std::uint16_t port, std::size_t count) {
  std::vector<std::unique_ptr<RawClient>> clients;
  for (std::size_t i = 0; i < count; ++i) clients.push_back(std::make_unique<RawClient>(port));
  return clients;
}

TEST(ServerLimits, EndSlowHeads) {
  ServerUnderTest test({.head_time = milliseconds(50), .head_bytes = 1 << 30});
  RawClient client(test.server.port());
  drip(client, "GET /");
  test.handler.wait_for_refusals(1, 408);
}

TEST(ServerLimits, EndSlowBodies) {
  ServerUnderTest test({.head_time = seconds(1), .request_time = milliseconds(50)});
  test.handler.most_body = 1 << 30;
  RawClient client(test.server.port());
  drip(client, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000000\r\n\r\n");
  test.handler.wait_for_refusals(1, 408);
}

TEST(ServerLimits, EndSilentConnections) {
  ServerUnderTest test({.idle_time = milliseconds(50)});
  RawClient silent(test.server.port());
  EXPECT_EQ(silent.rest(), "");
  // Where this machine is busy, a client may be too slow for its first request, too.
  for (bool answered = false; !answered;) {
    RawClient done(test.server.port());
    done.send(kRequest);
    answered = done.status() == 200;
    EXPECT_EQ(done.rest(), "");
  }
}

TEST(ServerLimits, EndClientsThatDoNotReadTheirAnswers) {
  ServerUnderTest test({.write_time = milliseconds(50)});
  RawClient client(test.server.port());
  client.send(post("/later", ""));
  test.handler.waiting()({.body = std::string(64 << 20, 'x')});
  while (test.server.connections() > 0) std::this_thread::yield();
  EXPECT_LT(client.rest().size(), std::size_t{64} << 20);
}

TEST(ServerLimits, EndClientsThatNeverEnd) {
  ServerUnderTest test({.linger_time = milliseconds(50)});
  RawClient client(test.server.port());
  drip(client, "POST /no HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000000\r\n\r\n");
  while (test.server.connections() > 0) std::this_thread::yield();
}

TEST(ServerLimits, EndHandlersThatNeverAnswer) {
  ServerUnderTest test({.answer_time = milliseconds(50)});
  RawClient client(test.server.port());
  client.send(post("/later", ""));
  EXPECT_EQ(client.rest(), "");
  test.handler.waiting()({});
}

TEST(ServerLimits, LetARequestThroughBesideManySlowClients) {
  ServerUnderTest test({.connections = 256, .connections_of_one = 1'000});
  std::vector<std::unique_ptr<RawClient>> slow = clients(test.server.port(), 200);
  const auto a_byte_of_each = [&](const char* byte) {
    for (const auto& client : slow) client->send(byte);
  };
  for (const char* byte : {"G", "E", "T", " ", "/"}) {
    a_byte_of_each(byte);
    RawClient client(test.server.port());
    client.send(kRequest);
    EXPECT_EQ(client.status(), 200);
  }
}

TEST(ServerLimits, LetARequestThroughBesideMoreSlowClientsThanMayBe) {
  ServerUnderTest test({.connections = 50, .connections_of_one = 1'000});
  std::vector<std::unique_ptr<RawClient>> slow = clients(test.server.port(), 200);
  for (const auto& client : slow) client->send("GET /");
  RawClient client(test.server.port());
  client.send(kRequest);
  EXPECT_EQ(client.status(), 200);
  EXPECT_LE(test.server.connections(), 50U);
}

TEST(ServerLimits, MakeRoomOnlyWhereNobodyIsBeingAnswered) {
  ServerUnderTest test({.connections = 2});
  std::vector<std::unique_ptr<RawClient>> busy = clients(test.server.port(), 2);
  std::vector<RequestHandler::Respond> responds;
  for (const auto& client : busy) {
    client->send(post("/later", ""));
    responds.push_back(test.handler.waiting());
  }
  RawClient third(test.server.port());
  EXPECT_EQ(third.rest(), "");
  for (const auto& respond : responds) respond({});
  for (const auto& client : busy) EXPECT_EQ(client->status(), 200);
}

TEST(ServerLimits, AreByAddress) {
  ServerUnderTest test({.connections_of_one = 3});
  std::vector<std::unique_ptr<RawClient>> some = clients(test.server.port(), 3);
  for (const auto& client : some) {
    client->send(kRequest);
    EXPECT_EQ(client->status(), 200);
  }
  EXPECT_EQ(RawClient(test.server.port()).rest(), "");
  RawClient other(test.server.port(), "127.0.0.2");
  other.send(kRequest);
  EXPECT_EQ(other.status(), 200);
  some.pop_back();
  while (test.server.connections() > 3) std::this_thread::yield();
  RawClient again(test.server.port());
  again.send(kRequest);
  EXPECT_EQ(again.status(), 200);
}

TEST(ServerLimits, OfOneAddressDoNotHoldForAProxy) {
  ServerUnderTest test({.connections_of_one = 1, .proxies = {"127.0.0.1"}});
  for (const auto& client : clients(test.server.port(), 10)) {
    client->send(kRequest);
    EXPECT_EQ(client->status(), 200);
  }
}

TEST(ServerLimits, BoundAllBodiesTogether) {
  ServerUnderTest test({.body_bytes = 100'000});
  RawClient first(test.server.port());
  first.send(post("/later", std::string(60'000, 'x')));
  const RequestHandler::Respond respond = test.handler.waiting();
  RawClient second(test.server.port());
  second.send(post("/", std::string(60'000, 'x')));
  EXPECT_EQ(second.status(), 503);
  respond({});
  EXPECT_EQ(first.status(), 200);
  first.send(post("/", std::string(60'000, 'x')));
  EXPECT_EQ(first.status(), 200);
}

TEST(ClientKey, IsWhatOneClientHasToItself) {
  EXPECT_EQ(client_key("192.0.2.7"), "192.0.2.7");
  EXPECT_EQ(client_key("::ffff:192.0.2.7"), "192.0.2.7");
  EXPECT_EQ(client_key("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64");
  EXPECT_EQ(client_key("2001:db8:1:2::9"), "2001:db8:1:2::/64");
  EXPECT_EQ(client_key("fe80::1%eth0"), "fe80::/64");
  EXPECT_EQ(client_key("nonsense"), "nonsense");
}

}  // namespace
}  // namespace source_sentry
