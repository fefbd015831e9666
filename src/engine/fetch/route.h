#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "json/record_splitter.h"

namespace source_sentry {

/// A stretch of time, from `from` up to but not including `to`.
struct Window {
  Instant from;
  Instant to;

  bool contains(Instant when) const { return from <= when && when < to; }
  bool operator==(const Window&) const = default;
};

/// Which other streams of a run may read the same pages, see PageShare.
enum class Shared {
  kNo,
  kList,      ///< those with the same list
  kChildren,  ///< those that read the same lists of its rows
};

/// One way to ask the server for something. Plain data (the empty braces let rows leave members
/// out); texts for people included, because an answer is explained in terms of what was asked for.
struct Route {
  std::string path{};   ///< percent-encoded, below the API's base: "projects/acme/web/events/"
  std::string query{};  ///< fixed parameters: "full=true&per_page=100"; may be empty
  std::string probe_query{};  ///< parameters for the cheapest check whether there is anything
  /// Parameters that restrict the answer to a window; not set when the route has none.
  std::function<std::string(const Window&)> window_query{};
  /// How far back from now the server looks at all, where it has such a bound.
  std::optional<Duration> horizon{};
  /// It asks for its rows to be sorted by the cursor, newest first. If not, a server that ignores
  /// windows may list them in another order, see ListOrder.
  bool sorted = false;
  /// It asks for the plain list instead of a search: it is considered only where the server has not
  /// understood a search.
  bool unsearched = false;
  /// It uses parameters that no Sentry knows: it is considered only where the server has not
  /// understood Sentry's own.
  bool in_other_words = false;
  /// A row's cursor value may grow while the list is read, and move it past the list's end.
  bool rows_move = false;
  /// The rows are the list at this key of an object, or at the root where the answer is a list;
  /// empty: always at the root.
  std::string list_key{};
  /// Where there is nothing, the answer is an object with this member in place of a list; empty: it
  /// never is.
  std::string none_key{};
  std::string cursor_key{};  ///< its rows' name for the cursor; empty: the stream's
  /// Its rows only name the records, which are fetched one by one, see PartitionPlan::detail.
  bool names_only = false;
  /// Tells the rows, or documents, of what was asked for from others, see `means`; not set: all
  /// are.
  std::function<bool(std::string_view)> is_meant{};
  /// Is shown the whole body of each page that is taken, for what stands beside its rows; from
  /// several threads where partitions share it. Not set: nothing there matters.
  std::function<void(std::string_view body)> watch{};
  /// Set by `watch` once an answer was made from a part of what is stored, shared by the ways to
  /// the same records; null: none is.
  std::shared_ptr<std::atomic<bool>> sampled{};
  Shared shared = Shared::kNo;         ///< its pages may be those of another stream of the run
  bool control = false;                ///< it answers on the control host, see ConnectionOptions
  std::vector<std::string> headers{};  ///< of its own, see Request
  std::size_t largest = 0;   ///< bytes of an answer; 0: as many as a page of records may have
  std::string rate_group{};  ///< which rate limit it counts against
  /// The group that it shares failures with: if too much of that goes unanswered, this will, too.
  /// Empty: its rate limit's group.
  std::string failure_group{};
  std::string what{};                 ///< for people: "the events of project \"web\""
  std::string scopes{};               ///< for people: the scope that opens it, "project:read"
  std::string scopes_of_glitchtip{};  ///< if GlitchTip asks for another
  /// For people, where the configuration says what is asked for: which part of it the words of a
  /// refusal are about, "explore_streams[2].fields". Not set: we have decided all of it.
  std::function<std::string(std::string_view words)> blamed{};
  std::vector<std::string> others{};  ///< paths of the other routes to the same data
  std::string short_name{};           ///< in states; empty: path and fixed parameters

  /// Tells it from other routes, without secrets.
  std::string name() const { return short_name.empty() ? target(query, nullptr, "") : short_name; }

  /// Whether a row, or a document, is of what was asked for: others are not written, and prove
  /// nothing.
  bool means(std::string_view json) const { return !is_meant || is_meant(json); }

  /// Path and query of one page: the fixed parameters, the window's, and where to go on.
  std::string target(const std::string& fixed, const Window* window,
                     const std::string& cursor) const;
};

/// What the rows of a stream look like, as far as paging needs to know. Plain data.
struct RowShape {
  RecordSplitter::Root root = RecordSplitter::Root::kList;
  std::string id_key{};        ///< top-level key; empty: rows have no id
  std::string cursor_key{};    ///< empty: the stream has no cursor
  std::string received_key{};  ///< top-level key of the time at which the server got a record
  std::size_t page_rows = 1;   ///< so many rows without a Link header may be a truncated list
};

/// One way to list such rows, and what else could be asked. Refers to what must outlive it.
struct Listing {
  const RowShape& shape;
  const Route& route;
  /// Another route to the same rows comes after this one.
  bool other_route = false;
  /// Several partitions are listed as one. If that fails, they are read by themselves, so nothing
  /// is left out or narrowed here.
  bool batch = false;
};

}  // namespace source_sentry
