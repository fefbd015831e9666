#include "files/append_file.h"

#include <gtest/gtest.h>

#include <array>
#include <functional>
#include <string>
#include <vector>

#include "base/error.h"
#include "fakes/message_of.h"
#include "fakes/temporary_folder.h"

namespace source_sentry {
namespace {

TEST(AppendFile, KeepsWhatIsSafeAndCutsOffTheRest) {
  const TemporaryFolder folder;
  put(folder.path() / "a", "safe\ntorn");
  AppendFile file(folder.path() / "a", 5);
  file.append(std::array<std::string_view, 3>{"more", "", "\n"});
  EXPECT_EQ(file.size(), 10U);
  EXPECT_EQ(text_of(folder.path() / "a"), "safe\nmore\n");
}

TEST(AppendFile, RefusesAFileThatLacksSomething) {
  const TemporaryFolder folder;
  put(folder.path() / "a", "short");
  const std::string message = message_of([&] { AppendFile(folder.path() / "a", 6); });
  EXPECT_NE(message.find("holds 5 bytes where the manifest says 6"), message.npos) << message;
  EXPECT_EQ(text_of(folder.path() / "a"), "short");
}

TEST(AppendFile, MakesNothingInPlaceOfWhatIsGone) {
  const TemporaryFolder folder;
  const std::string message = message_of([&] { AppendFile(folder.path() / "a", 6); });
  EXPECT_NE(message.find("--full-refresh reads the stream anew"), message.npos) << message;
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "a"));
}

TEST(AppendFile, SaysWhatCannotBeOpened) {
  const TemporaryFolder folder;
  const std::string message = message_of([&] { AppendFile(folder.path() / "none" / "a", 0); });
  EXPECT_NE(message.find("none/a cannot be opened: No such file"), message.npos) << message;
}

TEST(AppendFile, WritesToNothingButRegularFiles) {
  const std::string message = message_of([] { AppendFile("/dev/null", 0); });
  EXPECT_EQ(message, "/dev/null is not a regular file. Name another folder.");
}

TEST(AppendFile, ManyPiecesAreWrittenInOrder) {
  const TemporaryFolder folder;
  AppendFile file(folder.path() / "a", 0);
  std::string expected;
  std::vector<std::string> texts;
  for (int i = 0; i < 5000; ++i) texts.push_back(std::to_string(i) + "\n");  // more than IOV_MAX
  std::vector<std::string_view> pieces(texts.begin(), texts.end());
  for (const std::string& text : texts) expected += text;
  file.append(pieces);
  EXPECT_EQ(text_of(folder.path() / "a"), expected);
}

TEST(ReplaceFile, PutsTheNewTextInPlaceOfTheOld) {
  const TemporaryFolder folder;
  replace_file(folder.path() / "a", "one");
  replace_file(folder.path() / "a", "two");
  EXPECT_EQ(text_of(folder.path() / "a"), "two");
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "a.new"));
}

}  // namespace
}  // namespace source_sentry
