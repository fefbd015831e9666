#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/fetch/route.h"
#include "mapping/custom/custom_stream.h"

namespace source_sentry {

/// A list whose rows are parents of a custom stream's records, and not a custom stream itself.
struct ParentList {
  std::vector<Route> routes;  ///< ways to it, the preferred one first
  RowShape shape;
  std::optional<Window> window{};  ///< what is asked for, where it can be asked for by time
};

/// How a custom stream is read, see CustomWalk. Plain data, made for one run.
struct CustomPlan {
  /// The stream is the last one; each is asked for the records of the one before it.
  std::vector<std::shared_ptr<const CustomStream>> streams;
  /// The first stream is asked for the rows of these; empty: it has no parents.
  std::vector<ParentList> parents{};
  std::string parents_name{};  ///< what templates call such a row; empty: there are none

  /// The target of an address, see Request. `given`: the server has given it itself. Throws a
  /// ConnectorError where it leads to where we do not go.
  std::function<std::string(const std::string& address, bool given)> target{};
  std::map<std::string, std::string> secrets{};  ///< for headers, by name
  std::string own_token{};  ///< which every request has, so that no header need say it
  std::string organization{};
  std::string project{};
  std::string push_kind{};  ///< records leave as pushes of that kind; empty: as they are
  Route route{};            ///< what all requests have in common: limits, scopes
};

}  // namespace source_sentry
