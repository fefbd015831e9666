#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "sandbox/api/search_query.h"
#include "sandbox/world/world.h"

namespace sandbox {

/// What search terms are read against.
struct FilterContext {
  const World& world;
  Index organization;
  std::span<const Index> projects;  ///< the selected ones
  Instant now;
  bool old_words = false;  ///< refuse in the words of 9.1.2
};

/// The terms of an issue search, ready to be asked about issues. Sentry asks two stores: the
/// database for what issues are, the event store for what their events in the window were.
class IssueFilter {
 public:
  /// Why a query cannot be run; `complete` errors are not prefixed with `Error parsing search
  /// query`.
  struct Error {
    std::string reason;
    bool complete = false;
  };

  static std::variant<IssueFilter, Error> compile(std::span<const SearchTerm> terms,
                                                  const FilterContext& context);

  /// The database's part.
  bool row_matches(const Issue& issue) const;

  /// The event store's part: `window` are the issue's events in the window, oldest first.
  bool events_match(const Issue& issue, std::span<const Index> window) const;

  bool has_event_terms() const { return !event_tests_.empty(); }

  /// Whether unresolved issues were asked for by name: rows that then read as resolved are dropped
  /// after the search.
  bool wants_unresolved() const { return wants_unresolved_; }

  /// Feedback is hidden unless a term names it (sentry-api.md 4.2).
  bool wants_feedback() const { return wants_feedback_; }

 private:
  using RowTest = std::function<bool(const Issue&)>;
  using EventTest = std::function<bool(const Issue&, std::span<const Index>)>;
  class Compiler;

  std::vector<RowTest> row_tests_;
  std::vector<EventTest> event_tests_;
  bool wants_unresolved_ = false;
  bool wants_feedback_ = false;
};

}  // namespace sandbox
