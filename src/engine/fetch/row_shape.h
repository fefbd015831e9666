#pragma once

#include <cstddef>
#include <string>

#include "engine/fetch/route.h"
#include "json/record_splitter.h"

namespace source_sentry {

/// What the rows of a stream look like, as far as paging needs to know. Plain data.
struct RowShape {
  RecordSplitter::Root root = RecordSplitter::Root::kList;
  std::string id_key{};        ///< top-level key; empty: rows have no id
  std::string cursor_key{};    ///< empty: the stream has no cursor
  std::string received_key{};  ///< top-level key of the time at which the server got a record
  std::size_t page_rows = 1;   ///< so many rows without a Link header may be a list cut short
};

/// One way to list such rows, and what else could be asked. Refers to what must outlive it.
struct Listing {
  const RowShape& shape;
  const Route& route;
  /// Another route to the same rows comes after this one.
  bool other_route = false;
  /// Several partitions are listed as one. They are read by themselves where that fails, so nothing
  /// is left out or narrowed here.
  bool batch = false;
};

}  // namespace source_sentry
