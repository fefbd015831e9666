#include "spool/spool_folder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <string_view>
#include <system_error>

#include "base/error.h"
#include "spool/spool_disk.h"

namespace source_sentry {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kBefore = "spool-";
constexpr std::string_view kBehind = ".log";
constexpr std::size_t kNameDigits = 8;
// For this user alone.
constexpr mode_t kFolderRights = 0700;
constexpr mode_t kLockRights = 0600;

/// The segment's number; 0 where the file is none.
std::uint64_t number_of_segment(const std::string& name) {
  if (name.size() != kBefore.size() + kNameDigits + kBehind.size()) return 0;
  if (!name.starts_with(kBefore) || !name.ends_with(kBehind)) return 0;
  std::uint64_t number = 0;
  const char* const digits = name.data() + kBefore.size();
  const auto [end, failed] = std::from_chars(digits, digits + kNameDigits, number);
  return failed == std::errc() && end == digits + kNameDigits ? number : 0;
}

}  // namespace

void refuse_spool(const fs::path& path, const std::string& what, int code) {
  std::string remedy = "Correct that, and start again.";
  if (is_lack_of_room(code)) {
    remedy = "Make room there, and start again.";
  } else if (code == EACCES || code == EPERM || code == EROFS) {
    remedy = "Give this user the right to it, or name another folder.";
  } else if (code == EIO) {
    remedy = "The disk fails: name a folder on another one.";
  } else if (code == ENOENT) {
    remedy = "Name the folder that the listener writes to.";
  } else if (code == EEXIST || code == ENOTDIR) {
    remedy = "A file is in the way: move it away, or name another folder.";
  }
  throw ConnectorError(FailureKind::kConfig, path.string() + " cannot be " + what + ": " +
                                                 std::generic_category().message(code) + ". " +
                                                 remedy);
}

fs::path segment_path(const fs::path& folder, std::uint64_t number) {
  std::string digits = std::to_string(number);
  if (digits.size() < kNameDigits) digits.insert(0, kNameDigits - digits.size(), '0');
  return folder / (std::string(kBefore) + digits + std::string(kBehind));
}

std::vector<std::uint64_t> list_segments(const fs::path& folder) {
  std::vector<std::uint64_t> numbers;
  std::error_code failed;
  // A range-based loop would throw where a step fails.
  for (fs::directory_iterator file(folder, failed); !failed && file != fs::directory_iterator();
       file.increment(failed)) {
    const std::uint64_t number = number_of_segment(file->path().filename().string());
    std::error_code gone;  // or no file at all
    if (number > 0 && file->is_regular_file(gone)) numbers.push_back(number);
  }
  if (failed) refuse_spool(folder, "read", failed.value());
  std::sort(numbers.begin(), numbers.end());
  return numbers;
}

void make_spool_folder(const fs::path& folder) {
  const fs::path whole = fs::absolute(folder / "").parent_path();
  std::error_code failed;
  fs::create_directories(whole.parent_path(), failed);
  if (failed) refuse_spool(whole.parent_path(), "made", failed.value());
  if (mkdir(whole.c_str(), kFolderRights) == 0) {
    // A new folder lasts once the one above it is on the disk.
    const int code = system_disk().sync_folder(whole.parent_path());
    if (code != 0 && code != EACCES) refuse_spool(whole.parent_path(), "saved", code);
    return;
  }
  const int code = errno;
  if (code != EEXIST || !fs::is_directory(whole, failed)) refuse_spool(whole, "made", code);
}

Descriptor lock_spool_folder(const fs::path& folder) {
  const fs::path path = folder / "writer.lock";
  Descriptor lock(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, kLockRights));
  if (!lock.is_open()) refuse_spool(path, "opened", errno);
  while (flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno == EWOULDBLOCK) {
      throw ConnectorError(FailureKind::kConfig, "Another process writes to " + folder.string() +
                                                     " already. Stop it, or name another folder.");
    }
    if (errno != EINTR) refuse_spool(path, "locked", errno);
  }
  return lock;
}

}  // namespace source_sentry
