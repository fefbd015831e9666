#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/custom/custom_pages.h"
#include "engine/custom/custom_records.h"
#include "engine/custom/parent_row.h"
#include "engine/plan/stream_plan.h"
#include "engine/write/partition_state.h"
#include "engine/write/record_writer.h"

namespace source_sentry {

/// Reads a custom stream: its parents depth first, and for each of them its own pages, whose
/// records it writes. What cannot be read of a parent becomes a hole. Not thread-safe.
class CustomWalk {
 public:
  enum class Turn {
    kMore,  ///< a page was read, or left out
    kEnd,   ///< all is read, and the state has moved
  };

  /// `plan` must have a custom stream, and outlive the walk, like the others.
  CustomWalk(const PartitionPlan& plan, PartitionState& state, RecordWriter& writer);

  /// Reads the next page. Throws a ConnectorError when the stream cannot be read any further, and
  /// Stopped.
  Turn next(Fetcher& fetcher);

 private:
  /// A list under way: the pages of a stream for one parent, and those of its rows whose children
  /// are yet to be read.
  struct Open {
    std::unique_ptr<CustomPages> pages;  ///< null: the lists of `CustomPlan::parents`
    std::vector<ParentRow> waiting{};
    std::size_t at = 0;
    ParentRow row{};  ///< whose children are read
    bool ended = false;
  };
  /// What is known of all lists of one level.
  struct Level {
    std::unique_ptr<CustomRecords> records;  ///< null: those of `CustomPlan::parents`
    ParentNeeds needs;
    std::size_t answered = 0;
    std::size_t gone = 0;
    std::optional<ConnectorError> latest_gone{};
  };

  void add_levels();
  void open_next();
  bool is_leaf() const { return open_.size() == levels_.size(); }
  const CustomStream& stream() const;
  void read_parents(Open& open, Fetcher& fetcher);
  void read_page(Open& open, Fetcher& fetcher);
  void take_page(Open& open, std::string_view body);
  void lose(const Open& open);
  std::optional<std::string> value_of(std::string_view name) const;
  void finish();

  const PartitionPlan& plan_;
  const CustomPlan& custom_;
  PartitionState& state_;
  RecordWriter& writer_;
  JqPrograms programs_;
  std::vector<Level> levels_;
  std::vector<Open> open_;
  std::size_t next_list_ = 0;  // of `CustomPlan::parents`
  bool begun_ = false;
};

}  // namespace source_sentry
