#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "engine/fetch/fetcher.h"
#include "engine/plan/stream_plan.h"
#include "engine/write/partition_state.h"

namespace source_sentry {

/// Tells a record, or a list of children, that the server refuses from a token that may read none.
/// They are asked for one by one; a refusal is held back until another one is given, and is a hole
/// from then on. Where none is, what was said of the first is the stream's error. Of a list that is
/// only looked at, the first page is asked for.
class RefusedRecords {
 public:
  enum class Kind { kRecords, kLists };

  /// `state` takes the holes. Both must outlive it.
  RefusedRecords(const PartitionPlan& plan, PartitionState& state, Kind kind)
      : plan_(plan), state_(state), kind_(kind) {}

  /// The server refuses the record with this id, or the list of the row with this id, which is
  /// `what` for people. Throws the ConnectorError of so many that it refuses all.
  void refused(std::string_view id, const ConnectorError& why, std::string_view what = {});

  /// The server has given one.
  void given();

  /// A page that came by `route` ends: all of its records were asked for. If every record asked for
  /// so far is refused, asks for up to three that need not be written, which an earlier run may
  /// have read. Throws a refusal if no record was ever given, or if the page had many refusals and
  /// gave none; and Stopped.
  void end_page(const RecordPage& page, const Route& route, Fetcher& fetcher);

 private:
  struct Refusal {
    std::string id;
    std::string what;  // of a list
    ConnectorError why;
  };
  void lose(const Refusal& one);
  bool ask_for_another(const std::vector<RecordView>& rows, const Route& route, Fetcher& fetcher);
  void ask_for_documents(const std::vector<RecordView>& rows, const Route& route, Fetcher& fetcher);
  void ask_for_lists(const std::vector<RecordView>& rows, Fetcher& fetcher);
  void ask_for_listed(const Route& route, Fetcher& fetcher);

  const PartitionPlan& plan_;
  PartitionState& state_;
  const Kind kind_;
  std::vector<Refusal> held_;
  bool any_given_ = false;
  bool given_on_page_ = false;
  std::size_t refused_on_page_ = 0;
  std::optional<ConnectorError> latest_;
};

}  // namespace source_sentry
