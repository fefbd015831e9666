#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "sandbox/api/issue_search.h"
#include "sandbox/api/route.h"

namespace sandbox {

/// Which of the two issue lists a row is for: they count differently.
enum class IssueList { kOrganization, kProject };

/// Renders one issue with its events in `scope`.
void append_issue_row(JsonWriter& json, const IssueView& view, const EventScope& scope, Index issue,
                      IssueList list);

/// All events of an issue, in the environments the request names.
EventScope all_time(const Call& call);

/// A number without sign or fraction.
std::optional<std::uint64_t> parse_number(std::string_view text);

/// The issue whose event, or whose own short id, the query is. Nothing when it is no such thing.
std::optional<Answer> try_direct_hit(const Call& call, const IssueView& view,
                                     const std::vector<Index>& projects, IssueList list);

/// `group=ID` repeated: exactly those issues, whatever the query and the dates say. Nothing when
/// the parameter is not there; throws Refusal when it makes no sense.
std::optional<Answer> try_groups(const Call& call, const IssueView& view,
                                 const std::vector<Index>& projects);

/// Issues of the project with any of the `hashes`, without pages. Here an issue has one hash.
Answer issues_with_hashes(const Call& call, const IssueView& view);

}  // namespace sandbox
