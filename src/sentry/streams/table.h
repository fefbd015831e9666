#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sentry/streams/mapped/definitions.h"
#include "sentry/streams/spec/stream_spec.h"

namespace source_sentry {

/// The table's rows that are the same in every configuration, in the order in which `discover`
/// lists them. They are in the files of their families, next to what only they need.
const std::vector<StreamSpec>& stream_table();

/// The row of these with that name; null when there is none.
const StreamSpec* find_stream(std::string_view name);

/// All streams that a configuration has: the rows above, and after them those that it makes itself.
/// Owns its rows, which stay where they are.
class StreamTable {
 public:
  /// Throws Mistakes: everything that is wrong with the configuration's own streams, and where. One
  /// may not have the name of a core stream; any other row of the same name is hidden by it.
  explicit StreamTable(const Config& config = {});
  StreamTable(const StreamTable&) = delete;  // others point into it
  StreamTable& operator=(const StreamTable&) = delete;

  std::vector<StreamSpec>::const_iterator begin() const { return rows_.begin(); }
  std::vector<StreamSpec>::const_iterator end() const { return rows_.end(); }

  /// The row with that name; null when there is none.
  const StreamSpec* find(std::string_view name) const;

  /// What the configuration says of the streams that expressions and templates make.
  const Definitions& definitions() const { return definitions_; }

  /// The names of the rows that the configuration's own streams hide.
  const std::vector<std::string>& hidden() const { return hidden_; }

 private:
  void add(StreamSpec spec, const std::string& place);
  void add_custom(const Config& config, EveryMistake& read);

  std::vector<StreamSpec> rows_;
  Definitions definitions_;
  std::vector<std::string> hidden_;
};

/// Whether the configuration offers the stream: by its groups, or since it makes it itself. One
/// that is named is read in any case.
bool is_offered(const StreamSpec& spec, const Config& config);

}  // namespace source_sentry
