#include "base/file.h"

#include <gmock/gmock.h>

#include <vector>

#include "fakes/temporary_folder.h"

namespace source_sentry {
namespace {

using testing::ElementsAre;

class LineReaderTest : public testing::Test {
 protected:
  std::string file(const std::string& text) {
    put(folder_.path() / "file", text);
    return (folder_.path() / "file").string();
  }

  TemporaryFolder folder_;
};

TEST_F(LineReaderTest, ReadsLinesOfEveryLength) {
  // Lines that end at, before and behind the pieces in which a file is read, and the known heads.
  std::vector<std::string> lines;
  for (const int length : {0, 1, 255, 256, 257, 65'535, 65'536, 65'537, 200'000, 0, 3}) {
    lines.emplace_back(static_cast<std::size_t>(length), static_cast<char>('a' + lines.size()));
  }
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  for (const bool whole : {true, false}) {
    LineReader reader(file(text));
    for (const std::string& line : lines) {
      ASSERT_TRUE(reader.next());
      EXPECT_EQ(reader.head(), line.substr(0, LineReader::kHead));
      if (whole) {
        EXPECT_EQ(reader.line(), line);
      }
    }
    EXPECT_EQ(reader.number(), lines.size());
    EXPECT_FALSE(reader.next());
    EXPECT_EQ(reader.error(), "");
  }
}

TEST_F(LineReaderTest, TellsHowAFileEnds) {
  for (const auto& [text, last] : {std::pair("a\nb", 'b'), std::pair("a\nb\n", '\n')}) {
    LineReader reader(file(text));
    std::vector<std::string> lines;
    while (reader.next()) lines.emplace_back(*reader.line());
    EXPECT_THAT(lines, ElementsAre("a", "b"));
    EXPECT_EQ(reader.last_byte(), last);
  }
  EXPECT_FALSE(LineReader(file("")).next());
}

TEST_F(LineReaderTest, GivesTheRestFromAnyLine) {
  LineReader reader(file("a\nb\n\nc"));
  ASSERT_TRUE(reader.next());
  ASSERT_TRUE(reader.next());
  EXPECT_EQ(reader.rest(), "b\n\nc");
}

TEST_F(LineReaderTest, SaysWhyItCannotRead) {
  LineReader missing((folder_.path() / "nowhere").string());
  EXPECT_FALSE(missing.next());
  EXPECT_EQ(missing.error(), "No such file or directory");
  LineReader directory(folder_.path().string());
  EXPECT_FALSE(directory.next());
  EXPECT_EQ(directory.error(), "Is a directory");
  LineReader endless("/dev/zero");
  ASSERT_TRUE(endless.next());
  EXPECT_EQ(endless.line(), std::nullopt);
  EXPECT_EQ(endless.rest(), std::nullopt);
  EXPECT_EQ(endless.error(), "it is larger than 32 MB");
}

}  // namespace
}  // namespace source_sentry
