#pragma once

#include "sandbox/render/issue_json.h"
#include "sandbox/shelves/shelf.h"

namespace sandbox {

/// What an issue is linked with in other services: rows of both kinds, `app` and `integration`.
Rows issue_external_links(const Scene& scene, const ShelfOwner& owner);

/// The same as the lists of issues show it.
IssueLinks links_of(const IssueView& view, const Issue& issue);

}  // namespace sandbox
