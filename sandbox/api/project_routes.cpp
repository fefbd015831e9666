#include <algorithm>

#include "sandbox/api/handlers.h"
#include "sandbox/api/parameters.h"
#include "sandbox/api/search_query.h"
#include "sandbox/api/text.h"

namespace sandbox {
namespace {

using std::string_view;

bool in_team(const World& world, const Project& project, const std::vector<std::string>& slugs) {
  const auto& teams = world.organization(project.organization).teams;
  return std::any_of(project.teams.begin(), project.teams.end(),
                     [&](std::uint8_t team) { return holds(slugs, teams[team].slug); });
}

Refusal project_error(string_view message) {
  // This route alone wraps its errors like that (sentry-api.md 1.4).
  Answer answer;
  answer.status = 400;
  answer.body = R"({"error":{"params":{"stats_period":{"message":)" + json_text(message) + "}}}}";
  return Refusal(std::move(answer));
}

/// Keeps the projects that `query` selects: `id: slug: team: !team: is_member:` and words that must
/// be in the name or slug. Any other key selects nothing.
void apply_query(const Call& call, std::vector<Index>& projects) {
  const auto parsed = parse_search(request_search(call, ""));
  const auto* terms = std::get_if<std::vector<SearchTerm>>(&parsed);
  if (terms == nullptr) {
    projects.clear();
    return;
  }
  std::string words;
  for (const SearchTerm& term : *terms) {
    if (term.key.empty()) words += (words.empty() ? "" : " ") + term.values[0];
    if (term.key == "id" && !std::all_of(term.values[0].begin(), term.values[0].end(),
                                         [](char c) { return c >= '0' && c <= '9'; })) {
      throw project_error("All 'id' values must be integers.");
    }
  }
  std::erase_if(projects, [&](Index i) {
    const Project& project = call.world.project(i);
    const bool named =
        contains_ignoring_case(project.name, words) || contains_ignoring_case(project.slug, words);
    if (!words.empty() && !named) return true;
    return std::any_of(terms->begin(), terms->end(), [&](const SearchTerm& term) {
      if (term.key.empty()) return false;
      if (term.key == "id") return !holds(term.values, std::to_string(project.id));
      if (term.key == "slug") return !holds(term.values, project.slug);
      if (term.key == "team") return in_team(call.world, project, term.values) == term.negated;
      if (term.key == "is_member") return !is_member(project, call.viewer());
      return true;
    });
  });
}

string_view project_stats_period(const Call& call) {
  const string_view period = call.query.get("statsPeriod").value_or("");
  for (const string_view known : {"", "1h", "24h", "7d", "14d", "30d", "90d"}) {
    if (period == known) return period;
  }
  throw project_error(
      "Invalid stats_period. Valid choices are '', '1h', '24h', '7d', '14d', '30d', and '90d'");
}

/// As a database lists rows whose order leaves two of them open: each page begins with the row that
/// the page before ended with, and the one whose place it takes is on none.
template <typename Append>
Answer list_tied_projects(const Call& call, std::vector<Index>& rows, Append append) {
  constexpr std::size_t kRows = 50;
  const std::size_t size = call.query.has("limit") ? call.route.page.max_size : kRows;
  const Page page = request_page(call, rows.size(), size);
  if (page.first > 0 && page.count > 0) rows[page.first] = rows[page.first - 1];
  Answer answer = list_answer(page, append);
  answer.headers.emplace_back("X-Hits", std::to_string(rows.size()));
  return answer;
}

}  // namespace

Answer list_projects(const Call& call) {
  const World& world = call.world;
  const Viewer viewer = call.viewer();
  const auto collapse = call.query.all("collapse");
  const ProjectExtras extras{!holds(collapse, "latestDeploys"), project_stats_period(call),
                             call.now, call.quirk(Quirk::kGlitchtip)};
  const bool whole = call.query.is("all_projects", "1");
  std::vector<Index> rows;
  for (const Index i : world.organization(call.organization).projects) {
    if (!world.project(i).deleted) rows.push_back(i);
  }
  apply_query(call, rows);
  // The user's bookmarks come first (sentry-api.md 4.1), except in the unpaged list.
  std::sort(rows.begin(), rows.end(), [&](Index a, Index b) {
    const bool first = viewer.bookmarks && !whole && world.project(a).bookmarked;
    const bool second = viewer.bookmarks && !whole && world.project(b).bookmarked;
    return first != second ? first : world.project(a).slug < world.project(b).slug;
  });
  const auto append = [&](JsonWriter& json, std::size_t row) {
    append_project(json, world, rows[row], viewer, extras);
  };
  if (whole) return whole_list_answer(rows.size(), append);
  if (call.quirk(Quirk::kNamesTie)) return list_tied_projects(call, rows, append);
  return list_answer(request_page(call, rows.size()), append);
}

Answer list_projects_of_all(const Call& call) {
  const World& world = call.world;
  std::vector<Index> rows;
  // Only projects of teams the user is in, and nothing at all for tokens without a user
  // (getsentry/sentry#19061, #89382).
  for (Index i = 0; call.caller.is_user() && i < world.project_count(); ++i) {
    const Project& project = world.project(i);
    if (!project.deleted && project.member) rows.push_back(i);
  }
  std::sort(rows.begin(), rows.end(),
            [&](Index a, Index b) { return world.project(a).created > world.project(b).created; });
  const Keyset keys{rows.size(), 1000, [&](std::size_t row) {
                      return world.project(rows[row]).created.time_since_epoch().count();
                    }};
  const Page page = keyset_page(keys, request_page_size(call), request_cursor(call));
  return list_answer(page, [&](JsonWriter& json, std::size_t row) {
    append_project_of_any(json, world, rows[row], call.viewer(), call.settings.addresses);
  });
}

Answer show_project(const Call& call) {
  Answer answer;
  JsonWriter json(answer.body);
  append_project_detail(json, call.world, call.project, call.viewer(), call.settings.addresses);
  if (call.quirk(Quirk::kGlitchtip)) {
    answer.body.insert(1, R"("eventThrottleRate":0,"scrubIPAddresses":true,)");
    const string_view key = R"("organization":{)";
    const auto at = answer.body.find(key);
    if (at != std::string::npos) {
      answer.body.insert(at + key.size(), R"("isAcceptingEvents":true,)");
    }
  }
  return answer;
}

}  // namespace sandbox
