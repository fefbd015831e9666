#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "sandbox/api/answer.h"
#include "sandbox/api/auth.h"
#include "sandbox/api/query_string.h"
#include "sandbox/quirks.h"
#include "sandbox/render/event_scene.h"
#include "sandbox/render/organization_json.h"
#include "sandbox/render/project_json.h"
#include "sandbox/world/world.h"

namespace sandbox {

/// What all answers depend on besides the world and the request.
struct Settings {
  Quirks quirks;
  Addresses addresses;
  EventSize event_size = EventSize::kTypical;
};

/// Which parameter sets the page size.
enum class SizeParameter { kNone, kPerPage, kLimit };

/// How a route pages (sentry-api.md 2.2 and 2.3).
enum class Paginator { kNone, kRowOffset, kPageNumber, kScore, kKeyset };

struct PageSpec {
  Paginator paginator = Paginator::kNone;
  SizeParameter parameter = SizeParameter::kNone;
  std::size_t default_size = 100;
  std::size_t max_size = 100;
};

/// A deprecation as sentry.io announces it in headers.
struct Deprecation {
  std::string_view date;
  std::string_view replacement;
};

struct RouteSpec;
struct ShelfList;

/// One request on its way to its handler.
struct Call {
  const RouteSpec& route;
  const Settings& settings;
  const World& world;
  const Caller& caller;
  Instant now;
  const QueryString& query;
  std::string_view target;  ///< as it was sent: path and query
  Index organization = 0;   ///< valid where the pattern has {o}
  Index project = 0;        ///< valid where it has {p}
  std::string_view item;    ///< what stands for {id}
  std::string_view key;     ///< what stands for {key}

  bool quirk(Quirk which) const { return settings.quirks.has(which); }
  Viewer viewer() const { return {caller.is_user(), !caller.is_user()}; }
};

using Handler = Answer (*)(const Call& call);

/// A row of THE TABLE: everything the server needs to know about one route. A new stream is a new
/// row and a handler.
struct RouteSpec {
  std::string_view pattern;  ///< below /api/0; {o}, {p}, {id} and {key} stand for a part
  std::span<const std::string_view> scopes;  ///< any one will do; none at all for open routes
  std::string_view rate_group;               ///< which limit it counts against
  PageSpec page;
  Handler handler;
  std::optional<Quirk> absent_with = {};  ///< answers 404 without a body under this quirk
  std::optional<Deprecation> deprecation = {};
  const ShelfList* list = nullptr;  ///< what a list of a shelf does otherwise
};

/// All routes: those with handlers of their own, and those of shelves.
std::span<const RouteSpec> route_table();
std::span<const RouteSpec> shelf_route_table();

/// A route and the parts of the path that its pattern leaves open.
struct RouteMatch {
  const RouteSpec* route = nullptr;
  std::string organization;
  std::string project;
  std::string item;
  std::string key;
};

/// Finds the route for a path below /api/0, encoded as it was sent: a slash within a part is `%2F`.
/// Nothing for unknown ones and for paths without
/// their trailing slash: Sentry does not redirect those.
std::optional<RouteMatch> match_route(std::string_view path);

}  // namespace sandbox
