#include "live/server/request_body.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace source_sentry {
namespace {

using State = RequestBody::State;

RequestBody body_of(const std::string& headers, std::size_t most) {
  const std::string raw = "POST / HTTP/1.1\r\nHost: h\r\n" + headers + "\r\n";
  return {std::get<CheckedHead>(check_head(raw, 64)).framing, most};
}

RequestBody chunked(std::size_t most = 100) {
  return body_of("Transfer-Encoding: chunked\r\n", most);
}

/// Gives it byte by byte, as slow clients do.
State drip(RequestBody& body, const std::string& bytes) {
  for (const char c : bytes) {
    if (body.state() == State::kMore) {
      EXPECT_EQ(body.put({&c, 1}), 1U);
    }
  }
  return body.state();
}

TEST(RequestBody, IsAsLongAsItSays) {
  RequestBody body = body_of("Content-Length: 5\r\n", 5);
  EXPECT_EQ(body.put("abc"), 3U);
  EXPECT_EQ(body.state(), State::kMore);
  EXPECT_EQ(body.put("deGET"), 2U);
  EXPECT_EQ(body.state(), State::kWhole);
  EXPECT_EQ(body.text(), "abcde");
  EXPECT_EQ(body_of("", 0).state(), State::kWhole);
  EXPECT_EQ(body_of("Content-Length: 6\r\n", 5).state(), State::kTooLarge);
}

TEST(RequestBody, ComesInChunks) {
  const std::string wire = "3\r\nabc\r\n2;x=\"y\"\r\nde\r\n0\r\nTrailer: x\r\n\r\n";
  RequestBody whole = chunked();
  EXPECT_EQ(whole.put(wire + "GET"), wire.size());
  EXPECT_EQ(whole.state(), State::kWhole);
  EXPECT_EQ(whole.text(), "abcde");
  RequestBody dripped = chunked();
  EXPECT_EQ(drip(dripped, wire), State::kWhole);
  EXPECT_EQ(dripped.text(), "abcde");
}

TEST(RequestBody, OfChunksHasALimit) {
  RequestBody body = chunked(4);
  EXPECT_EQ(drip(body, "3\r\nabc\r\n2\r\nde"), State::kTooLarge);
  EXPECT_EQ(body.text(), "abc");
  RequestBody huge = chunked();
  EXPECT_EQ(drip(huge, "ffffffffffffffff\r\n"), State::kTooLarge);
}

TEST(RequestBody, OfNoChunksIsEmpty) {
  RequestBody body = chunked(0);
  EXPECT_EQ(drip(body, "0\r\n\r\n"), State::kWhole);
  EXPECT_EQ(body.text(), "");
}

TEST(RequestBody, OfBadChunksIsRefused) {
  EXPECT_EQ(drip(*std::make_unique<RequestBody>(chunked()), "3;" + std::string(2'000, 'a')),
            State::kBad);
  std::string trailers;
  for (int i = 0; i < 17; ++i) trailers += "A: b\r\n";
  EXPECT_EQ(drip(*std::make_unique<RequestBody>(chunked()), "0\r\n" + trailers), State::kBad);

  for (const char* wire : {"x\r\n", "-1\r\n", "0x3\r\n", "3\nabc", "3\r\nabcd\r\n", "3\r\nabc\n",
                           "10000000000000000\r\n", "\r\n", " 3\r\n", "3 \r\n", "3\r\r", "3;\x01",
                           "0\r\n a\r\n\r\n", "0\r\nA : b\r\n\r\n"}) {
    RequestBody body = chunked();
    EXPECT_EQ(drip(body, wire), State::kBad) << wire;
  }
}

}  // namespace
}  // namespace source_sentry
