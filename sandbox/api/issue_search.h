#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "sandbox/api/issue_filter.h"
#include "sandbox/render/issue_json.h"

namespace sandbox {

enum class IssueSort { kDate, kNew, kFrequency, kUsers };

std::optional<IssueSort> parse_issue_sort(std::string_view text);

/// Which events of an issue a request counts.
struct EventScope {
  Second from = 0;
  Second to = 0;
  Second kept_from = 0;           ///< older ones are gone
  std::vector<int> environments;  ///< -1 for none; empty for all
};

/// The events an issue is listed with. Owns the lists that an environment filter makes, so it must
/// outlive the rendering.
class CountedEvents {
 public:
  CountedEvents(const World& world, const Issue& issue, const EventScope& scope);

  std::span<const Index> window() const { return window_; }
  std::span<const Index> lifetime() const { return lifetime_; }

 private:
  std::vector<Index> window_copy_;
  std::vector<Index> lifetime_copy_;
  std::span<const Index> window_;
  std::span<const Index> lifetime_;
};

/// What a search found, best first; ties by id, highest first.
struct IssueHits {
  std::vector<std::int64_t> scores;
  std::vector<Index> issues;
  std::size_t candidates = 0;  ///< how many the database let through
};

/// Runs a search the way Sentry's does: rows of the database first, then those of them with at
/// least one event in the window that fits.
IssueHits search_issues(const World& world, std::span<const Index> projects,
                        const IssueFilter& filter, const EventScope& scope, IssueSort sort);

}  // namespace sandbox
