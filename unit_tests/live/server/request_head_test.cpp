#include "live/server/request_head.h"

#include <gtest/gtest.h>

#include <string>

namespace source_sentry {
namespace {

using State = HeadEnd::State;

std::string with(const std::string& headers, const std::string& line = "POST / HTTP/1.1") {
  return line + "\r\nHost: h\r\n" + headers + "\r\n";
}

int status_of(const std::string& raw) {
  const auto checked = check_head(raw, 64);
  const int* status = std::get_if<int>(&checked);
  return status == nullptr ? 200 : *status;
}

CheckedHead read(const std::string& raw) { return std::get<CheckedHead>(check_head(raw, 64)); }

TEST(RequestHead, EndsWithAnEmptyLine) {
  const std::string raw = with("A: b\r\n");
  for (std::size_t size = 0; size < raw.size(); ++size) {
    EXPECT_EQ(find_head_end(raw.substr(0, size), 0).state, State::kMore) << size;
  }
  for (std::size_t known = 0; known < raw.size(); ++known) {
    const HeadEnd end = find_head_end(raw + "body\n", known);
    EXPECT_EQ(end.state, State::kWhole);
    EXPECT_EQ(end.size, raw.size());
  }
}

TEST(RequestHead, IsBadAsSoonAsThatIsKnown) {
  const std::string kBad[] = {"GET / HTTP/1.1\n",
                              "GET / HTTP/1.1\r\nHost: h\n",
                              "GET / HTTP/1.1\rH",
                              std::string("GET /\0", 6),
                              "\r\n",
                              "\n",
                              "\x16\x03\x01\x02",
                              "GET / HTTP/1.1\r\nA: \x7f",
                              "GET / HTTP/1.1\r\nA:\x1b["};
  for (const std::string& bytes : kBad) {
    EXPECT_EQ(find_head_end(bytes, 0).state, State::kBad) << bytes;
  }
}

TEST(RequestHead, IsReadAsItCame) {
  const CheckedHead checked = read(
      "POST //a/%2e%2E/?q=%20&r HTTP/1.1\r\nhOsT: h:1\r\nX-A:\t one \t\r\nx-a:\r\nB: "
      "\xc3\xa9\r\n\r\n");
  EXPECT_EQ(checked.head.method, "POST");
  EXPECT_EQ(checked.head.path, "//a/%2e%2E/");
  EXPECT_EQ(checked.head.query, "q=%20&r");
  EXPECT_EQ(checked.head.values("x-a"), (std::vector<std::string_view>{"one", ""}));
  EXPECT_EQ(checked.head.values("b"), std::vector<std::string_view>{"\xc3\xa9"});
  EXPECT_TRUE(checked.framing.keep_alive);
  EXPECT_FALSE(checked.framing.has_body());
}

TEST(RequestHead, SaysHowTheBodyComes) {
  EXPECT_EQ(read(with("Content-Length: 0012\r\n")).framing.length, 12U);
  EXPECT_TRUE(read(with("Transfer-Encoding: Chunked\r\n")).framing.chunked);
  EXPECT_FALSE(read(with("Connection: x, CLOSE\r\n")).framing.keep_alive);
  EXPECT_TRUE(read(with("Connection: keep-alive\r\n")).framing.keep_alive);
  EXPECT_FALSE(read("GET / HTTP/1.0\r\n\r\n").framing.keep_alive);
  EXPECT_TRUE(read(with("Expect: 100-Continue\r\nContent-Length: 1\r\n")).framing.expects_continue);
  EXPECT_FALSE(read(with("Expect: 100-continue\r\n")).framing.expects_continue);
}

TEST(RequestHead, OfTwoMeaningsIsRefused) {
  const std::string kBad[] = {
      with("Content-Length: 1\r\nTransfer-Encoding: chunked\r\n"),
      with("Transfer-Encoding: chunked\r\nContent-Length: 1\r\n"),
      with("Content-Length: 1\r\nContent-Length: 2\r\n"),
      with("Content-Length: 1\r\nContent-Length: 1\r\n"),
      with("Content-Length: 1, 1\r\n"),
      with("Content-Length: +1\r\n"),
      with("Content-Length: -1\r\n"),
      with("Content-Length: 0x1\r\n"),
      with("Content-Length: 1 1\r\n"),
      with("Content-Length:\r\n"),
      with("Content-Length: 18446744073709551616\r\n"),
      with("Transfer-Encoding: gzip, chunked\r\n"),
      with("Transfer-Encoding: chunked, identity\r\n"),
      with("Transfer-Encoding: xchunked\r\n"),
      with("Transfer-Encoding: identity\r\n"),
      with("Transfer-Encoding:\r\n"),
      with("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"),
      with("Transfer-Encoding: chunked\r\n", "POST / HTTP/1.0"),
      with("Transfer-Encoding : chunked\r\n"),
      with("Content-Length\t: 1\r\n"),
      with(" Content-Length: 1\r\n"),
      with("A: b\r\n c\r\n"),
      with("A: b\r\n\tc\r\n"),
      with("A\r\n"),
      with(": b\r\n"),
      with("A(: b\r\n"),
      with("\xc3\xa9: b\r\n"),
      with("Host: other\r\n"),
      "GET / HTTP/1.1\r\n\r\n",
  };
  for (const std::string& raw : kBad) EXPECT_EQ(status_of(raw), 400) << raw;
}

TEST(RequestHead, HasAPlainFirstLine) {
  const std::string kBad[] = {
      "PRI * HTTP/2.0",         "GET / HTTP/2.0",    "GET / HTTP/1.2",
      "GET / HTTP/1.10",        "GET / http/1.1",    "GET /",
      "GET  / HTTP/1.1",        "GET /  HTTP/1.1",   " GET / HTTP/1.1",
      "GET\t/ HTTP/1.1",        "GET /a b HTTP/1.1", "GET /a\tb HTTP/1.1",
      "G(T / HTTP/1.1",         "GET * HTTP/1.1",    "GET a HTTP/1.1",
      "GET http://h/ HTTP/1.1", "GET /#a HTTP/1.1",  "GET /\xc3\xa9 HTTP/1.1",
      "CONNECT h:1 HTTP/1.1",   "GET / HTTP/1.1 ",
  };
  for (const std::string& line : kBad) EXPECT_EQ(status_of(with("", line)), 400) << line;
}

TEST(RequestHead, IsRefusedForWhatNobodyHereCanDo) {
  EXPECT_EQ(status_of(with("Content-Encoding: gzip\r\n")), 415);
  EXPECT_EQ(status_of(with("Content-Encoding:\r\n")), 415);
  EXPECT_EQ(status_of(with("Expect: tea\r\n")), 417);
}

TEST(RequestHead, HasSoManyHeaders) {
  std::string headers;
  for (int i = 0; i < 63; ++i) headers += "A: b\r\n";
  EXPECT_EQ(status_of(with(headers)), 200);
  EXPECT_EQ(status_of(with(headers + "A: b\r\n")), 431);
}

TEST(RequestHead, IsNothingElse) {
  EXPECT_EQ(status_of(""), 400);
  EXPECT_EQ(status_of("\r\n\r\n"), 400);
  EXPECT_EQ(status_of(with("") + "x"), 400);
}

}  // namespace
}  // namespace source_sentry
