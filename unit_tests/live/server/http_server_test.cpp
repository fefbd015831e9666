#include "live/server/http_server.h"

#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

#include "fake_handler.h"
#include "fakes/message_of.h"
#include "raw_client.h"

namespace source_sentry {
namespace {

using std::chrono::milliseconds;

const std::string kGet = "GET /a?b=c HTTP/1.1\r\nHost: h\r\n\r\n";

TEST(HttpServer, Answers) {
  ServerUnderTest test;
  RawClient client(test.server.port());
  client.send(kGet);
  EXPECT_EQ(client.answer(),
            "HTTP/1.1 200 OK\r\nContent-Length: 11\r\nContent-Type: text/plain\r\n\r\nGET /a b=c ");
  client.send(post("/x", "body"));
  EXPECT_TRUE(client.answer().ends_with("POST /x  body"));
}

TEST(HttpServer, AnswersHeadWithoutABody) {
  ServerUnderTest test;
  RawClient client(test.server.port());
  client.send("HEAD /x HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  const std::string answer = client.rest();
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n")) << answer;
  EXPECT_TRUE(answer.ends_with("\r\nConnection: close\r\n\r\n")) << answer;
}

TEST(HttpServer, AnswersInTheOrderOfTheRequests) {
  ServerUnderTest test;
  RawClient client(test.server.port());
  std::string all;
  for (std::size_t i = 0; i < 50; ++i) {
    all += post("/" + std::to_string(i), std::string(i * 100, 'x'));
  }
  client.send(post("/later", "") + all);
  test.handler.waiting()({.body = "late"});
  EXPECT_TRUE(client.answer().ends_with("late"));
  for (int i = 0; i < 50; ++i) {
    EXPECT_NE(client.answer().find("POST /" + std::to_string(i) + " "), std::string::npos);
  }
}

TEST(HttpServer, TakesABodyByteByByte) {
  ServerUnderTest test;
  RawClient client(test.server.port());
  for (const char c : post("/x", "body")) client.send({&c, 1});
  EXPECT_TRUE(client.answer().ends_with("POST /x  body"));
  for (const char c :
       std::string("POST /y HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
                   "2\r\nab\r\n1\r\nc\r\n0\r\n\r\n")) {
    client.send({&c, 1});
  }
  EXPECT_TRUE(client.answer().ends_with("POST /y  abc"));
}

TEST(HttpServer, RefusesWhatIsNoProperRequest) {
  ServerUnderTest test;
  const std::string kStart = "POST / HTTP/1.1\r\nHost: h\r\n";
  for (const std::string& bytes :
       {kStart + "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        kStart + "Content-Length: 1\r\nContent-Length: 2\r\n\r\n", kStart + "A: b\r\n c\r\n\r\n",
        kStart + "A : b\r\n\r\n", kStart + "\n", kStart + std::string("A: \0", 4),
        std::string("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), std::string("\x16\x03\x01\x02", 4),
        kStart + "Transfer-Encoding: chunked\r\n\r\nx\r\n",
        kStart + "Transfer-Encoding: chunked\r\n\r\n1;" + std::string(40'000, 'a')}) {
    RawClient client(test.server.port());
    client.send(bytes);
    client.end_output();
    const std::string answer = client.rest();
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 400 ")) << bytes << answer;
    EXPECT_NE(answer.find("Connection: close"), std::string::npos);
  }
  EXPECT_TRUE(test.handler.requests().empty());
}

TEST(HttpServer, TakesNothingThatFollowsABadRequest) {
  ServerUnderTest test;
  RawClient client(test.server.port());
  client.send("GET /a HTTP/1.1\r\nHost: h\r\nA : b\r\n\r\n" + kGet);
  client.end_output();
  const std::string answers = client.rest();
  EXPECT_EQ(answers.find("HTTP/1.1"), answers.rfind("HTTP/1.1"));
  EXPECT_TRUE(test.handler.requests().empty());
}

TEST(HttpServer, BoundsHeads) {
  ServerUnderTest test;
  for (const std::string& head :
       {"GET /" + std::string(17'000, 'a'), "GET / HTTP/1.1\r\nA: " + std::string(17'000, 'a'),
        "GET / HTTP/1.1\r\nA: " + std::string(17'000, 'a') + "\r\n\r\n", [] {
          std::string many = "GET / HTTP/1.1\r\n";
          for (int i = 0; i < 65; ++i) many += "A: b\r\n";
          return many + "\r\n";
        }()}) {
    RawClient client(test.server.port());
    client.send(head);
    client.end_output();
    EXPECT_EQ(client.status(), 431);
  }
}

TEST(HttpServer, RefusesLargeBodiesBeforeTheyAreSent) {
  ServerUnderTest test;
  test.handler.most_body = 10;
  RawClient announced(test.server.port());
  announced.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2147483648\r\n\r\n");
  EXPECT_EQ(announced.status(), 413);
  RawClient polite(test.server.port());
  polite.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 11\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(polite.status(), 413);
  RawClient refused(test.server.port());
  refused.send("POST /no HTTP/1.1\r\nHost: h\r\nContent-Length: 11\r\n\r\n");
  EXPECT_EQ(refused.status(), 404);
  EXPECT_TRUE(refused.rest().empty());
  RawClient endless(test.server.port());
  endless.send("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n");
  while (endless.send("4\r\nabcd\r\n")) {
    if (!test.handler.requests().empty()) FAIL();
    pollfd answered{.fd = endless.fd(), .events = POLLIN, .revents = 0};
    if (poll(&answered, 1, 0) > 0) break;
  }
  EXPECT_EQ(endless.status(), 413);
}

TEST(HttpServer, KeepsTheConnectionOfARefusalWithoutABody) {
  ServerUnderTest test;
  RawClient client(test.server.port());
  client.send("GET /no HTTP/1.1\r\nHost: h\r\n\r\n" + kGet);
  EXPECT_EQ(client.status(), 404);
  EXPECT_EQ(client.status(), 200);
}

TEST(HttpServer, AsksForABodyThatWaits) {
  ServerUnderTest test;
  RawClient client(test.server.port());
  client.send("POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(client.answer(), "HTTP/1.1 100 Continue\r\n\r\n");
  client.send("body");
  EXPECT_TRUE(client.answer().ends_with("POST /x  body"));
  // One that has not waited is not asked.
  client.send(post("/x", "more", "Expect: 100-continue\r\n"));
  EXPECT_TRUE(client.answer().ends_with("POST /x  more"));
}

TEST(HttpServer, EndsTheConnectionWhereTheClientSaysSo) {
  ServerUnderTest test;
  RawClient closing(test.server.port());
  closing.send("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  EXPECT_NE(closing.rest().find("Connection: close"), std::string::npos);
  RawClient old(test.server.port());
  old.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_NE(old.rest().find("Connection: close"), std::string::npos);
}

TEST(HttpServer, SurvivesHandlersThatFail) {
  ServerUnderTest test;
  for (const std::string path : {"/fail", "/forget"}) {
    RawClient client(test.server.port());
    client.send(post(path, ""));
    EXPECT_EQ(client.status(), 500) << path;
  }
  RawClient client(test.server.port());
  client.send(post("/throw", ""));
  EXPECT_EQ(client.status(), 0);
  RawClient next(test.server.port());
  next.send(kGet);
  EXPECT_EQ(next.status(), 200);
}

TEST(HttpServer, MayBeAnsweredWhenTheClientIsGone) {
  ServerUnderTest test;
  RequestHandler::Respond late;
  {
    RawClient client(test.server.port());
    client.send(post("/later", ""));
    late = test.handler.waiting();
  }
  std::thread([&] { late({.body = std::string(1 << 20, 'x')}); }).join();
  late({.status = 500});
  RawClient next(test.server.port());
  next.send(kGet);
  EXPECT_EQ(next.status(), 200);
}

TEST(HttpServer, MayBeAnsweredWhenItIsGone) {
  RequestHandler::Respond late;
  RequestHandler::Respond never;
  {
    ServerUnderTest test;
    RawClient client(test.server.port());
    client.send(post("/later", ""));
    late = test.handler.waiting();
    RawClient other(test.server.port());
    other.send(post("/later", ""));
    never = test.handler.waiting();
  }
  std::thread([&] { late({.body = "late"}); }).join();
}

TEST(HttpServer, ListensOnAllKindsOfAddresses) {
  FakeHandler handler;
  const auto has_ipv6 = [&] {
    return message_of([&] { HttpServer("::", 0, {}, std::nullopt, handler); }) ==
           "nothing was wrong";
  };
  for (const std::string address : {"127.0.0.2", "0.0.0.0", "::"}) {
    if (address == "::" && !has_ipv6()) GTEST_SKIP() << "this machine has no IPv6";
    HttpServer server(address, 0, {}, std::nullopt, handler);
    const std::string to = address == "127.0.0.2" ? address : "127.0.0.1";
    RawClient client(server.port(), "127.0.0.5", to);
    client.send(kGet);
    EXPECT_EQ(client.status(), 200) << address;
    EXPECT_EQ(handler.requests().back().peer, "127.0.0.5") << address;
  }
}

TEST(HttpServer, SaysWhyItCannotListen) {
  ServerUnderTest test;
  const auto listening_on = [&](const std::string& address, std::uint16_t port) {
    return message_of([&] { HttpServer(address, port, {}, std::nullopt, test.handler); });
  };
  EXPECT_EQ(listening_on("127.0.0.1", test.server.port()),
            "Listening on 127.0.0.1, port " + std::to_string(test.server.port()) +
                ", failed: Address already in use. Give an address of this machine and a port "
                "that is free.");
  EXPECT_TRUE(listening_on("localhost", 0).starts_with("\"localhost\" is no address"));
  EXPECT_TRUE(listening_on("192.0.2.1", 0).starts_with("Listening on 192.0.2.1, port 0, failed"));
}

}  // namespace
}  // namespace source_sentry
