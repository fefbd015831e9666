#include "http/body/inflater.h"

#include <gtest/gtest.h>

#include "fakes/packing.h"

namespace source_sentry {
namespace {

using Outcome = Inflater::Outcome;

const std::string kText = R"([{"id":"1"},{"id":"2"},{"id":"3"}])";
constexpr std::size_t kAny = 1'000'000;

/// `gzip` with another size in its trailer.
std::string stating(std::string gzip, std::uint32_t size) {
  for (std::size_t i = 4; i > 0; --i, size >>= 8U) {
    gzip[gzip.size() - i] = static_cast<char>(size & 0xffU);
  }
  return gzip;
}

/// A gzip header with a name, a comment, extra bytes and its own checksum, before what `gzip`
/// holds.
std::string with_long_header(const std::string& gzip) {
  std::string header("\x1f\x8b\x08\x1e\0\0\0\0\0\x03\x02\0xyname\0comment\0", 27);
  const auto sum =
      crc32(0, reinterpret_cast<const Bytef*>(header.data()), static_cast<uInt>(header.size()));
  header += static_cast<char>(sum & 0xffU);
  header += static_cast<char>(sum >> 8U & 0xffU);
  return header + gzip.substr(10);
}

std::string flipped(std::string bytes, std::size_t from_end) {
  bytes[bytes.size() - from_end] = static_cast<char>(bytes[bytes.size() - from_end] ^ 1);
  return bytes;
}

TEST(InflaterTest, UnpacksWhatIsWholeAndRefusesTheRest) {
  const std::string gzip = packed(kText);
  const std::string zlib = packed(kText, kAsZlib);
  const std::string raw = packed(kText, kAsRaw);
  const struct {
    const char* name;
    std::string packed;
    Coding coding = Coding::kGzip;
    const char* why = "";  // no reason: it is whole
  } cases[] = {
      {"gzip", gzip},
      {"stored", packed(kText, kAsGzip, 0)},
      {"long header", with_long_header(gzip)},
      {"two members", packed(kText.substr(0, 5)) + packed(kText.substr(5))},
      {"the larger member last", packed(kText.substr(0, 1)) + packed(kText.substr(1))},
      {"an empty member last", gzip + packed("")},
      {"many members",
       [] {
         std::string all;
         for (const char c : kText) all += packed(std::string(1, c));
         return all;
       }()},
      {"zeros behind it", gzip + std::string(100, '\0')},
      {"text behind it", gzip + "\r\n"},
      {"zlib as gzip", zlib},
      {"zlib", zlib, Coding::kDeflate},
      {"raw", raw, Coding::kDeflate},
      {"gzip as deflate", gzip, Coding::kDeflate},
      {"text behind zlib", zlib + "xx", Coding::kDeflate},
      {"text behind raw", raw + "xx", Coding::kDeflate},

      {"states too little", stating(gzip, 5), Coding::kGzip, "length check"},
      {"states too much", stating(gzip, 1000), Coding::kGzip, "length check"},
      {"states nothing", stating(gzip, 0), Coding::kGzip, "length check"},
      {"states 4 GB", stating(gzip, 0xffffffff), Coding::kGzip, "length check"},
      {"wrong checksum", flipped(gzip, 8), Coding::kGzip, "data check"},
      {"wrong checksum, zlib", flipped(zlib, 1), Coding::kDeflate, "data check"},
      {"damaged", flipped(gzip, gzip.size() - 10), Coding::kGzip, "damaged"},
      {"damaged header", flipped(gzip, gzip.size() - 2), Coding::kGzip, "damaged"},
      {"no gzip", kText, Coding::kGzip, "damaged"},
      {"no deflate", kText, Coding::kDeflate, "damaged"},
      {"a dictionary", std::string("\x78\xf9\0\0\0\1", 6) + raw, Coding::kDeflate, "damaged"},
      {"half a header", gzip.substr(0, 5), Coding::kGzip, "cut off"},
      {"cut off", gzip.substr(0, gzip.size() - 12), Coding::kGzip, "cut off"},
      {"half a trailer", gzip.substr(0, gzip.size() - 4), Coding::kGzip, "cut off"},
      {"cut off, zlib", zlib.substr(0, zlib.size() - 2), Coding::kDeflate, "cut off"},
      {"cut off, raw", raw.substr(0, raw.size() - 2), Coding::kDeflate, "cut off"},
      {"half a second member", gzip + gzip.substr(0, 12), Coding::kGzip, "cut off"},
      {"a damaged second member", gzip + flipped(gzip, 8), Coding::kGzip, "data check"},
  };
  Inflater inflater;
  for (const auto& [name, bytes, coding, why] : cases) {
    for (const char* before :
         {"", "what an earlier page has left in the memory, which is longer"}) {
      std::string body = before;
      const Inflater::Result result = inflater.inflate(bytes, coding, kAny, body);
      if (*why == '\0') {
        EXPECT_EQ(result.outcome, Outcome::kWhole) << name << ": " << result.why;
        EXPECT_EQ(body, kText) << name;
      } else {
        EXPECT_EQ(result.outcome, Outcome::kBroken) << name;
        EXPECT_NE(result.why.find(why), std::string::npos) << name << ": " << result.why;
      }
    }
  }
}

TEST(InflaterTest, AnEmptyBodyIsWhole) {
  Inflater inflater;
  for (const auto& [format, coding] : {std::pair{kAsGzip, Coding::kGzip},
                                       {kAsZlib, Coding::kDeflate},
                                       {kAsRaw, Coding::kDeflate}}) {
    std::string body = "old";
    EXPECT_EQ(inflater.inflate(packed("", format), coding, kAny, body).outcome, Outcome::kWhole);
    EXPECT_EQ(body, "");
  }
}

TEST(InflaterTest, HoldsToTheLimitHoweverItIsPacked) {
  const std::string text(100'000, 'x');
  const std::string half(50'000, 'x');
  Inflater inflater;
  for (const auto& [bytes, coding] : {std::pair{packed(text), Coding::kGzip},
                                      {packed(half) + packed(half), Coding::kGzip},
                                      {packed(text) + "behind", Coding::kGzip},
                                      {packed(text, kAsZlib), Coding::kDeflate},
                                      {packed(text, kAsRaw), Coding::kDeflate}}) {
    std::string body;
    EXPECT_EQ(inflater.inflate(bytes, coding, 99'999, body).outcome, Outcome::kTooLarge);
    EXPECT_EQ(inflater.inflate(bytes, coding, 100'000, body).outcome, Outcome::kWhole);
    EXPECT_EQ(body, text);
  }
}

/// A bomb, and sizes that are stated and cannot be: none takes memory before it is known better.
TEST(InflaterTest, TakesNoMemoryForWhatItRefuses) {
  const std::string bomb = packed(std::string(20'000'000, 'x'));
  Inflater inflater;
  std::string body;
  for (const std::uint32_t stated : {20'000'000U, 1U, 0U, 900'000U, 0xffffffffU}) {
    EXPECT_EQ(inflater.inflate(stating(bomb, stated), Coding::kGzip, kAny, body).outcome,
              Outcome::kTooLarge);
    EXPECT_LE(body.capacity(), 900'000U) << stated;
  }
  std::string small;
  EXPECT_EQ(inflater.inflate(stating(packed(kText), 900'000), Coding::kGzip, kAny, small).outcome,
            Outcome::kBroken);
  EXPECT_LT(small.capacity(), 100U) << "so few bytes cannot make so many";
}

TEST(InflaterTest, GivesTheBeginningOfWhatIsCutOff) {
  const std::string text = kText + std::string(100'000, 'x');
  const std::string gzip = packed(text);
  const struct {
    std::string packed;
    std::size_t most;
    std::size_t size;
  } cases[] = {
      {gzip, 65'536, 65'536},
      {gzip, 200'000, text.size()},
      {gzip.substr(0, gzip.size() - 4), 200'000, text.size()},
      {packed(kText) + packed("more"), 200'000, kText.size() + 4},
      {gzip.substr(0, 12), 65'536, 0},
  };
  for (const auto& [bytes, most, size] : cases) {
    std::string body = "old";
    EXPECT_EQ(inflate_beginning(bytes, Coding::kGzip, most, body).outcome, Outcome::kWhole);
    EXPECT_EQ(body.size(), size);
    EXPECT_TRUE(text.starts_with(body) || body == kText + "more");
  }
  std::string body;
  EXPECT_EQ(inflate_beginning("no gzip", Coding::kGzip, 100, body).outcome, Outcome::kBroken);
}

}  // namespace
}  // namespace source_sentry
