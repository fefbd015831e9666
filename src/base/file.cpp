#include "base/file.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

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

constexpr std::size_t kPiece = 65'536;

/// Adds what comes next in the file to `content`. False at its end, and where it cannot be read:
/// then errno says why, and is 0 otherwise.
bool read_more(int file, std::string& content) {
  std::array<char, kPiece> piece;
  for (;;) {
    const ssize_t got = file < 0 ? -1 : read(file, piece.data(), piece.size());
    if (got > 0) content.append(piece.data(), static_cast<std::size_t>(got));
    if (got == 0) errno = 0;
    if (got >= 0) return got > 0;
    if (file < 0 || errno != EINTR) return false;
  }
}

std::string too_large() {
  return "it is larger than " + std::to_string(kLargestFile >> 20) + " MB";
}

}  // namespace

std::vector<iovec> parts_of(std::span<const std::string_view> pieces) {
  std::vector<iovec> parts;
  parts.reserve(pieces.size());
  for (const std::string_view piece : pieces) {
    if (!piece.empty()) parts.push_back({const_cast<char*>(piece.data()), piece.size()});
  }
  return parts;
}

std::span<iovec> behind(std::span<iovec> parts, std::size_t written) {
  while (!parts.empty() && written >= parts.front().iov_len) {
    written -= parts.front().iov_len;
    parts = parts.subspan(1);
  }
  if (written > 0) {
    iovec& cut = parts.front();
    cut = {static_cast<char*>(cut.iov_base) + written, cut.iov_len - written};
  }
  return parts;
}

std::optional<std::string> read_file(const std::string& path, std::string& reason) {
  const OpenFile file(path);
  std::string content;
  while (read_more(file.fd(), content)) {
    if (content.size() <= kLargestFile) continue;
    reason = too_large();
    return std::nullopt;
  }
  if (errno == 0) return content;
  reason = std::generic_category().message(errno);
  return std::nullopt;
}

LineReader::LineReader(const std::string& path) : fd_(open(path.c_str(), O_RDONLY | O_CLOEXEC)) {}

LineReader::~LineReader() {
  if (fd_ >= 0) close(fd_);
}

/// Reads more, behind the line's beginning. False at the file's end.
bool LineReader::fill() {
  if (over_) return false;
  buffer_.erase(0, begin_);
  end_ -= begin_;
  begin_ = 0;
  if (read_more(fd_, buffer_)) {
    last_byte_ = buffer_.back();
    return true;
  }
  over_ = true;
  if (errno != 0) error_ = std::generic_category().message(errno);
  return false;
}

bool LineReader::next() {
  // What is left of the line before is dropped as it comes.
  if (number_ > 0) {
    while ((end_ = buffer_.find('\n', end_)) == buffer_.npos) {
      begin_ = end_ = buffer_.size();
      if (!fill()) return false;
    }
    begin_ = ++end_;
  }
  ++number_;
  for (;;) {
    end_ = std::min(buffer_.find('\n', end_), buffer_.size());
    if (end_ < buffer_.size() || end_ - begin_ >= kHead) return true;
    if (!fill()) return end_ > begin_ && error_.empty();
  }
}

std::string_view LineReader::head() const {
  return std::string_view(buffer_).substr(begin_, std::min(end_ - begin_, kHead));
}

std::optional<std::string_view> LineReader::line() {
  while (end_ == buffer_.size()) {
    if (end_ - begin_ > kLargestFile) return std::nullopt;
    if (!fill()) break;
    end_ = std::min(buffer_.find('\n', end_), buffer_.size());
  }
  return std::string_view(buffer_).substr(begin_, end_ - begin_);
}

std::optional<std::string> LineReader::rest() {
  while (buffer_.size() - begin_ <= kLargestFile && fill()) continue;
  if (!error_.empty()) return std::nullopt;
  buffer_.erase(0, begin_);
  if (buffer_.size() <= kLargestFile) return std::move(buffer_);
  error_ = too_large();
  return std::nullopt;
}

}  // namespace source_sentry
