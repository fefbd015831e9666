#include "files/disk.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <system_error>

#include "base/descriptor.h"
#include "base/error.h"

namespace source_sentry {
namespace {

namespace fs = std::filesystem;

/// A new name in a folder lasts once the folder itself is on the disk.
void sync_folder_of(const fs::path& path) {
  const fs::path folder = path.parent_path();
  const Descriptor opened(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  // Some file systems cannot do it, and need not.
  if (opened.is_open() && fsync(opened.get()) != 0 && errno == EIO) {
    refuse_path(folder, "saved", errno);
  }
}

}  // namespace

void refuse_path(const fs::path& path, const std::string& what, int code) {
  std::string remedy = "Correct that, and run it again.";
  if (code == ENOSPC || code == EDQUOT) {
    remedy = "Make room there, and run it again: it resumes where it stopped.";
  } else if (code == EACCES || code == EPERM || code == EROFS) {
    remedy = "Give this user the right to write there, or name another folder.";
  } else if (code == EFBIG) {
    remedy = "Raise the limit for the size of a file (ulimit -f), and run it again.";
  } else if (code == ENOENT) {
    remedy =
        "Put it back as it was, or begin again in another folder; --full-refresh reads the "
        "stream anew.";
  } else if (code == EEXIST || code == ENOTDIR) {
    remedy = "A file is in the way: move it away, or name another folder.";
  }
  // Not a failure of the server's: to read another part, or in another way, does not help.
  throw ConnectorError(FailureKind::kConfig, path.string() + " cannot be " + what + ": " +
                                                 std::generic_category().message(code) + ". " +
                                                 remedy);
}

void refuse_foreign(const fs::path& path) {
  std::error_code none;
  if (!fs::exists(path, none) || fs::is_empty(path, none)) return;
  throw ConnectorError(FailureKind::kConfig,
                       "There is " + path.string() +
                           " already, which no run of source-sentry has written. Move it away, or "
                           "name another folder.");
}

void make_folder(const fs::path& path) {
  std::error_code failed;
  fs::create_directories(path, failed);
  // On some paths the library calls a file in the way no failure.
  if (!failed && !fs::is_directory(path)) failed = std::make_error_code(std::errc::not_a_directory);
  if (failed) refuse_path(path, "made", failed.value());
}

void remove_whole(const fs::path& path) {
  std::error_code failed;
  fs::remove_all(path, failed);
  if (failed) refuse_path(path, "removed", failed.value());
}

void move_file(const fs::path& from, const fs::path& to) {
  if (rename(from.c_str(), to.c_str()) != 0) refuse_path(to, "replaced", errno);
  sync_folder_of(to);
}

}  // namespace source_sentry
