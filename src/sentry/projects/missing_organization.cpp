#include "sentry/projects/missing_organization.h"

#include <string>
#include <vector>

#include "http/link_header.h"
#include "json/members.h"
#include "json/record_splitter.h"
#include "sentry/answers/scopes.h"
#include "sentry/limits.h"
#include "sentry/projects/near_names.h"
#include "sentry/projects/project_lookup.h"

namespace source_sentry {
namespace {

/// The slugs in the first pages of a list, for a person who may have meant one of them; empty if
/// the list cannot be read. A PageWalk would wait for a busy server and ask again for every page
/// that fails, which a hint is not worth.
std::vector<std::string> slugs_in_list(const Route& route, Fetcher& fetcher) {
  constexpr int kMostPages = 20;
  std::vector<std::string> found;
  std::string cursor;
  Response response;
  for (int page = 0; page < kMostPages; ++page) {
    const Verdict verdict = fetcher.fetch(route.target(route.query, nullptr, cursor), route,
                                          response, Fetcher::Patience::of_mere_check());
    if (verdict.kind != Verdict::Kind::kAccept) return {};
    RecordPage list;
    if (RecordSplitter("", "").split(response.body, RecordSplitter::Root::kList, list)) return {};
    for (const RecordView& entry : list.records) {
      found.push_back(text_of_value(member_value(entry.json, "slug")));
    }
    const auto link = response.list_header("link");
    NextPage next = link ? parse_link_next(*link) : NextPage();
    if (next.follows != NextPage::Follows::kMore) break;
    cursor = std::move(next.cursor);
  }
  return found;
}

}  // namespace

std::optional<ConnectorError> no_such_organization(const Config& config, Fetcher& fetcher) {
  const Route route = organization_route(config);
  Response response;
  const Verdict verdict =
      fetcher.fetch(route.path, route, response, Fetcher::Patience::of_mere_check());
  if (!verdict.error || !is_gone(verdict, response.status)) return std::nullopt;
  const Route list = {.path = "organizations/",
                      .query = "per_page=100",
                      .rate_group = kDefaultGroup,
                      .what = "the organizations",
                      .scopes = scopes::kOrganization};
  return ConnectorError(FailureKind::kConfig,
                        "There is no organization \"" + config.organization + "\" at " +
                            config.host.text() + ", or the token may not see it." +
                            did_you_mean(config.organization, slugs_in_list(list, fetcher)) +
                            " Put the organization's slug into organization.",
                        verdict.error->detail());
}

}  // namespace source_sentry
