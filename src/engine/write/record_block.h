#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "sink/stream_sink.h"

namespace source_sentry {

/// Records on their way out, as whole lines in pieces: what stands before, between and behind them,
/// and the records where they lie in their page. A page is so written without being copied.
class RecordBlock {
 public:
  /// `output` must outlive the block.
  explicit RecordBlock(StreamSink& output);
  RecordBlock(const RecordBlock&) = delete;  // the pieces point into it
  RecordBlock& operator=(const RecordBlock&) = delete;

  /// Adds a record, which RecordSplitter has checked. It must stay where it is until the block is
  /// written, which it is by itself when it holds very many.
  void add(std::string_view json);

  /// Adds a record that lies nowhere else.
  void add_own(std::string json);

  bool empty() const { return records_ == 0; }

  /// Writes what was added, if anything was, and is empty again.
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
