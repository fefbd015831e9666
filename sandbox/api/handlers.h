#pragma once

#include "sandbox/api/route.h"

namespace sandbox {

Answer show_api(const Call& call);

Answer list_organizations(const Call& call);
Answer show_organization(const Call& call);
Answer list_teams(const Call& call);

Answer list_projects(const Call& call);
Answer list_projects_of_all(const Call& call);
Answer show_project(const Call& call);

Answer list_project_keys(const Call& call);
Answer list_organization_keys(const Call& call);

Answer list_events(const Call& call);
Answer show_event(const Call& call);

Answer explore_events(const Call& call);

Answer list_organization_issues(const Call& call);
Answer list_project_issues(const Call& call);
Answer show_issue(const Call& call);
Answer list_issue_events(const Call& call);
Answer show_issue_event(const Call& call);

Answer list_organization_releases(const Call& call);
Answer list_project_releases(const Call& call);

}  // namespace sandbox
