#pragma once

#include "sandbox/api/shelf_list.h"

namespace sandbox {

// What single lists do that no other does, for `ShelfList`. `select_...` filter and refuse,
// `show_...` leave rows of a page out, `dress_...` change a row.

/// `visibility`: what is hidden is hidden.
void select_environments(const Call& call, Rows& rows);
/// `status`: active ones alone without it; none at all for a word that is none.
void select_repositories(const Call& call, Rows& rows);
/// `environment`: those that checked in there.
void select_monitors(const Call& call, Rows& rows);
/// `status`, and a window in which they were open.
void select_incidents(const Call& call, Rows& rows);
/// Those of no project, unless some are asked for.
void select_actions(const Call& call, Rows& rows);
/// `use_org_level`: Sentry 9 has those of projects without it, of which there are none here.
void select_searches(const Call& call, Rows& rows);
/// `filter=excludePrebuilt`.
void select_dashboards(const Call& call, Rows& rows);
/// The one in the path.
void select_dashboard(const Call& call, Rows& rows);
/// `status`: refuses what is neither empty nor `unresolved`.
void select_feedback(const Call& call, Rows& rows);
/// Feedback on issues that are resolved, unless `status` is empty: pages can be short.
bool show_feedback(const Call& call, const Row& row);
/// `event`.
void select_audit_logs(const Call& call, Rows& rows);
/// `environment`.
void select_check_ins(const Call& call, Rows& rows);
/// `key`.
void select_tags(const Call& call, Rows& rows);
/// The values of the key in the path; refuses keys that have none.
void select_tag_values(const Call& call, Rows& rows);

/// `lastTriggered`, with `expand` only.
void dress_issue_rule(const Call& call, Row& row);
/// No configuration with `includeConfig=0`, and only exactly that.
void dress_integration(const Call& call, Row& row);
/// No `uniqueValues` with `includeValuesSeen=0`.
void dress_tag(const Call& call, Row& row);
/// A dashboard as its own route shows it, with its widgets.
void dress_dashboard(const Call& call, Row& row);
/// No `issueId` beside the issue.
void dress_fire(const Call& call, Row& row);
/// The newest event in full unless `full` is false.
void dress_hash(const Call& call, Row& row);

}  // namespace sandbox
