#include "spool/frame.h"

#include <gtest/gtest.h>

#include <string>

#include "spool/deliveries.h"

namespace source_sentry {
namespace {

/// A delivery with something in each of its fields, or as little as there can be.
Delivery full() {
  Delivery delivery = numbered(7);
  delivery.kind = Delivery::Kind::kLegacy;
  delivery.received_at = kNow + Duration(123'456);
  delivery.sent_at = "1795858746";
  delivery.request_id = "0123456789abcdef0123456789abcdef";
  delivery.body = std::string("{\"x\":\"a\0b\xff\r\n\"}", 14) + std::string(kFrameMark);
  return delivery;
}

FrameContents contents_of(std::string_view frame) {
  const auto header = parse_frame_header(frame);
  return header ? parse_payload(*header, frame.substr(kFrameHeader)) : FrameContents();
}

TEST(Frame, ADeliveryComesBackByteForByte) {
  for (const Delivery& delivery : {full(), Delivery{}, numbered(1, 100'000)}) {
    std::string frame;
    put_frame(frame, delivery);
    EXPECT_EQ(frame.size(), frame_size(delivery));
    const FrameContents contents = contents_of(frame);
    ASSERT_TRUE(std::holds_alternative<Delivery>(contents));
    EXPECT_TRUE(same(std::get<Delivery>(contents), delivery));
  }
}

TEST(Frame, ABeginningComesBack) {
  std::string frame;
  put_frame(frame, SegmentBeginning{{3, 4096}});
  EXPECT_EQ(frame.size(), kBeginningFrame);
  const FrameContents contents = contents_of(frame);
  ASSERT_TRUE(std::holds_alternative<SegmentBeginning>(contents));
  EXPECT_EQ(std::get<SegmentBeginning>(contents).end_before, (SpoolPosition{3, 4096}));
}

TEST(Frame, HasTheFormThatIsDocumented) {
  std::string frame;
  put_frame(frame, Delivery{.id = "id", .received_at = Instant(Duration(1)), .body = "{}"});
  const std::string payload(
      "\x02\1\0\0\0\0\0\0\0\x01\2\0\0\0id\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
      "\2\0\0\0{}",
      38);
  EXPECT_EQ(frame.substr(kFrameHeader), payload);
  EXPECT_EQ(frame.substr(0, 8), std::string("\xd5SP\x9a\x26\0\0\0", 8));
}

TEST(Frame, EveryFlippedBitIsSeen) {
  std::string frame;
  put_frame(frame, full());
  for (std::size_t bit = 0; bit < frame.size() * 8; ++bit) {
    std::string damaged = frame;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ 1 << bit % 8);
    EXPECT_TRUE(std::holds_alternative<std::monostate>(contents_of(damaged))) << bit;
  }
}

TEST(Frame, OneThatIsCutIsNone) {
  std::string frame;
  put_frame(frame, full());
  for (std::size_t length = 0; length < frame.size(); ++length) {
    const FrameContents contents = contents_of(frame.substr(0, length));
    EXPECT_TRUE(std::holds_alternative<std::monostate>(contents)) << length;
  }
}

TEST(Frame, ATimeThatIsNoneIsMadeOne) {
  std::string frame;
  put_frame(frame, Delivery{.received_at = Instant::max()});
  EXPECT_TRUE(std::holds_alternative<Delivery>(contents_of(frame)));
}

}  // namespace
}  // namespace source_sentry
