#include "sentry/streams/families/apps.h"

#include "engine/fetch/page_size.h"
#include "sentry/answers/scopes.h"
#include "sentry/streams/families/of_project.h"

namespace source_sentry {

std::vector<StreamSpec> apps_streams() {
  return {
      {.name = "integrations",
       .docs = "Services that are connected with the organization.",
       .path = "organizations/{org}/integrations/",
       // Whatever the documentation says, configurations are left out by this alone, and each costs
       // the server a request to the service.
       .query = "includeConfig=0&per_page=100",
       .probe_query = "includeConfig=0&per_page=1",
       .scopes = scopes::kOrganization,
       .control = true,
       .holds_secrets = true,
       .by_contents = true},
      {.name = "sentry_apps",
       .docs = "Integrations that the organization has made itself. Holds secrets.",
       .path = "organizations/{org}/sentry-apps/",
       .things = "apps",
       .scopes = scopes::kOrganization,
       .control = true,
       .primary_key = {"uuid"},
       .holds_secrets = true,
       .by_contents = true},
      {.name = "sentry_app_installations",
       .docs = "Which apps are installed in the organization. Holds secrets.",
       .path = "organizations/{org}/sentry-app-installations/",
       .things = "installed apps",
       .scopes = scopes::kOrganization,
       .control = true,
       .primary_key = {"uuid"},
       .holds_secrets = true,
       .by_contents = true},
      {.name = "audit_logs",
       .docs = "Who changed what in the organization.",
       .remarks = "Sentry has it for its larger plans.",
       .promise = Promise::kExperimental,
       .personal = {"actor", "data", "ipAddress", "note", "targetUser"},
       .path = "organizations/{org}/audit-logs/",
       // A list at the root before 2023.
       .record_path = "rows",
       .things = "audit logs",
       .scopes = scopes::kAuditLogs,
       .control = true,
       .cursor_key = "dateCreated",
       .objects = {"targetUser"},
       .texts = {"event"},  // a number where the server has no name for it
       .in_windows = true,
       .records_stay = true},
      {.name = "service_hooks",
       .docs = "Service hooks of each project. Holds secrets.",
       .promise = Promise::kPrivate,
       .path = "projects/{org}/{project}/hooks/",
       .things = "service hooks",
       .scopes = scopes::kProject,
       .primary_key = {"projectId", "id"},
       .injected = of_project(),
       .holds_secrets = true,
       .by_contents = true},
      {.name = "plugins",
       .docs = "Plugins of each project, and whether they are enabled. Holds secrets.",
       .remarks = "They came before integrations, and servers may have none left. Their settings "
                  "are not in the list; what they say of themselves may name the secret address "
                  "to which releases are sent.",
       .promise = Promise::kPrivate,
       .path = "projects/{org}/{project}/plugins/",
       .query = "",
       .probe_query = "",
       .page_rows = kWholeList,
       .scopes = scopes::kProject,
       .primary_key = {"projectId", "id"},
       .injected = of_project(),
       .holds_secrets = true,
       .by_contents = true},
      {.name = "forwarders",
       .docs = "Where the events of which projects are forwarded to. Holds secrets.",
       .path = "organizations/{org}/forwarding/",
       .things = "forwarders",
       .scopes = scopes::kOrganization,
       .holds_secrets = true,
       .by_contents = true},
      {.name = "api_keys",
       .docs = "API keys of the organization, which came before tokens. Holds secrets.",
       .remarks = "Sentry shows them only to who may do anything in the organization.",
       .promise = Promise::kPrivate,
       .path = "organizations/{org}/api-keys/",
       .query = "",
       .probe_query = "",
       .page_rows = kWholeList,
       .things = "API keys",
       .scopes = scopes::kApiKeys,
       .control = true,
       .holds_secrets = true,
       .by_contents = true},
  };
}

}  // namespace source_sentry
