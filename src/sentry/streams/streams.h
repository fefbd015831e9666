#pragma once

#include <atomic>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string_view>
#include <vector>

#include "engine/plan/stream_plan.h"
#include "sentry/config.h"
#include "sentry/projects/project_lookup.h"
#include "sentry/streams/record_secrets.h"

namespace source_sentry {

/// What a stream's routes and its mapper are made from.
struct StreamScope {
  const Config& config;
  const ProjectFacts& facts;  ///< of the project whose part is read; empty for the organization's
  Instant now;                ///< the server's clock
  ProjectLookup& lookup;
  const std::vector<std::string>& fields;  ///< top-level fields that the caller asked for
  /// How many of the ways to count the server has refused, for all projects of a stream.
  std::shared_ptr<std::atomic<std::size_t>> counts_refused{};
  bool glitchtip = false;                ///< the server is one, as far as its projects say
  std::shared_ptr<SearchTrust> trust{};  ///< of all projects of a stream; null: there is one only
  std::shared_ptr<std::atomic<bool>> comes_again{};  ///< see PartitionPlan
  SecretListener found_secret{};                     ///< see record_secrets.h
};

/// `start` and `end`; with the zone, as Sentry's OpenAPI asks for it.
std::string start_end(const Window& window);

/// One row of the table of streams: everything that tells one stream from another. A new stream is
/// a row here, a schema in schemas/ and a row in the sandbox's routes.
struct StreamRow {
  std::string_view name;
  std::string_view cursor_key;  ///< empty: full refresh only
  std::string_view docs;        ///< one line for docs/streams.md
  RecordSplitter::Root root = RecordSplitter::Root::kList;
  bool per_project = false;        ///< read project by project; else once for the organization
  bool in_windows = false;         ///< the list is newest first by the cursor
  bool ids_prove_windows = false;  ///< see PartitionPlan
  bool holds_secrets = false;      ///< see record_secrets.h
  /// Of what has its id in one project only: the top-level key of the project's number. It is part
  /// of the primary key where the configuration may name several.
  std::string_view project_key{};
  bool records_stay = false;           ///< see PartitionPlan
  std::string_view received_key{};     ///< see PartitionPlan; empty: records do not come late
  std::size_t page_rows = 100;         ///< the smallest page that a server calls full
  std::optional<Duration> kept_for{};  ///< how long Sentry keeps records; not set: for ever
  bool by_detail = false;  ///< made of projects' own documents, which take their own scope
  std::vector<Route> (*routes)(const StreamScope&) = nullptr;
  /// For routes whose rows only name records; null: there is none such.
  std::function<Route(std::string_view)> (*detail)(const StreamScope&) = nullptr;
  /// The route of several projects' records, by their ids, and the id of the project that a record
  /// belongs to; null: there is none such.
  Route (*route_of_several)(const StreamScope&, const std::vector<std::string>&) = nullptr;
  std::string (*project_of)(std::string_view) = nullptr;
  RecordMapper (*mapper)(const StreamScope&) = nullptr;  ///< null: records pass as they come
  RowCount (*count)(const StreamScope&) = nullptr;       ///< null: the server has no count
  /// Sets in the plan how changed rows are found, if that is asked for; null: they do not change.
  void (*refresh)(const StreamScope&, PartitionPlan&) = nullptr;

  bool incremental() const { return !cursor_key.empty(); }
};

/// The id of every stream's records.
inline constexpr std::string_view kIdKey = "id";

/// The table, in the order in which `discover` lists it.
const std::vector<StreamRow>& stream_table();

/// The row of that name; null when there is none.
const StreamRow* find_stream(std::string_view name);

/// The top-level keys that together are the stream's primary key. That goes by the form of the
/// configuration, never by how many projects it happens to find: else a new project would change
/// the key of a table.
std::vector<std::string_view> primary_key(const StreamRow& row, const Config& config);

/// The row's entry in the catalog that `discover` prints.
nlohmann::ordered_json catalog_entry(const StreamRow& row, const Config& config);

/// The table as the Markdown of docs/streams.md.
std::string stream_docs();

}  // namespace source_sentry
