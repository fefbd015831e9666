#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/fetch/fetcher.h"
#include "engine/plan/stream_plan.h"

namespace source_sentry {

/// Reads single rows of a stream by their ids, each as a read of the stream would write it,
/// whatever its age. Knows no state and moves none. Not thread-safe.
class RowsById {
 public:
  /// The partitions of `plan` must have a sweep, whose way to rows by their ids is used.
  explicit RowsById(StreamPlan plan) : plan_(std::move(plan)) {}

  /// The place of the partition with that name or number; nothing where there is none. One without
  /// names is everybody's.
  std::optional<std::size_t> partition_of(const std::string& name) const;

  /// No request names more.
  static constexpr std::size_t kMost = 50;

  /// Takes the record of a row, which is valid until it returns, and the row's id.
  using Take = std::function<void(std::string_view json, std::string_view id)>;

  /// Hands those of the rows to `take` that the server has. Returns how many. Throws a
  /// ConnectorError where it does not answer, and Stopped.
  std::size_t read(std::size_t partition, const std::vector<std::string>& ids, Fetcher& fetcher,
                   const Take& take) const;

 private:
  StreamPlan plan_;
};

}  // namespace source_sentry
