#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace source_sentry {

/// Records as rows of CSV (RFC 4180, but for line ends): a column for each member that the schema
/// knows, and a last one, `_other`, for a JSON object of all others. Strings are their text,
/// numbers and booleans as they were sent, lists and objects JSON text. null and what is missing
/// are empty; an empty string is "", in quotes.
class Csv {
 public:
  explicit Csv(std::vector<std::string> columns) : columns_(std::move(columns)) {}

  const std::vector<std::string>& columns() const { return columns_; }

  /// The first line of a file.
  std::string header() const;

  /// The line of a record that RecordSplitter has checked.
  std::string row(std::string_view record) const;

  /// What the row holds in that column, as it is written; empty if it has none.
  std::string cell(std::string_view row, std::string_view column) const;

 private:
  std::vector<std::string> columns_;
};

}  // namespace source_sentry
