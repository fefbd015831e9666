#pragma once

#include <span>
#include <string>
#include <string_view>

#include "sandbox/render/json_writer.h"
#include "sandbox/render/organization_json.h"
#include "sandbox/render/series.h"
#include "sandbox/world/world.h"

namespace sandbox {

/// What `collapse` takes away and `expand` adds (sentry-api.md 4.2).
struct IssueParts {
  bool base = true;
  bool stats = true;
  bool lifetime = true;
  bool filtered = true;
  bool unhandled = true;
  bool inbox = false;
  bool owners = false;
  bool integration_issues = false;
  bool sentry_app_issues = false;
  bool sessions = false;
  bool attachments = false;
};

/// One issue and which of its events count, both in order of time.
struct SeenIssue {
  Index issue = 0;
  std::span<const Index> window;    ///< inside the asked range and environments
  std::span<const Index> lifetime;  ///< of all time, inside the environments
};

/// What an issue is linked with in other services: arrays, as JSON.
struct IssueLinks {
  std::string apps = "[]";
  std::string integrations = "[]";
};

struct IssueView;

/// What an issue list is rendered with, the same for all its rows.
struct IssueView {
  const World& world;
  const Addresses& addresses;
  Instant now;
  std::string_view stats_period;  ///< `24h`, `14d`, `auto`, or empty for no sparkline
  Buckets buckets;                ///< what the sparkline counts
  bool event_conditions = false;  ///< the query had terms for the event store: `filtered` is filled
  IssueParts parts;
  IssueLinks (*links)(const IssueView& view, const Issue& issue) = nullptr;
};

/// One row of an organization's issues: counts and times are those of the window and `lifetime`
/// holds the others.
void append_issue(JsonWriter& json, const IssueView& view, const SeenIssue& seen);

/// One row of the deprecated list of a project's issues: counts and times are of all time and come
/// from the database, fractions included.
void append_project_issue(JsonWriter& json, const IssueView& view, const SeenIssue& seen);

/// What an issue's own route can leave out.
struct IssueDetailParts {
  bool release = true;
  bool stats = true;
  bool tags = true;
};

/// An issue as its own route shows it.
void append_issue_detail(JsonWriter& json, const IssueView& view, const SeenIssue& seen,
                         const IssueDetailParts& detail);

}  // namespace sandbox
