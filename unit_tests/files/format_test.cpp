#include <gtest/gtest.h>
#include <zlib.h>
#include <zstd.h>

#include <chrono>
#include <nlohmann/json.hpp>
#include <string>

#include "fakes/packing.h"
#include "files/format/csv.h"
#include "files/format/options.h"
#include "files/format/packer.h"

namespace source_sentry {
namespace {

TEST(Csv, HasAColumnForEachMemberThatTheSchemaKnowsAndOneForTheRest) {
  const Csv csv({"id", "count", "tags", "with,comma"});
  EXPECT_EQ(csv.header(), "id,count,tags,\"with,comma\",_other\n");
  EXPECT_EQ(csv.row(R"({"tags": [1, "x"], "id": "9007199254740993", "new": null, "count": 1.50})"),
            "9007199254740993,1.50,\"[1, \"\"x\"\"]\",,\"{\"\"new\"\":null}\"\n");
}

TEST(Csv, ValuesKeepWhatTheyAre) {
  const Csv csv({"v"});
  const auto cell = [&](const std::string& value) {
    const std::string row = csv.row(R"({"v":)" + value + "}");
    return row.substr(0, row.size() - 2);  // without the comma and the line's end
  };
  EXPECT_EQ(cell(R"("plain")"), "plain");
  EXPECT_EQ(cell(R"("")"), "\"\"") << "an empty string is not null";
  EXPECT_EQ(cell("null"), "");
  EXPECT_EQ(cell("true"), "true");
  EXPECT_EQ(cell("12345678901234567890"), "12345678901234567890");
  EXPECT_EQ(cell(R"("a,b")"), "\"a,b\"");
  EXPECT_EQ(cell(R"("say \"hi\"")"), "\"say \"\"hi\"\"\"");
  EXPECT_EQ(cell(R"("two\nlines")"), "\"two\nlines\"");
  EXPECT_EQ(cell(R"("\u00e9")"), "\xc3\xa9");
  EXPECT_EQ(cell(R"("\ud800")"), "\\ud800") << "half a character is no text";
  EXPECT_EQ(cell(R"({"a": 1})"), "\"{\"\"a\"\": 1}\"");
  EXPECT_EQ(Csv({"v"}).row("{}"), ",\n");
}

TEST(Csv, FindsTheCellsOfARow) {
  const Csv csv({"id", "text", "empty"});
  const std::string row = csv.row(R"({"id":7,"text":"a \"b\",\n"})");
  EXPECT_EQ(csv.cell(row, "id"), "7");
  EXPECT_EQ(csv.cell(row, "text"), "\"a \"\"b\"\",\n\"");
  EXPECT_EQ(csv.cell(row, "empty"), "");
  EXPECT_EQ(csv.cell(row, "unknown"), "");
}

std::string unzstd(std::string_view packed) {
  std::string text(1 << 20, '\0');
  std::string all;
  while (!packed.empty()) {  // frame by frame
    const std::size_t frame = ZSTD_findFrameCompressedSize(packed.data(), packed.size());
    if (ZSTD_isError(frame) != 0) return "not whole";
    all.append(text.data(), ZSTD_decompress(text.data(), text.size(), packed.data(), frame));
    packed.remove_prefix(frame);
  }
  return all;
}

std::string ungzip(std::string_view packed) {
  std::string all;
  z_stream stream{};
  inflateInit2(&stream, 15 + 16);
  std::string text(1 << 20, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
  stream.avail_in = static_cast<uInt>(packed.size());
  int code = Z_OK;
  while (stream.avail_in > 0) {  // member by member
    stream.next_out = reinterpret_cast<Bytef*>(text.data());
    stream.avail_out = static_cast<uInt>(text.size());
    code = inflate(&stream, Z_FINISH);
    if (code != Z_STREAM_END) break;
    all.append(text.data(), text.size() - stream.avail_out);
    inflateReset(&stream);
  }
  inflateEnd(&stream);
  return code == Z_STREAM_END ? all : "not whole";
}

TEST(Packer, EveryFrameCanBeUnpackedByItself) {
  for (const Compression compression : {Compression::kGzip, Compression::kZstd}) {
    const auto unpack = compression == Compression::kGzip ? ungzip : unzstd;
    const auto packer = make_packer(compression);
    std::string out;
    packer->end_frame(out);
    EXPECT_EQ(out, "") << "nothing is no frame";
    const std::string much(300'000, 'x');
    packer->pack("one ", out);
    packer->pack(much, out);
    packer->end_frame(out);
    const std::size_t first = out.size();
    packer->pack("two", out);
    packer->end_frame(out);
    packer->end_frame(out);
    EXPECT_EQ(unpack(std::string_view(out).substr(0, first)), "one " + much);
    EXPECT_EQ(unpack(out), "one " + much + "two");
    for (const std::size_t step : {std::size_t{1}, out.size()}) {
      const auto unpacker = make_unpacker(compression);
      std::string text;
      for (std::size_t i = 0; i < out.size(); i += step) {
        unpacker->unpack(std::string_view(out).substr(i, step), text);
      }
      EXPECT_EQ(text, "one " + much + "two");
    }
    std::string text;
    EXPECT_THROW(make_unpacker(compression)->unpack("no packer made this", text), ConnectorError);
  }
}

TEST(FileOptions, SayHowFilesAreNamed) {
  FileOptions options;
  EXPECT_EQ(options.ending(), "jsonl");
  options.compression = *parse_compression("zstd");
  options.format = *parse_format("csv");
  EXPECT_EQ(options.ending(), "csv.zst");
  options.compression = *parse_compression("gzip");
  EXPECT_EQ(options.ending(), "csv.gz");
  EXPECT_FALSE(parse_compression("bzip2"));
  EXPECT_FALSE(parse_format("parquet"));
}

TEST(FileOptions, RotationIsASizeOrATime) {
  const auto bytes = [](const std::string& text) {
    FileOptions options;
    return parse_rotation(text, options) ? options.rotate_at_bytes : 0;
  };
  EXPECT_EQ(bytes("256MB"), 256'000'000U);
  EXPECT_EQ(bytes("10 kb"), 10'000U);
  EXPECT_EQ(bytes("2GiB"), 2U << 30);
  EXPECT_EQ(bytes("500B"), 500U);
  const auto time = [](const std::string& text) {
    FileOptions options;
    return parse_rotation(text, options) ? options.rotate_after : Duration::zero();
  };
  EXPECT_EQ(time("1d"), std::chrono::days(1));
  EXPECT_EQ(time("12h"), std::chrono::hours(12));
  EXPECT_EQ(time("PT30M"), std::chrono::minutes(30));
  FileOptions options;
  for (const char* wrong :
       {"", "0MB", "MB", "-1d", "1", "1 week", "1.5GB", "99999999GB", "PT0S", "256M"}) {
    EXPECT_FALSE(parse_rotation(wrong, options)) << wrong;
  }
}

}  // namespace
}  // namespace source_sentry
