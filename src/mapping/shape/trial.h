#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "mapping/shape/mapped_stream.h"

namespace source_sentry {

/// What an expression gave for a row.
struct ExpressionTrial {
  std::string name;        ///< "select", "map.days"
  std::string expression;  ///< its text
  std::string value;       ///< JSON; empty where it gave nothing
  std::string error;       ///< why it failed; empty where it did not
  bool by_jq = false;      ///< else it was answered from the record's bytes
};

/// A record, or one of its items, on its way through a mapped stream.
struct RowTrial {
  bool selected = false;
  std::vector<ExpressionTrial> selects;
  std::vector<ExpressionTrial> leaves;  ///< none where it is not selected
};

/// What a mapped stream makes of a record, step by step.
struct RecordTrial {
  std::string id;
  std::size_t items = 0;  ///< where it is expanded
  std::vector<RowTrial> rows;
  std::vector<std::string> records;  ///< that came out
  std::string why_none;              ///< empty where some did: "not selected", "map.id is null"
};

/// Tries one record, a JSON object that RecordSplitter has checked. Throws a ConnectorError for an
/// expression that jq cannot take.
RecordTrial try_record(const std::shared_ptr<const MappedStream>& stream, std::string_view record,
                       JqPrograms& programs);

}  // namespace source_sentry
