#include "sandbox/quirks.h"

#include <array>

namespace sandbox {

std::span<const QuirkSpec> quirk_table() {
  static constexpr std::array<QuirkSpec, 15> kTable = {{
      {Quirk::kIgnoreWindow, "ignore-window",
       "events ignore start, end and statsPeriod, and page by time (9.1.2 to mid-2025)"},
      {Quirk::kUnstableTies, "unstable-ties",
       "with ignore-window: events of one second change places from page to page (9.1.2)"},
      {Quirk::kOldReleases, "old-releases",
       "releases have no id, and are cut and ordered by dateReleased if they have one (9.1 to 20)"},
      {Quirk::kEarlyOrgRoutes, "early-org-routes",
       "organizations/{o}/issues/ is 500 for one project and 400 for several, project=-1 is 403, "
       "Explore is 500, issue details and keys of an organization are 404 (9.1.2 as shipped)"},
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
      {Quirk::kNamesTie, "names-tie",
       "projects are counted by X-Hits and come 50 to a page, 100 with limit; the last "
       "of a page changes places with the next one, as if their names were one (GlitchTip)"},
      {Quirk::kGlitchtip, "glitchtip",
       "lists as GlitchTip's: 50 rows unless limit says otherwise, cursors in Base64 that step "
       "over "
       "100 ties at most, events by receipt whatever start and end say, issues in "
       "every status whose search knows no ranges and whose start and end mean firstSeen, nothing "
       "for project=-1, 200 [] for an unknown project or organization, releases without id and for "
       "project:releases alone, no Explore, no rate headers"},
      {Quirk::kGlitchtipLink, "glitchtip-link",
       "the Link header is a Python set, and its last entries have no cursor (GlitchTip 4 and 5)"},
      {Quirk::kGlitchtipSorts, "glitchtip-sorts", "Sentry's ways to sort issues are 422"},
  }};
  return kTable;
}

std::span<const QuirkPreset> quirk_presets() {
  static constexpr std::array<Quirk, 7> kSentry91 = {
      Quirk::kIgnoreWindow, Quirk::kUnstableTies, Quirk::kOldReleases,   Quirk::kEarlyOrgRoutes,
      Quirk::kUncappedFull, Quirk::kOldErrors,    Quirk::kProjectIdsOnly};
  static constexpr std::array<Quirk, 4> kGlitchtip3 = {Quirk::kGlitchtip, Quirk::kIgnoreWindow,
                                                       Quirk::kNamesTie, Quirk::kUncappedFull};
  static constexpr std::array<Quirk, 6> kGlitchtip5 = {
      Quirk::kGlitchtip,    Quirk::kIgnoreWindow,  Quirk::kNamesTie,
      Quirk::kUncappedFull, Quirk::kGlitchtipLink, Quirk::kGlitchtipSorts};
  static constexpr std::array<QuirkPreset, 3> kPresets = {
      {{"sentry-9.1", "all that Sentry 9.1.2 as shipped does otherwise", kSentry91},
       {"glitchtip-3", "what is known of GlitchTip of 2022", kGlitchtip3},
       {"glitchtip-5", "what is known of GlitchTip of 2025", kGlitchtip5}}};
  return kPresets;
}

std::span<const Quirk> find_quirks(std::string_view name) {
  for (const QuirkSpec& spec : quirk_table()) {
    if (spec.name == name) return {&spec.quirk, 1};
  }
  for (const QuirkPreset& preset : quirk_presets()) {
    if (preset.name == name) return preset.quirks;
  }
  return {};
}

}  // namespace sandbox
