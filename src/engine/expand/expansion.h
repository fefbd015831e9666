#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "engine/expand/document_cache.h"
#include "engine/expand/document_fetch.h"
#include "engine/fetch/route.h"

namespace source_sentry {

/// The server refuses what a single record takes, and may give it for others.
class RefusedRecord : public ConnectorError {
 public:
  explicit RefusedRecord(const ConnectorError& refusal) : ConnectorError(refusal) {}
};

/// A list that belongs to a row of another one, such as the comments of an issue.
struct ChildList {
  RowShape shape;  ///< of its rows, the children
  /// Each row is the record, and its children are the list that is this member of it, once they are
  /// all there; empty: the children are the records.
  std::string gathered{};
  /// A row that is there may have no such list.
  bool may_be_none = false;
  /// The record of a child, with what it takes from its row; null: the child as it is.
  std::function<std::string(std::string_view row, std::string_view child)> record{};
  /// The parameters that leave out what is older, for lists that know time. Children are then asked
  /// for since the last run that visited every parent; from `overlap` before its beginning, since
  /// they may be listed late, or change for so long. Not set: each visit reads the whole list.
  std::function<std::string(const Window& window)> window_query{};
  Duration overlap{};
};

/// How the rows of a list become records with the help of what each of them leads to: a document,
/// with which it makes a record, or a list of children, which are the records. Plain data; what it
/// calls must be thread-safe.
struct Expansion {
  /// The route of what a row leads to; nothing: it needs no document, or has no children.
  std::function<std::optional<Route>(std::string_view row)> route{};
  /// The record that a row and its document make; nothing: there is none. Throws a RefusedRecord
  /// for what is refused and may be given for others, another ConnectorError for what cannot be
  /// had; one of the configuration's kind ends the stream.
  std::function<std::optional<std::string>(std::string_view row, const DocumentFetch::Answer&)>
      record{};
  DocumentCache* documents = nullptr;  ///< that several streams need; null: they are this one's
  /// What the routes lead to, if they are lists; not set: they are documents. A row is visited once
  /// all of its children are written. What says that there are new ones is its cursor, or the
  /// plan's fingerprint of it.
  std::optional<ChildList> list{};

  /// Where servers that do not offer that have the same; for lists.
  std::vector<std::function<std::optional<Route>(std::string_view row)>> other_routes{};
  /// The records that a record holds, which are written in its place; may be none. Not set: it is
  /// one itself.
  std::function<std::vector<std::string>(std::string_view record)> split{};
  /// The list that a child leads to in turn, for children that show only some of what they hold:
  /// its rows are written in place of those that `split` finds. Its route is given a child's
  /// record, and nothing for a child that shows all. Null: no child leads any further.
  std::shared_ptr<const Expansion> deeper{};

  /// Whether rows lead to anything that has to be asked for.
  explicit operator bool() const { return record || list; }
};

}  // namespace source_sentry
