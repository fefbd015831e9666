#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "base/descriptor.h"
#include "spool/frame.h"

namespace source_sentry {

/// Reads the frames of one segment, from any place on, also while it is written. Holds one frame in
/// memory, and never more than the file has. Not thread-safe.
///
/// Where a header is whole it is relied on: the next frame is behind its payload, whatever that
/// holds. Where a header is damaged, the next whole one is looked for. So damage costs the frames
/// that it is in, and reading takes time in proportion to the file, whatever is in it.
class SegmentReader {
 public:
  struct Frame {
    std::uint64_t at = 0;     ///< where it begins
    std::uint64_t after = 0;  ///< where the next one does
    FrameContents contents;   ///< never neither
  };

  /// Throws a ConnectorError where the file cannot be read; `is_open` is false where there is none.
  SegmentReader(std::filesystem::path path, std::uint64_t offset);

  bool is_open() const { return file_.is_open(); }

  /// The next frame; nothing where there is none, or no whole one yet. `ended`: nothing more will
  /// be written. Otherwise what looks damaged is left out only if a whole header is behind it:
  /// until then it may be what another machine or a full disk shows of something unfinished.
  /// Throws a ConnectorError where the file cannot be read.
  std::optional<Frame> next(bool ended);

  std::uint64_t offset() const { return offset_; }
  /// Places that were damaged and left out. What was never finished is no damage.
  std::size_t damaged() const { return damaged_; }
  /// Bytes in the file now.
  std::uint64_t size() const;

 private:
  enum class Look {
    kGood,
    kUnfinished,  ///< the file ends within it
    kNoHeader,    ///< what is there is no header
    kBadPayload,
  };
  Look look(Frame& frame) const;
  std::size_t read_at(std::uint64_t offset, std::string& bytes, std::size_t length) const;
  std::optional<std::uint64_t> find_header(std::uint64_t from, bool& only_zeros) const;
  bool leave_out(Look seen, std::uint64_t after, bool ended);

  std::filesystem::path path_;
  Descriptor file_;
  std::uint64_t offset_ = 0;
  std::size_t damaged_ = 0;
  std::optional<std::uint64_t> searched_;  // the file's size when nothing was found in it
};

}  // namespace source_sentry
