#include "files/disk.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "fakes/message_of.h"
#include "fakes/temporary_folder.h"

namespace source_sentry {
namespace {

TEST(Disk, SaysWhatIsInTheWayOfAFolder) {
  const TemporaryFolder folder;
  put(folder.path() / "file", "");
  for (const char* name : {"file", "file/below"}) {
    const std::filesystem::path path = folder.path() / name;
    EXPECT_EQ(message_of([&] { make_folder(path); }),
              path.string() +
                  " cannot be made: Not a directory. A file is in the way: move it away, or name "
                  "another folder.");
  }
  make_folder(folder.path() / "a" / "b");
  make_folder(folder.path() / "a" / "b");
  EXPECT_TRUE(std::filesystem::is_directory(folder.path() / "a" / "b"));
}

TEST(Disk, RemovesFoldersWithAllThatIsInThem) {
  const TemporaryFolder folder;
  make_folder(folder.path() / "a" / "b");
  put(folder.path() / "a" / "b" / "c", "");
  remove_whole(folder.path() / "a");
  remove_whole(folder.path() / "a");
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "a"));
  EXPECT_EQ(
      message_of([] { remove_whole("/proc/self/status"); }).find("/proc/self/status cannot be"),
      0U);
}

}  // namespace
}  // namespace source_sentry
