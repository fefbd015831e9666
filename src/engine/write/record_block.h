#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/plan/record_shaper.h"
#include "sink/stream_sink.h"

namespace source_sentry {

/// Records on their way out, as whole lines in pieces: what comes before, between and after them,
/// and the records where they lie in their page. So a page is written without being copied. Where
/// the stream's records are made of these, the block holds what is made of them. Not thread-safe.
class RecordBlock {
 public:
  /// `output` must outlive the block. `shaping`: see PartitionPlan; may be null.
  explicit RecordBlock(StreamSink& output, std::shared_ptr<RecordShaping> shaping = nullptr);
  RecordBlock(const RecordBlock&) = delete;  // the pieces point into it
  RecordBlock& operator=(const RecordBlock&) = delete;

  /// Adds a record that RecordSplitter has checked. The caller keeps its bytes alive until the
  /// block is written. A block that holds very many records writes itself. `id` names it in
  /// messages. Where it cannot be shaped, writes what came before, and throws a ConnectorError.
  void add(std::string_view json, std::string_view id = {});

  /// Adds a record and keeps its bytes.
  void add_own(std::string json, std::string_view id = {});

  /// The same for a record that only says that its row is gone.
  void add_gone(std::string json);

  bool empty() const { return records_ == 0; }

  /// Writes what was added, if anything was. The block is empty then.
  void write();

  /// How many records were added in all, as they go out.
  std::uint64_t added() const { return added_; }

 private:
  void put(std::string_view line);
  template <typename Shape>
  void shaped(std::string_view json, bool is_own, const Shape& shape);

  StreamSink& output_;
  const std::string head_;
  std::string tail_;   // of all records of the block: they go out at the same time
  std::string joint_;  // tail and head, between two records
  std::vector<std::string_view> pieces_;
  std::deque<std::string> own_;
  std::uint64_t records_ = 0;
  std::uint64_t added_ = 0;
  const std::shared_ptr<RecordShaping> shaping_;
  std::shared_ptr<RecordShaper> shaper_;  // lent once it is needed
};

}  // namespace source_sentry
