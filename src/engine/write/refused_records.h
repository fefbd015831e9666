#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "engine/write/partition_state.h"

namespace source_sentry {

/// Tells a record that the server refuses from a token that may read none. Records are asked for
/// one by one; a refusal is held back until another record is given, and is a hole from then on.
/// Where none is, what was said of the first is the stream's error.
class RefusedRecords {
 public:
  /// `state`: takes the holes; must outlive it.
  explicit RefusedRecords(PartitionState& state) : state_(state) {}

  /// The server refuses the record `id`. Throws the ConnectorError of so many that it refuses all.
  void refused(std::string_view id, const ConnectorError& why);

  /// The server has given a record.
  void given();

  /// A page ends: all of its records were asked for. Throws a refusal if no record was ever given,
  /// or if the page had many refusals and gave none.
  void end_page();

 private:
  struct Refusal {
    std::string id;
    ConnectorError why;
  };
  PartitionState& state_;
  std::vector<Refusal> held_;
  bool any_given_ = false;
  bool given_on_page_ = false;
  std::size_t refused_on_page_ = 0;
  std::optional<ConnectorError> latest_;
};

}  // namespace source_sentry
