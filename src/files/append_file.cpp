#include "files/append_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/uio.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/file.h"
#include "files/disk.h"

namespace source_sentry {

namespace fs = std::filesystem;

AppendFile::AppendFile(fs::path path, std::uint64_t length)
    : path_(std::move(path)),
      // What should hold something is not made anew where it is gone.
      file_(open(path_.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC | (length == 0 ? O_CREAT : 0),
                 kForAll)) {
  if (!file_.is_open()) refuse_path(path_, "opened", errno);
  struct stat about {};
  if (fstat(file_.get(), &about) != 0) refuse_path(path_, "opened", errno);
  if (!S_ISREG(about.st_mode)) {
    throw ConnectorError(FailureKind::kConfig,
                         path_.string() + " is not a regular file. Name another folder.");
  }
  if (std::cmp_less(about.st_size, length)) {
    throw ConnectorError(FailureKind::kConfig,
                         "The file " + path_.string() + " holds " + std::to_string(about.st_size) +
                             " bytes where the manifest says " + std::to_string(length) +
                             ": something else has changed it. Put it back as it was, or begin "
                             "again in another folder; --full-refresh reads the stream anew.");
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
      refuse_path(path_, "written", errno);
    }
    size_ += static_cast<std::uint64_t>(written);
    left = behind(left, static_cast<std::size_t>(written));
  }
}

void AppendFile::sync() {
  if (fdatasync(file_.get()) != 0) refuse_path(path_, "saved", errno);
}

void AppendFile::cut(std::uint64_t length) {
  if (ftruncate(file_.get(), static_cast<off_t>(length)) != 0) refuse_path(path_, "cut", errno);
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

}  // namespace source_sentry
