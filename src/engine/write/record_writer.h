#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "engine/expand/child_lists.h"
#include "engine/expand/visit_cost.h"
#include "engine/plan/stream_plan.h"
#include "engine/write/partition_state.h"
#include "engine/write/record_block.h"
#include "engine/write/refused_records.h"
#include "engine/write/row_filter.h"
#include "sink/stream_sink.h"

namespace source_sentry {

/// Writes the pages of a partition as record lines: the rows that its filter wants, each once, with
/// what they lead to or, where the plan says so, their children in place of them. What cannot be
/// written becomes a hole.
class RecordWriter {
 public:
  using Tally = RowFilter::Tally;
  using Terms = RowFilter::Terms;

  /// The plan, the state and the output must outlive the writer. `written_before`: records that
  /// another writer has written in this run; may be null.
  RecordWriter(const PartitionPlan& plan, PartitionState& state, StreamSink& output,
               const RecentRecords* written_before)
      : plan_(plan),
        state_(state),
        filter_(plan, state, written_before),
        block_(output, plan.shaping),
        refused_(
            plan, state,
            plan.expansion.list ? RefusedRecords::Kind::kLists : RefusedRecords::Kind::kRecords) {}

  /// So many rows are about to be read, as the server counts them; see VisitCost.
  void expect_rows(std::optional<std::uint64_t> counted, bool capped);

  /// Writes the rows of a page, or of a slice of it, that came by `route`. Throws a ConnectorError
  /// if so much fails that the partition cannot go on. Throws Stopped in the middle of the page,
  /// when some of its rows may be written and others are not.
  Tally write(const RecordPage& page, const Route& route, const Terms& terms, Fetcher& fetcher);

  /// Writes the rows of the latest page that were set aside, see RowFilter::take_strays.
  Tally write_strays(const Route& route, const Window& bounds, Fetcher& fetcher);

  /// Writes the records that say that these rows are gone, see PartitionPlan::gone.
  void write_gone(const std::vector<std::string>& ids);

  /// Writes the records that were made of a page whose only row is all of it, see SeriesPlan.
  void write_made(const RecordPage& page, std::vector<std::string> records);

  /// What is known of the rows.
  RowFilter& filter() { return filter_; }
  const RowFilter& filter() const { return filter_; }

  std::uint64_t taken() const { return taken_; }  ///< records, whatever they were shaped into
  /// Records that this run has met, whether taken or known from an earlier run's look back.
  std::uint64_t met() const { return taken_ + filter_.left_out(); }
  std::uint64_t pages() const { return pages_; }

  /// How much it wrote, in how many windows, for the log.
  std::string summary(std::uint64_t windows) const;

 private:
  /// A child that leads to a list in turn, and the place of the row that it came from.
  struct Leading {
    std::string record;
    std::size_t row;
  };
  /// Is told of each row, by its place, when its list ends; `whole`: nothing of it was lost.
  enum class ListEnd : std::uint8_t {
    kWhole,   ///< all of it is written
    kGone,    ///< what it belongs to is gone
    kFailed,  ///< it comes again
  };
  using ListDone = std::function<void(std::size_t row, ListEnd end)>;

  void take(const RecordView& record, const Route& route, std::optional<Instant> when);
  bool append(const RecordView& record, std::optional<std::string> made = std::nullopt);
  void append_gone(std::string json);
  bool append_one(std::string_view json, std::optional<std::string> made, std::string_view id,
                  bool gone = false);
  void write_block();
  void leave_if_stopped(const Fetcher& fetcher);
  std::optional<std::string> with_filled(std::string_view json);
  void append_expanded(const Route& route, Fetcher& fetcher, Tally& tally);
  void append_details(Fetcher& fetcher, Tally& tally);
  void append_children(Fetcher& fetcher);
  void append_lists(const Expansion& expansion, ChildLists::Choice& choice,
                    const std::vector<RecordView>& rows, Fetcher& fetcher, const ListDone& done,
                    std::vector<Leading>* leading);
  void append_page(const Expansion& expansion, const Route& route, const RecordView& row,
                   const RecordPage& children, std::size_t of, std::vector<Leading>* leading);
  static void gather(const RecordPage& children, const Route& route, std::string& list);
  void note_gone(std::size_t gone, std::size_t named, bool may_be_none = false);
  std::optional<std::string> made_of(const RecordView& row, const DocumentFetch::Answer& answer);

  const PartitionPlan& plan_;
  PartitionState& state_;
  RowFilter filter_;
  RecordBlock block_;              // of the page at hand
  RefusedRecords refused_;         // of those asked for one by one
  std::vector<RecordView> named_;  // rows of the page at hand that need a document
  ChildLists::Choice way_of_lists_;
  ChildLists::Choice way_of_deeper_lists_;
  VisitCost cost_;
  bool told_of_nobody_ = false;  // the warning that some do not say whose they are was logged
  std::uint64_t taken_ = 0;
  std::uint64_t pages_ = 0;
  std::uint64_t left_out_ = 0;      // by the plan's transform
  std::uint64_t without_list_ = 0;  // rows that are there and have none
  std::uint64_t gone_ = 0;          // named by a list, and not there any more when asked for
};

}  // namespace source_sentry
