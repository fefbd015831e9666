#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "json/members.h"
#include "mapping/expression/path.h"
#include "mapping/jq/value.h"

namespace source_sentry {

/// What expressions are evaluated on: a record, and one of its items where it was expanded, which
/// is a member of the record for them. Bytes for plain paths; the same for jq, made when it is
/// first asked for. Not thread-safe.
class MappedRow {
 public:
  /// `record` is a JSON value that RecordSplitter has checked, and outlives this.
  explicit MappedRow(std::string_view record) : record_(record) {}

  /// Puts the item at the member `name`, in place of any that the record has there and of the item
  /// before. `item` is JSON and outlives this, until the next one is put.
  void put_item(std::string_view name, std::string_view item);

  PathValue find(const PlainPath& path);

  /// The whole, for jq; null where it is nested too deeply for jq. Valid until the next item.
  const JqValue* for_jq();

  /// The same for an expression that looks at these members alone: others may be missing.
  const JqValue* for_jq(const std::vector<std::string>& members);

  /// The whole as JSON. Valid until the next item.
  std::string_view whole();

 private:
  std::string_view value_of(std::string_view key);

  std::string_view record_;
  std::vector<Member> members_;  // of the record, once one was asked for
  std::string item_name_;
  std::string_view item_;  // empty: none
  std::string whole_;
  std::optional<JqValue> parsed_record_;
  std::optional<JqValue> parsed_;
  std::optional<JqValue> part_;  // of the row: an object of some members
  std::vector<std::string> members_of_part_;
  bool too_deep_ = false;
};

/// Makes jq's value of `json`; nothing where it is nested too deeply for jq.
std::optional<JqValue> parse_for_jq(std::string_view json);

}  // namespace source_sentry
