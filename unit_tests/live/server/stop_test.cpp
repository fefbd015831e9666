#include <gtest/gtest.h>

#include <future>
#include <string>
#include <thread>

#include "fake_handler.h"
#include "raw_client.h"

namespace source_sentry {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;

const std::string kRequest = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";

TEST(ServerStop, LetsRequestsUnderWayEnd) {
  ServerUnderTest test;
  RawClient answered(test.server.port());
  answered.send(post("/later", ""));
  const RequestHandler::Respond respond = test.handler.waiting();
  RawClient half(test.server.port());
  half.send("POST /half HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(half.status(), 100);
  auto stopped = std::async(std::launch::async, [&] { test.server.stop(hours(1)); });
  // Its end shows that the server is stopping: it had a request before.
  half.send("body");
  respond({.body = "late"});
  const std::string late = answered.answer();
  EXPECT_TRUE(late.ends_with("late"));
  EXPECT_TRUE(half.answer().ends_with("POST /half  body"));
  EXPECT_EQ(answered.rest(), "");
  EXPECT_EQ(half.rest(), "");
  stopped.wait();
  EXPECT_EQ(test.server.connections(), 0U);
  EXPECT_THROW(RawClient(test.server.port()), std::runtime_error);
}

TEST(ServerStop, EndsConnectionsBetweenTwoRequests) {
  ServerUnderTest test({.idle_time = hours(1)});
  RawClient idle(test.server.port());
  idle.send(kRequest);
  EXPECT_EQ(idle.status(), 200);
  RawClient fresh(test.server.port());
  test.server.stop(hours(1));
  EXPECT_EQ(idle.rest(), "");
  EXPECT_EQ(fresh.rest(), "");
}

TEST(ServerStop, TakesTheRequestOfAClientThatHasJustCome) {
  ServerUnderTest test;
  RawClient fresh(test.server.port());
  while (test.server.connections() == 0) std::this_thread::yield();
  fresh.send(kRequest);
  test.server.stop(hours(1));
  EXPECT_EQ(fresh.status(), 200);
}

TEST(ServerStop, WaitsNoLongerThanItShould) {
  ServerUnderTest test;
  RawClient client(test.server.port());
  client.send(post("/later", ""));
  const RequestHandler::Respond respond = test.handler.waiting();
  test.server.stop(milliseconds(20));
  EXPECT_EQ(client.rest(), "");
  respond({});
  test.server.stop(milliseconds(0));
}

TEST(ServerStop, MayMeetAnAnswer) {
  for (int i = 0; i < 50; ++i) {
    std::jthread answering;
    ServerUnderTest test;
    RawClient client(test.server.port());
    client.send(post("/later", ""));
    answering = std::jthread([respond = test.handler.waiting()] { respond({}); });
    if (i % 2 == 0) test.server.stop(milliseconds(1));
  }
}

TEST(ServerStop, HappensWithManyClients) {
  FakeHandler handler;
  for (int i = 0; i < 20; ++i) {
    std::vector<std::jthread> threads;
    HttpServer server("127.0.0.1", 0, {}, std::nullopt, handler);
    for (int j = 0; j < 8; ++j) {
      threads.emplace_back([port = server.port()](const std::stop_token& stop) {
        while (!stop.stop_requested()) {
          try {
            RawClient client(port);
            while (client.send(post("/x", "body")) && client.status() == 200) {
            }
          } catch (const std::runtime_error&) {
            return;
          }
        }
      });
    }
    while (handler.requests().size() < static_cast<std::size_t>(i) * 100) std::this_thread::yield();
    server.stop(milliseconds(i * 5));
  }
}

}  // namespace
}  // namespace source_sentry
