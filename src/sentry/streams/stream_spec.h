#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/plan/stream_plan.h"
#include "sentry/config.h"
#include "sentry/limits.h"
#include "sentry/projects/project_lookup.h"
#include "sentry/streams/record_secrets.h"

namespace source_sentry {

/// What the routes and hooks of a stream are made from, for one partition of one run.
struct StreamScope {
  const Config& config;
  const ProjectFacts& facts;  ///< of the project whose part is read; empty for the organization's
  Instant now;                ///< the server's clock
  ProjectLookup& lookup;
  const std::vector<std::string>& fields;  ///< top-level fields that the caller asked for
  /// How many ways to count the server has refused, for all projects of a stream.
  std::shared_ptr<std::atomic<std::size_t>> counts_refused{};
  bool glitchtip = false;                ///< the server is one, as far as its projects say
  std::shared_ptr<SearchTrust> trust{};  ///< of all projects of a stream; null: there is only one
  std::shared_ptr<std::atomic<bool>> comes_again{};  ///< see PartitionPlan
  SecretListener found_secret{};                     ///< see record_secrets.h
};

/// How a list is restricted to a stretch of time.
enum class WindowStyle {
  kNone,      ///< it is not: it is read whole
  kStartEnd,  ///< `start` and `end`
};

/// A member that is added to records which lack it.
struct InjectedMember {
  std::string key;
  std::string value;  ///< a template, see StreamSpec
};

/// Everything that tells one stream from another: a row of the table, and all that an entry of a
/// configuration can say. Owns what it holds. A plain stream has a name, a line of docs, a path and
/// the scope that opens it; the rest is for those that need it.
///
/// `path`, `query`, `probe_query` and the values of `injected` are templates. In them {org} stands
/// for the organization's slug, {project} for the project's, and {project_id} for its number, or
/// its slug where the number is not known; percent-encoded but for `injected`. A stream whose path
/// or query names the project is read project by project, any other one once for the organization.
struct StreamSpec {
  std::string name;
  std::string docs;        ///< one line for docs/streams.md
  bool suggested = false;  ///< read where the caller names no streams; as metadata.yaml says

  // How it is listed.
  std::string path;                        ///< below the API's base: "organizations/{org}/x/"
  std::string query = "per_page=100";      ///< of a page
  std::string probe_query = "per_page=1";  ///< for the cheapest look whether there is anything
  WindowStyle windows = WindowStyle::kNone;
  std::string record_path{};  ///< see Route::list_key
  RecordSplitter::Root root = RecordSplitter::Root::kList;
  std::size_t page_rows = 100;  ///< the smallest page that a server calls full
  std::string rate_group = kDefaultGroup;
  std::string things{};  ///< for people: "client keys"; empty: the name
  std::string scopes{};  ///< see scopes.h

  // What its records are.
  std::vector<std::string> primary_key = {"id"};  ///< top-level keys that tell them apart
  /// For ids unique only within a project: the top-level key of the project's number. It is part of
  /// the primary key where the configuration may name several, and added where records lack it.
  std::string project_key{};
  std::string cursor_key{};    ///< empty: full refresh only
  std::string received_key{};  ///< see RowShape; empty: records do not come late
  std::vector<InjectedMember> injected{};
  std::string schema{};                ///< a JSON schema; empty: schemas/<name>.json
  bool in_windows = false;             ///< the list is newest first by the cursor
  bool ids_prove_windows = false;      ///< see PartitionPlan
  bool records_stay = false;           ///< see PartitionPlan
  bool holds_secrets = false;          ///< see record_secrets.h
  std::optional<Duration> kept_for{};  ///< how long Sentry keeps records; not set: for ever
  bool by_detail = false;  ///< made of projects' own documents, which need their own scope

  // What fields cannot say. Each may be empty.
  /// The ways to list it, the preferred one first, made from the one that the fields describe.
  std::function<std::vector<Route>(Route, const StreamScope&)> routes{};
  /// For routes whose rows only name records: the route of one.
  std::function<std::function<Route(std::string_view)>(const StreamScope&)> detail{};
  /// The route of several projects' records, by their ids.
  std::function<Route(const StreamScope&, const std::vector<std::string>&)> route_of_several{};
  /// The id of the project that a record of that route belongs to.
  std::function<std::string(std::string_view)> project_of{};
  std::function<Expansion(const StreamScope&)> expansion{};  ///< records are the list's rows
  std::function<RowCount(const StreamScope&)> count{};       ///< empty: the server has no count
  /// Sets in the plan how changed rows are found, if that is asked for; they do not change.
  std::function<void(const StreamScope&, PartitionPlan&)> refresh{};

  bool incremental() const { return !cursor_key.empty(); }
  bool per_project() const;
  /// The one of the primary key's fields that differs from record to record of a partition; empty
  /// where there are several, so that records are told apart by their whole contents.
  std::string id_key() const;
};

/// `start` and `end`; with the zone, as Sentry's OpenAPI asks for it.
std::string start_end(const Window& window);

/// Fills in a template for a partition. `encoded`: what is put in is percent-encoded. Throws a
/// ConnectorError for an unknown name in the template.
std::string expand(const std::string& text, const StreamScope& scope, bool encoded);

/// The way to list the stream that its fields describe.
Route plain_route(const StreamSpec& spec, const StreamScope& scope);

/// All ways to list it, the preferred one first.
std::vector<Route> routes_of(const StreamSpec& spec, const StreamScope& scope);

/// The top-level keys that together are the stream's primary key. They depend on the form of the
/// configuration, never on how many projects it happens to find: otherwise a new project would
/// change the key of a table.
std::vector<std::string> primary_key(const StreamSpec& spec, const Config& config);

/// The scopes that a token needs to read all of it.
std::vector<std::string> scopes_of(const StreamSpec& spec);

/// What one request for a page of the stream brings.
struct PageCost {
  std::size_t least = 1;     ///< records of a full page, from the server that cuts it most
  std::size_t most = 1;      ///< so many are asked for
  bool one_each = false;     ///< each of them takes a request of its own, too
  bool per_project = false;  ///< they are those of one project
};
PageCost page_cost(const StreamSpec& spec);

/// The JSON schema of its records.
nlohmann::ordered_json schema_of(const StreamSpec& spec);

/// The stream's entry in the catalog that `discover` prints.
nlohmann::ordered_json catalog_entry(const StreamSpec& spec, const Config& config);

}  // namespace source_sentry
