#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sandbox/api/route.h"

namespace sandbox {

/// The columns that Explore gives of errors here (sentry-api.md 4.9).
enum class ExploreField {
  kId,
  kProjectId,
  kProject,
  kProjectName,
  kIssueId,
  kTimestamp,
  kHour,
  kDay,
  kCount,
};

std::string_view to_text(ExploreField field);

/// The type of a column's values, in Explore's words.
std::string_view type_of(ExploreField field);

struct ExploreSort {
  ExploreField field;
  bool descending = false;
};

/// More cannot be asked for at once.
inline constexpr std::size_t kMostExploreFields = 20;

/// The answer for other datasets than errors, or for what errors say; nothing where the question is
/// another. Throws Refusal.
std::optional<Answer> explore_items(const Call& call);

/// What is asked of Explore, all names resolved.
struct ExploreQuery {
  std::vector<ExploreField> fields;  ///< those asked for, then those that come unasked
  std::vector<ExploreSort> sort;     ///< empty: in no order one should rely on
  std::vector<Index> projects;
  Second from = 0;
  Second to = 0;                             ///< [from, to)
  std::optional<std::vector<Index>> events;  ///< only these serials

  bool has(ExploreField field) const;

  /// Rows are counts of events rather than events.
  bool aggregates() const { return has(ExploreField::kCount); }
};

/// Reads a request. `projects` empty means that there is nothing to query. Throws Refusal.
ExploreQuery request_explore(const Call& call);

}  // namespace sandbox
