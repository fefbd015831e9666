#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "spool/frame.h"
#include "spool/spool_disk.h"

namespace source_sentry {

/// Writes frames into one new segment, many at once: they are collected, written and then made
/// sure of. After a failure nothing may be called again. Not thread-safe.
class SegmentWriter {
 public:
  enum class Outcome {
    kGood,
    kFull,    ///< there is no room for all; what is there is whole
    kFailed,  ///< of anything else: what is there is unknown
  };

  explicit SegmentWriter(std::unique_ptr<SpoolFile> file) : file_(std::move(file)) {}

  void add(const Delivery& delivery) { add_frame(delivery); }
  void add(const SegmentBeginning& beginning) { add_frame(beginning); }

  /// Writes what was added, and says how many frames of it are in the file: all, or where there is
  /// no room the first ones. What is left of another one is cut off.
  Outcome write(std::size_t& whole);

  /// Waits until what was written is on the disk.
  Outcome sync() { return file_->sync() == 0 ? Outcome::kGood : Outcome::kFailed; }

  /// Bytes in the file.
  std::uint64_t size() const { return size_; }
  /// Bytes that are not written yet.
  std::size_t pending() const { return buffer_.size(); }

 private:
  template <typename Contents>
  void add_frame(const Contents& contents) {
    put_frame(buffer_, contents);
    ends_.push_back(buffer_.size());
  }

  std::unique_ptr<SpoolFile> file_;
  std::uint64_t size_ = 0;
  std::string buffer_;
  std::vector<std::size_t> ends_;  // of the frames in it
};

}  // namespace source_sentry
