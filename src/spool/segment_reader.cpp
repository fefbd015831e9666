#include "spool/segment_reader.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <limits>
#include <utility>

#include "spool/spool_folder.h"

namespace source_sentry {
namespace {

constexpr std::size_t kSearchedAtOnce = 65'536;
// More than any file has, and far from what the system's numbers can hold.
constexpr std::uint64_t kFarthest = std::uint64_t{1} << 60;

}  // namespace

SegmentReader::SegmentReader(std::filesystem::path path, std::uint64_t offset)
    : path_(std::move(path)),
      // O_NONBLOCK: a pipe of that name would wait for its writer.
      file_(open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)),
      offset_(std::min(offset, kFarthest)) {
  if (!file_.is_open() && errno != ENOENT) refuse_spool(path_, "opened", errno);
}

std::uint64_t SegmentReader::size() const {
  struct stat about {};
  if (fstat(file_.get(), &about) != 0) refuse_spool(path_, "read", errno);
  return static_cast<std::uint64_t>(about.st_size);
}

/// Reads as much of `length` bytes as there is.
std::size_t SegmentReader::read_at(std::uint64_t offset, std::string& bytes,
                                   std::size_t length) const {
  bytes.resize(length);
  std::size_t filled = 0;
  while (filled < length) {
    const ssize_t got = pread(file_.get(), bytes.data() + filled, length - filled,
                              static_cast<off_t>(offset + filled));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) refuse_spool(path_, "read", errno);
    if (got == 0) break;
    filled += static_cast<std::size_t>(got);
  }
  bytes.resize(filled);
  return filled;
}

/// What is at the offset. `frame.after` is set where a header says it.
SegmentReader::Look SegmentReader::look(Frame& frame) const {
  std::string bytes;
  if (read_at(offset_, bytes, kFrameHeader) < kFrameHeader) return Look::kUnfinished;
  const auto header = parse_frame_header(bytes);
  if (!header) return Look::kNoHeader;
  frame.at = offset_;
  frame.after = offset_ + kFrameHeader + header->length;
  // Asked first, so that a length alone takes no memory.
  if (size() < frame.after) return Look::kUnfinished;
  if (read_at(offset_ + kFrameHeader, bytes, header->length) < header->length) {
    return Look::kUnfinished;
  }
  frame.contents = parse_payload(*header, bytes);
  return std::holds_alternative<std::monostate>(frame.contents) ? Look::kBadPayload : Look::kGood;
}

std::optional<SegmentReader::Frame> SegmentReader::next(bool ended) {
  Frame frame;
  for (;;) {
    Look seen = look(frame);
    // Again: a writer that had no room may have cut off what was read half, and written anew there.
    if (seen == Look::kNoHeader || seen == Look::kBadPayload) seen = look(frame);
    if (seen == Look::kUnfinished) return std::nullopt;
    if (seen == Look::kGood) {
      offset_ = frame.after;
      searched_.reset();
      return frame;
    }
    if (!leave_out(seen, frame.after, ended)) return std::nullopt;
  }
}

/// Moves behind what is damaged. False where that is the file's end, or is not sure yet.
bool SegmentReader::leave_out(Look seen, std::uint64_t after, bool ended) {
  const std::uint64_t bytes = size();
  if (!ended && searched_ == bytes) return false;
  bool only_zeros = true;
  std::optional<std::uint64_t> found;
  if (seen == Look::kBadPayload) {
    only_zeros = false;
    if (after < bytes) found = after;
  } else {
    found = find_header(offset_, only_zeros);
  }
  if (!found && !ended) {
    searched_ = bytes;
    return false;
  }
  // After a power failure a file may end with zeros that stand for what never got to the disk.
  if (found || !only_zeros) ++damaged_;
  searched_.reset();
  offset_ = found ? *found : std::max(bytes, offset_);
  return found.has_value();
}

/// Where the next whole header behind `from` is; nothing if there is none.
std::optional<std::uint64_t> SegmentReader::find_header(std::uint64_t from,
                                                        bool& only_zeros) const {
  std::string piece;
  for (std::uint64_t base = from; read_at(base, piece, kSearchedAtOnce) > 0;) {
    only_zeros = only_zeros && piece.find_first_not_of('\0') == piece.npos;
    std::size_t at = base == from ? 1 : 0;
    while ((at = piece.find(kFrameMark, at)) != piece.npos && at + kFrameHeader <= piece.size()) {
      if (parse_frame_header(std::string_view(piece).substr(at))) return base + at;
      ++at;
    }
    if (piece.size() < kSearchedAtOnce) break;
    // A header may lie across the end of a piece.
    base += piece.size() - (kFrameHeader - 1);
  }
  return std::nullopt;
}

}  // namespace source_sentry
