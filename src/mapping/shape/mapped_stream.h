#pragma once

#include <array>
#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mapping/shape/fields.h"
#include "mapping/shape/items.h"
#include "mapping/shape/map_tree.h"

namespace source_sentry {

/// A stream whose records are made of another stream's: one entry of `mapped_streams`, compiled.
/// Immutable, shared by the threads that read it.
struct MappedStream {
  std::string name;
  std::string place;  ///< for messages: `mapped_streams[1] "open_issues"`
  std::string from;   ///< the stream that it is made of, or one of kWideSources
  std::string tag;    ///< for sources with tag values: which tag
  RecordShape shape = RecordShape::kPlain;

  std::vector<Expression> select;     ///< all of them hold for what goes on
  std::optional<Items> items;         ///< comes before select
  std::optional<MapTree> map;         ///< at most one of these three
  std::optional<Expression> program;  ///< each of its outputs that is an object is a record
  Fields fields;

  std::optional<std::vector<std::string>> primary_key;  ///< as declared; none declared: nothing
  std::string cursor_field;                             ///< as declared
  std::string schema;                                   ///< as declared: JSON, or empty
  bool select_marker = false;         ///< what is not selected is told, see Shaper
  bool first_error_is_fatal = false;  ///< mapping_errors: fail
};

/// Records that are more than those of a stream, and exist for mapped streams only: a project with
/// one value of a tag as `__tags`, an issue with the list of a tag's values, and a team with all of
/// its projects, and with its members as `__members`. By what Port's integration makes of its
/// kinds.
inline constexpr std::string_view kProjectsWithTag = "projects_with_tag";
inline constexpr std::string_view kIssuesWithTag = "issues_with_tag";
inline constexpr std::string_view kTeamsWithProjects = "teams_with_projects";
inline constexpr std::string_view kTeamsWithMembers = "teams_with_members";

inline constexpr std::array<std::string_view, 4> kWideSources = {
    kProjectsWithTag, kIssuesWithTag, kTeamsWithProjects, kTeamsWithMembers};

/// Every received webhook as it was sent: `body`, `headers` and `queryParams`, the form of Port's
/// webhook mappings. For mapped streams only, and where there is a spool.
inline constexpr std::string_view kWebhooksAsSent = "webhooks_as_sent";

/// What there is for a mapped stream to be made of.
struct KnownSources {
  std::vector<std::string> names;  ///< of the table's and the custom streams
  bool some_are_lost = false;      ///< there may be others, since something else is wrong
};

/// Reads `mapped_streams`. `places`: where each entry comes from, for messages; an entry without
/// one is "mapped_streams[i]". `fail_on_error`: mapping_errors is "fail". Throws Mistakes: what is
/// wrong and where.
std::vector<std::shared_ptr<const MappedStream>> read_mapped_streams(
    const nlohmann::ordered_json& entries, const KnownSources& sources, bool fail_on_error,
    const std::vector<std::string>& places = {});

/// Hands its expressions to `take`, each with what it is of the stream: "select", "map.days".
void for_each_expression(
    const MappedStream& stream,
    const std::function<void(const Expression& expression, const std::string& what)>& take);

/// Compiles every expression of `stream`. Throws Mistakes naming the stream and the expressions.
void check_expressions(const MappedStream& stream, JqPrograms& programs);

}  // namespace source_sentry
