#include "sentry/project_lookup.h"

#include <spdlog/spdlog.h>

#include <nlohmann/json.hpp>

#include "base/json_member.h"
#include "json/record_splitter.h"
#include "sentry/answers.h"
#include "sentry/limits.h"

namespace source_sentry {

Route project_route(const Config& config, const std::string& slug) {
  return {
      .path = config.project_path(slug),
      .rate_group = kDefaultGroup,
      .what = "the project \"" + slug + "\" of the organization \"" + config.organization + "\"",
      .scopes = "project:read"};
}

std::optional<ProjectFacts> ProjectLookup::facts(Fetcher& fetcher) {
  const std::scoped_lock lock(facts_mutex_);
  if (failure_) throw *failure_;
  if (!facts_) {
    try {
      facts_ = look_up(fetcher);
    } catch (const ConnectorError& error) {
      failure_ = error;
      throw;
    }
  }
  return facts_;
}

std::optional<ProjectFacts> ProjectLookup::look_up(Fetcher& fetcher) {
  ProjectFacts facts;
  facts.slug = config_.project;
  Response response;
  for (bool moved = false;; moved = true) {
    const Route route = project_route(config_, facts.slug);
    const auto verdict = fetcher.fetch(route.path, route, response, {});
    if (!verdict) return std::nullopt;
    facts.now = response.server_time().value_or(clock_.now());
    const std::string new_slug = moved_to_slug(response);
    if (!moved && !new_slug.empty()) {
      spdlog::warn(
          "The project {} was renamed to {}; going on with that. Change project in the "
          "configuration.",
          facts.slug, new_slug);
      facts.slug = new_slug;
      continue;
    }
    if (verdict->kind == Verdict::Kind::kAccept) {
      const auto body = nlohmann::json::parse(response.body, nullptr, false);
      facts.id = text_member(body, "id");
      return facts;
    }
    // Not allowed to see the project itself, or no such project: what is not about it can still be
    // read, and its own streams will each say why they cannot.
    if (response.status == 403 || response.status == 404) return facts;
    throw *verdict->error;
  }
}

std::shared_ptr<const ProjectLookup::Detail> ProjectLookup::detail(const std::string& slug,
                                                                   Fetcher& fetcher) {
  const std::scoped_lock lock(details_mutex_);
  if (const auto found = details_.find(slug); found != details_.end()) return found->second;
  const Route route = project_route(config_, slug);
  Response response;
  const auto verdict = fetcher.fetch(route.path, route, response, {});
  if (!verdict) return nullptr;
  auto detail = std::make_shared<Detail>();
  detail->status = response.status;
  if (verdict->kind == Verdict::Kind::kAccept) {
    RecordPage page;
    RecordSplitter splitter("id", "");
    const auto error = splitter.split(response.body, RecordSplitter::Root::kObject, page);
    if (error || page.records.empty()) {
      detail->error = ConnectorError(FailureKind::kSystem,
                                     "Sentry's answer for " + route.what + " is not valid: " +
                                         (error ? error->what : "an empty object") + ".");
    } else {
      detail->json = page.records.front().json;
    }
  } else {
    detail->error = verdict->error;
  }
  details_[slug] = detail;
  return detail;
}

}  // namespace source_sentry
