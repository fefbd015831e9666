#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace source_sentry {

/// The configuration's key for streams of Explore.
inline constexpr const char* kExploreStreamsKey = "explore_streams";

/// More fields Explore does not take at once (getsentry/sentry, search/events/builder: "You can
/// view up to 20 fields at a time").
inline constexpr std::size_t kMostExploreFields = 20;

/// What Explore keeps in one place, and what a row of it cannot do without.
struct ExploreDataset {
  std::string name;              ///< Sentry's
  std::vector<std::string> key;  ///< the fields that tell rows apart
  std::string id;                ///< of these the one that settles the order within a second
  std::string rows_id{};         ///< see StreamSpec::rows_id
  std::vector<std::string> times = {"timestamp"};
  std::string counted = "count()";  ///< what counts rows; empty: nothing does
  bool long_pages = false;          ///< the route takes pages of up to 9,999 rows
};

/// The dataset of that name; null where rows of none can be read.
const ExploreDataset* find_explore_dataset(std::string_view name);

/// An entry of `explore_streams`, checked: a stream of Explore that the user has put together.
struct ExploreStream {
  std::string place;  ///< in the configuration, for people: "explore_streams[2]"
  std::string name;
  std::string dataset;
  std::vector<std::string> fields;      ///< as chosen; the key and the times may not be among them
  std::string query{};                  ///< a search in Sentry's words; empty: every row
  std::vector<std::string> projects{};  ///< slugs, or numbers; empty: all that can be seen
  std::vector<std::string> environments{};  ///< empty: all
};

/// The fields that are asked for: the chosen ones, and before them those of the key and the times
/// that are not among them.
std::vector<std::string> asked_fields(const ExploreStream& stream);

/// The streams that a configuration document chooses, in its order. Throws a ConnectorError that
/// names every mistake with its place: "explore_streams[2].fields".
std::vector<ExploreStream> read_explore_streams(const nlohmann::json& document);

}  // namespace source_sentry
