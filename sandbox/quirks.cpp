#include "sandbox/quirks.h"

#include <array>

namespace sandbox {

std::span<const QuirkSpec> quirk_table() {
  static constexpr std::array<QuirkSpec, 8> kTable = {{
      {Quirk::kIgnoreWindow, "ignore-window",
       "events and releases ignore start, end and statsPeriod (9.1.2 and servers before mid-2025)"},
      {Quirk::kNoOrgIssues, "no-org-issues",
       "organizations/{o}/issues/ answers 404 with an empty body"},
      {Quirk::kNoOrgProjects, "no-org-projects",
       "organizations/{o}/projects/ answers 404 with an empty body"},
      {Quirk::kUncappedFull, "uncapped-full",
       "full=1 pages hold up to 100 events instead of 10 (before 2026-08)"},
      {Quirk::kOldErrors, "old-errors",
       "500 where 9.1.2 fails on bad input: cursor, per_page, sort, a slug in project="},
      {Quirk::kNoLink, "no-link", "no answer has a Link header"},
      {Quirk::kProjectIdsOnly, "project-slug-strict", "project= takes ids only, a slug is 400"},
      {Quirk::kBrownouts, "brownouts",
       "deprecated routes answer 410 in the minute after 12:00 UTC, as sentry.io's do"},
  }};
  return kTable;
}

std::optional<Quirk> find_quirk(std::string_view name) {
  for (const QuirkSpec& spec : quirk_table()) {
    if (spec.name == name) return spec.quirk;
  }
  return std::nullopt;
}

}  // namespace sandbox
