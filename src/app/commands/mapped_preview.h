#pragma once

#include <memory>
#include <string>
#include <vector>

#include "mapping/shape/trial.h"
#include "sentry/streams/mapped/definitions.h"
#include "sentry/streams/mapped/shaping.h"

namespace source_sentry {

/// What a mapped stream makes of some records of its source.
struct MappedPreview {
  std::vector<std::string> raw;
  std::vector<RecordTrial> trials;  ///< one for each

  /// All records that came out.
  std::vector<std::string> records() const;
  /// Whether an expression failed for every record.
  bool one_never_works() const;
};

/// Tries the records, JSON objects each. `stuck` is told of an expression without an end, see
/// StuckListener. Throws a ConnectorError for an expression that jq cannot take.
MappedPreview try_records(const std::shared_ptr<const MappedStream>& stream,
                          std::vector<std::string> raw, const StuckListener& stuck);

/// For people: each record, what was selected and why not, each leaf with its value, type and the
/// way that it was answered, what came out; and the sums at the end.
std::string preview_text(const std::string& stream, const MappedPreview& preview);

/// The same for programs, one object a record, each in a line.
std::string preview_lines(const std::string& stream, const MappedPreview& preview);

/// Everything configured, in the native form: it can be pasted in place of what it was made from.
std::string translated(const Definitions& definitions);

/// The records of a text: one JSON object, a list of them, or a line each; RECORD messages count as
/// their data. Throws a ConnectorError that names `from`.
std::vector<std::string> records_of_text(const std::string& text, const std::string& from);

}  // namespace source_sentry
