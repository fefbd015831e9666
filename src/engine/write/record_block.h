#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "sink/stream_sink.h"

namespace source_sentry {

/// Records on their way out, as whole lines in pieces: what comes before, between and after them,
/// and the records where they lie in their page. So a page is written without being copied. Not
/// thread-safe.
class RecordBlock {
 public:
  /// `output` must outlive the block.
  explicit RecordBlock(StreamSink& output);
  RecordBlock(const RecordBlock&) = delete;  // the pieces point into it
  RecordBlock& operator=(const RecordBlock&) = delete;

  /// Adds a record that RecordSplitter has checked. The caller keeps its bytes alive until the
  /// block is written. A block that holds very many records writes itself.
  void add(std::string_view json);

  /// Adds a record and keeps its bytes.
  void add_own(std::string json);

  bool empty() const { return records_ == 0; }

  /// Writes what was added, if anything was. The block is empty then.
  void write();

 private:
  StreamSink& output_;
  const std::string head_;
  std::string tail_;   // of all records of the block: they go out at the same time
  std::string joint_;  // tail and head, between two records
  std::vector<std::string_view> pieces_;
  std::deque<std::string> own_;
  std::uint64_t records_ = 0;
};

}  // namespace source_sentry
