#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/plan/stream_plan.h"
#include "mapping/shape/mapped_stream.h"
#include "sentry/config.h"
#include "sentry/limits.h"
#include "sentry/projects/project_lookup.h"
#include "sentry/streams/spec/record_secrets.h"

namespace source_sentry {

struct CustomChain;
struct WebhookStream;

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
  kDays,      ///< the same for whole days, of which both take in all
};

/// Whether Sentry promises that a route stays as it is.
enum class Promise {
  kPublic,        ///< its documentation describes it
  kExperimental,  ///< so, as one that may change
  kPrivate,       ///< its own pages use it, and it may change on any day
};

/// A member that is added to records which lack it.
struct InjectedMember {
  std::string key;
  std::string value;  ///< a template, see StreamSpec
};

/// The list of children that each row of a list leads to. `paths` and the values of `injected` are
/// templates, see StreamSpec, in which {row.KEY} stands for the row's member of that name.
struct ChildrenSpec {
  std::vector<std::string> paths{};    ///< the first is today's; others are for old servers
  std::string query = "per_page=100";  ///< a template, too
  std::string record_path{};           ///< see Route::list_key
  std::string none_key{};              ///< see Route
  bool whole = false;                  ///< see kWholeList
  std::string id_key = "id";           ///< of the children; empty: they have none
  std::string of{};                    ///< for people, a template: "issue {row.shortId}"
  std::string rate_group = kDefaultGroup;
  std::vector<InjectedMember> injected{};  ///< what a child takes from its row
  std::string scopes{};                    ///< see scopes.h; empty: those of the parents
  /// A record is the row with this member: a child, or, `gathered`, the list of all of its
  /// children. Empty: the children are the records.
  std::string as_member{};
  bool gathered = false;
  /// A row may have no such list, and is there all the same: so it is with a tag that it lacks.
  bool may_be_none = false;
  /// Whether a row has any that are wanted, as far as it says; not set: it does not say.
  std::function<bool(std::string_view row, const Config&)> wanted{};
  /// Which of the children are; not set: all.
  std::function<bool(std::string_view child, const Config&)> taken{};
  /// The list can be asked for since a time, with `start` and `end`; see ChildList::overlap.
  std::optional<Duration> overlap{};
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
  std::string name{};
  std::string docs{};     ///< one line for docs/streams.md
  std::string group{};    ///< see stream_groups.h; empty: its family's
  std::string remarks{};  ///< more sentences for it: what it costs, limits, how complete it is
  Promise promise = Promise::kPublic;
  std::vector<std::string> personal{};  ///< top-level fields that hold personal data
  bool suggested = false;  ///< read where the caller names no streams; as metadata.yaml says

  // How it is listed.
  std::string path{};                      ///< below the API's base: "organizations/{org}/x/"
  std::string query = "per_page=100";      ///< of a page
  std::string probe_query = "per_page=1";  ///< for the cheapest look whether there is anything
  WindowStyle windows = WindowStyle::kNone;
  std::string record_path{};  ///< see Route::list_key
  RecordSplitter::Root root = RecordSplitter::Root::kList;
  std::size_t page_rows = 100;  ///< the smallest page that a server calls full; or kWholeList
  std::string rate_group = kDefaultGroup;
  std::string things{};  ///< for people: "client keys"; empty: the name
  std::string scopes{};  ///< see scopes.h
  bool control = false;  ///< see Route::control
  bool writes = false;   ///< being asked, the server writes; see Config::allow_writing_reads

  // What its records are.
  std::vector<std::string> primary_key = {"id"};  ///< top-level keys that tell them apart
  /// The listed rows' own key, where records are made of them or belong to them; empty: the one of
  /// the primary key that differs from row to row.
  std::string rows_id{};
  /// For ids unique only within a project: the top-level key of the project's number. It is part of
  /// the primary key where the configuration may name several, and added where records lack it.
  std::string project_key{};
  std::string cursor_key{};  ///< empty: full refresh only, but for the next one and by_contents
  /// For records that are made of the rows of a list or belong to them: the rows' key that orders
  /// the list, and so tells in the state how far it is read. Records need not have it.
  std::string parents_cursor{};
  std::string received_key{};  ///< see RowShape; empty: records do not come late
  std::vector<InjectedMember> injected{};
  std::vector<std::string> only_ids{};  ///< members that are other records: only their id is kept
  /// Members that are objects, for which some servers write [] or "" where there is none, or only
  /// an id: they become null, or an object with that id.
  std::vector<std::string> objects{};
  std::vector<std::string> texts{};  ///< members for which some servers write a number
  std::string schema{};              ///< a JSON schema; empty: schemas/<name>.json
  bool in_windows = false;           ///< the list is newest first by the cursor
  bool ids_prove_windows = false;    ///< see PartitionPlan
  bool records_stay = false;         ///< see PartitionPlan
  bool holds_secrets = false;        ///< see record_secrets.h
  /// Without a time, but incremental: the state remembers every record's contents, and one that is
  /// gone from the list leaves a record with `_deleted`. See by_contents.h.
  bool by_contents = false;
  /// For those: members that change while the record does not, by paths: "user.lastActive".
  std::vector<std::string> unstable{};
  bool id_is_number = false;           ///< for those, too: their own key is a number, not a text
  Duration least_lookback{};           ///< records change for so long after their cursor's time
  std::optional<Duration> kept_for{};  ///< how long Sentry keeps records; not set: for ever
  bool by_detail = false;  ///< made of projects' own documents, which need their own scope

