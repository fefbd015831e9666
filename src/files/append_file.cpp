#include "files/append_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/uio.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <system_error>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/file.h"

namespace source_sentry {
namespace {

namespace fs = std::filesystem;

/// What failed, in the system's words, and what to do.
[[noreturn]] void refuse(const fs::path& path, const std::string& what, int code) {
  std::string remedy = "Correct that, and run it again.";
  if (code == ENOSPC || code == EDQUOT) {
    remedy = "Make room there, and run it again: it resumes where it stopped.";
  } else if (code == EACCES || code == EPERM || code == EROFS) {
    remedy = "Give this user the right to write there, or name another folder.";
  } else if (code == EFBIG) {
    remedy = "Raise the limit for the size of a file (ulimit -f), and run it again.";
  }
  throw ConnectorError(FailureKind::kSystem, "The file " + path.string() + " cannot be " + what +
                                                 ": " + std::generic_category().message(code) +
                                                 ". " + remedy);
}

/// A new name in a folder lasts once the folder itself is on the disk.
void sync_folder_of(const fs::path& path) {
  const fs::path folder = path.parent_path();
  const Descriptor opened(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  // Some file systems cannot do it, and need not.
  if (opened.is_open() && fsync(opened.get()) != 0 && errno == EIO) refuse(folder, "saved", errno);
}

}  // namespace

AppendFile::AppendFile(fs::path path, std::uint64_t length)
    : path_(std::move(path)),
      file_(open(path_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, kForAll)) {
  if (!file_.is_open()) refuse(path_, "opened", errno);
  struct stat about {};
  if (fstat(file_.get(), &about) != 0) refuse(path_, "opened", errno);
  if (!S_ISREG(about.st_mode)) {
    throw ConnectorError(FailureKind::kConfig,
                         path_.string() + " is not a regular file. Name another folder.");
  }
  if (std::cmp_less(about.st_size, length)) {
    throw ConnectorError(FailureKind::kConfig,
                         "The file " + path_.string() + " holds " + std::to_string(about.st_size) +
                             " bytes where the manifest says " + std::to_string(length) +
                             ": something else has changed it. Put it back as it was, or begin "
                             "again in another folder.");
  }
  cut(length);
}

void AppendFile::append(std::span<const std::string_view> pieces) {
  std::vector<iovec> parts = parts_of(pieces);
  for (std::span<iovec> left(parts); !left.empty();) {
    const auto most = static_cast<int>(std::min<std::size_t>(left.size(), IOV_MAX));
    const ssize_t written = writev(file_.get(), left.data(), most);
    if (written < 0) {
      if (errno == EINTR) continue;
      refuse(path_, "written", errno);
    }
    size_ += static_cast<std::uint64_t>(written);
    left = behind(left, static_cast<std::size_t>(written));
  }
}

void AppendFile::sync() {
  if (fdatasync(file_.get()) != 0) refuse(path_, "saved", errno);
}

void AppendFile::cut(std::uint64_t length) {
  if (ftruncate(file_.get(), static_cast<off_t>(length)) != 0) refuse(path_, "cut", errno);
  size_ = length;
}

void replace_file(const fs::path& path, std::string_view text) {
  fs::path beside = path;
  beside += ".new";
  {
    AppendFile file(beside, 0);
    file.append(std::span(&text, 1));
    file.sync();
  }
  move_file(beside, path);
}

void move_file(const fs::path& from, const fs::path& to) {
  if (rename(from.c_str(), to.c_str()) != 0) refuse(to, "replaced", errno);
  sync_folder_of(to);
}

}  // namespace source_sentry
