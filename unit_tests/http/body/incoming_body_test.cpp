#include "http/body/incoming_body.h"

#include <gtest/gtest.h>

#include "fakes/packing.h"

namespace source_sentry {
namespace {

using Trouble = IncomingBody::Trouble;

constexpr std::size_t kRefusal = 65'536;

/// How one answer ends whose bytes come `step` at a time.
struct Came {
  Trouble trouble;
  std::string body;
  std::size_t taken = 0;
  bool enough = false;
};

Came receive(IncomingBody& incoming, std::string_view bytes, std::string_view codings,
             std::size_t largest, bool refuses = false, std::size_t step = 1000) {
  Came came;
  incoming.begin(largest, came.body);
  incoming.open({.codings = codings, .refuses = refuses, .announced = bytes.size()});
  while (came.taken < bytes.size()) {
    const std::string_view piece = bytes.substr(came.taken, step);
    const std::size_t taken = incoming.take(piece);
    came.taken += taken;
    if (taken < piece.size()) break;
  }
  came.enough = incoming.is_enough();
  came.trouble = incoming.finish(came.taken == bytes.size() || came.enough, came.body);
  return came;
}

TEST(IncomingBodyTest, UnpacksEachCodingAndForgetsTheLastAnswer) {
  const std::string text(5000, 'x');
  const struct {
    const char* codings;
    std::string bytes;
  } cases[] = {
      {"", text},
      {"gzip", packed(text)},
      {"identity", text},
      {"x-gzip, identity", packed(text)},
      {"deflate", packed(text, kAsRaw)},
      {"gzip, gzip", packed(packed(text))},
      {"deflate, gzip", packed(packed(text, kAsZlib))},
  };
  IncomingBody incoming;
  for (const auto& [codings, bytes] : cases) {
    const Came came = receive(incoming, bytes, codings, 5000);
    EXPECT_EQ(came.trouble, Trouble::kNone) << codings << ": " << incoming.why();
    EXPECT_EQ(came.body, text) << codings;
    EXPECT_EQ(receive(incoming, bytes, codings, 4999).trouble, Trouble::kTooLarge) << codings;
    EXPECT_EQ(receive(incoming, "", codings, 4999).body, "") << codings;
  }
}

TEST(IncomingBodyTest, AnAnswerWithoutABodyGivesNoneOfTheLast) {
  IncomingBody incoming;
  std::string memory = "the last page";
  incoming.begin(100, memory);
  EXPECT_EQ(incoming.finish(true, memory), Trouble::kNone);
  EXPECT_EQ(memory, "");
}

TEST(IncomingBodyTest, WantsNoByteOfACodingThatNobodyKnows) {
  IncomingBody incoming;
  const Came came = receive(incoming, "bytes", "br\x1b", 100);
  EXPECT_EQ(came.trouble, Trouble::kUnknownCoding);
  EXPECT_EQ(came.taken, 0U);
  EXPECT_EQ(incoming.why(), "Content-Encoding: br ");
  EXPECT_EQ(receive(incoming, "bytes", "", 100).body, "bytes");
}

TEST(IncomingBodyTest, GivesUpOnAPackedBodyThatIsLargerThanAnyOfItsSize) {
  IncomingBody incoming;
  const std::string endless(50'000, 'x');
  const Came came = receive(incoming, endless, "gzip", 10'000);
  EXPECT_EQ(came.trouble, Trouble::kTooLarge);
  EXPECT_LT(came.taken, 13'000U);
  EXPECT_EQ(incoming.why(), "larger than 10000 bytes");
}

TEST(IncomingBodyTest, OfAPackedBodyThatBrokeOffNothingIsGiven) {
  IncomingBody incoming;
  std::string body;
  incoming.begin(1000, body);
  incoming.open({.codings = "gzip"});
  incoming.take(packed("text").substr(0, 8));
  EXPECT_EQ(incoming.finish(false, body), Trouble::kNone) << "the transfer says what is wrong";
  EXPECT_EQ(body, "");
}

TEST(IncomingBodyTest, OfARefusalTheBeginningIsEnough) {
  std::string noise;  // hardly packs at all
  for (unsigned i = 0, seed = 1; i < 300'000; ++i, seed = seed * 1'664'525 + 1'013'904'223) {
    noise += static_cast<char>(seed >> 24U);
  }
  const std::string text = "no, " + noise;
  IncomingBody incoming;
  for (const auto& [codings, bytes] : {std::pair<const char*, std::string>{"", text},
                                       {"gzip", packed(text)},
                                       {"gzip", packed("no, " + std::string(300'000, 'x'))},
                                       {"gzip, gzip", packed(packed(text))}}) {
    const Came came = receive(incoming, bytes, codings, 100'000, true);
    EXPECT_EQ(came.trouble, Trouble::kNone) << codings << ": " << incoming.why();
    EXPECT_LE(came.taken, kRefusal);
    EXPECT_LE(came.body.size(), kRefusal);
    EXPECT_GE(came.body.size(), 60'000U) << codings;
    EXPECT_TRUE(came.body.starts_with("no, "));
  }
  EXPECT_EQ(receive(incoming, "no gzip", "gzip", 1000, true).trouble, Trouble::kBroken);
}

}  // namespace
}  // namespace source_sentry
