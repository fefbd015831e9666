#pragma once

#include "sandbox/render/issue_json.h"

namespace sandbox {

/// The fields of an issue that come from the database alone, without its id: the same in every
/// list.
void append_issue_base(JsonWriter& json, const IssueView& view, const Issue& issue);

/// The organization an issue belongs to.
const Organization& owner_of(const IssueView& view, const Issue& issue);

}  // namespace sandbox