  /// It is a time series by days: records are made of answers, see SeriesPlan.
  std::optional<SeriesPlan> series{};

  // Of a stream that the configuration makes itself; each may be empty.
  /// See Route::blamed.
  std::function<std::string(std::string_view words)> blamed{};
  /// For members whose types only the server knows: the schema by an answer to the probe; nothing
  /// where it is no such answer. Until then `schema` leaves them open.
  std::function<std::optional<std::string>(std::string_view answer)> learn_schema{};
  /// Its records are made of those that all else here describes; null: they are these themselves.
  std::shared_ptr<const MappedStream> mapped{};
  /// Its records come from a route that the configuration names; null: it is not so.
  std::shared_ptr<const CustomChain> custom{};
  /// Its records are received webhooks; null: it is not so.
  const WebhookStream* webhooks = nullptr;

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
  std::optional<ChildrenSpec> children{};                    ///< records are the rows' children
  /// For children that show only some of the records that they hold: the list of all of them, whose
  /// rows in the templates are the children with what is injected. `wanted` says which need it; of
  /// the others the records are what `split` finds.
  std::optional<ChildrenSpec> grandchildren{};
  /// The records that a listed row, or a child, holds; see Expansion.
  std::function<std::vector<std::string>(std::string_view)> split{};
  /// For the children of a list that is read whole: what says that a row has news for them. The
  /// state remembers it of every row, and only those where it has moved are visited.
  std::function<std::uint64_t(std::string_view row, Instant now)> visits_changed{};
  /// For the children of a list in windows: see PartitionPlan.
  Duration visits_all_every{};
  std::function<RowCount(const StreamScope&)> count{};  ///< empty: the server has no count
  /// See PartitionPlan; not for comparing.
  std::function<RowCount(const StreamScope&)> count_lost{};
  /// Sets in the plan how changed rows are found, if that is asked for; they do not change.
  std::function<void(const StreamScope&, PartitionPlan&)> refresh{};

  bool incremental() const { return !state_key().empty(); }
  /// The key that orders the listed rows; empty: none does.
  const std::string& row_cursor() const {
    return parents_cursor.empty() ? cursor_key : parents_cursor;
  }
  /// The key that tells in a STATE how far the stream is read; empty: it has none.
  std::string state_key() const;
  bool per_project() const;
  /// The one of the primary key's fields that differs from record to record of a partition; empty
  /// where there are several, so that records are told apart by their whole contents.
  std::string id_key() const;
};

/// `start` and `end`; with the zone, as Sentry's OpenAPI asks for it.
std::string start_end(const Window& window);

/// The same for a window of whole days, whose last second is the end: servers add a second to that,
/// or round it up, and another day would come with one second more.
std::string start_end_of_days(const Window& window);

/// Fills in a template for a partition. `encoded`: what is put in is percent-encoded. Throws a
/// ConnectorError for an unknown name in the template.
std::string expand(const std::string& text, const StreamScope& scope, bool encoded);

/// The way to list the stream that its fields describe.
Route plain_route(const StreamSpec& spec, const StreamScope& scope);

/// All ways to list it, the preferred one first.
std::vector<Route> routes_of(const StreamSpec& spec, const StreamScope& scope);

/// The top-level keys that together are the stream's primary key; a stream that is made of another
/// one may have none. They depend on the form of the
/// configuration, never on how many projects it happens to find: otherwise a new project would
/// change the key of a table.
std::vector<std::string> primary_key(const StreamSpec& spec, const Config& config);

/// The scopes that a token needs to read all of it.
std::vector<std::string> scopes_of(const StreamSpec& spec);

/// What one request for a page of the stream brings.
struct PageCost {
  std::size_t least = 1;     ///< records of a full page, from the server that cuts it most
  std::size_t most = 1;      ///< so many are asked for; kWholeList: all
  bool one_each = false;     ///< each of them takes a request of its own, too
  bool per_project = false;  ///< they are those of one project
};
PageCost page_cost(const StreamSpec& spec);

/// The key of its records that holds the cursor; empty: none does.
std::string record_cursor(const StreamSpec& spec);

/// The JSON schema of its records.
nlohmann::ordered_json schema_of(const StreamSpec& spec, const Config& config);

/// The stream's entry in the catalog that `discover` prints.
nlohmann::ordered_json catalog_entry(const StreamSpec& spec, const Config& config);

}  // namespace source_sentry
