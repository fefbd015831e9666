#include "base/file.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

namespace source_sentry {
namespace {

/// An open file, closed at its end.
class OpenFile {
 public:
  explicit OpenFile(const std::string& path) : fd_(open(path.c_str(), O_RDONLY | O_CLOEXEC)) {}
  ~OpenFile() {
    if (fd_ >= 0) close(fd_);
  }
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;

  int fd() const { return fd_; }

 private:
  const int fd_;
};

}  // namespace

std::optional<std::string> read_file(const std::string& path, std::string& reason) {
  const OpenFile file(path);
  std::string content;
  std::array<char, 65536> piece;
  for (;;) {
    const ssize_t got = file.fd() < 0 ? -1 : read(file.fd(), piece.data(), piece.size());
    if (got == 0) return content;
    if (got > 0) {
      content.append(piece.data(), static_cast<std::size_t>(got));
      if (content.size() <= kLargestFile) continue;
      reason = "it is larger than " + std::to_string(kLargestFile >> 20) + " MB";
      return std::nullopt;
    }
    if (file.fd() >= 0 && errno == EINTR) continue;
    reason = std::generic_category().message(errno);
    return std::nullopt;
  }
}

}  // namespace source_sentry
