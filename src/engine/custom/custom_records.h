#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "engine/custom/parent_row.h"
#include "engine/fetch/mark_set.h"
#include "mapping/custom/custom_stream.h"

namespace source_sentry {

/// Makes the records of a custom stream out of its pages: each once, with what it takes from its
/// parent in front. Counts what is left out. Not thread-safe.
class CustomRecords {
 public:
  /// `once`: records come by several parents, of which the first one's counts.
  CustomRecords(const CustomStream& stream, bool once, JqPrograms& programs)
      : stream_(stream), once_(once), programs_(programs) {}

  /// The records of a page. `parent`: null where there is none. Throws a ConnectorError where the
  /// iterator fails.
  std::vector<std::string> of_page(std::string_view body, const ParentRow* parent);

  /// The newest value of the cursor field so far.
  std::optional<Instant> newest() const { return newest_; }

  /// Warns of what was left out. Throws a ConnectorError where nothing came out for a reason that
  /// every record shares.
  void finish() const;

 private:
  std::optional<std::string> take(std::string_view record, const ParentRow* parent);
  std::string with_taken(std::string_view record, const ParentRow& parent);
  std::optional<std::uint64_t> mark_of(std::string_view record) const;

  const CustomStream& stream_;
  const bool once_;
  JqPrograms& programs_;
  PageCounts counts_;
  MarkSet written_;
  std::optional<Instant> newest_;
  std::uint64_t repeated_ = 0;
  std::uint64_t without_key_ = 0;
  std::uint64_t clashes_ = 0;
  std::uint64_t without_cursor_ = 0;
};

}  // namespace source_sentry
