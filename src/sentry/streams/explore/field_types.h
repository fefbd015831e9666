#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace source_sentry {

/// The JSON schema of rows with these fields while nobody has said of which types they are: a field
/// may be a string, a number or a boolean.
std::string untyped_rows(const std::vector<std::string>& fields);

/// The JSON schema of rows with these fields, and with those that came unasked, by what an answer
/// of Explore says in `meta.fields`; a field of which it says nothing is a string. Nothing where it
/// is no such answer.
std::optional<std::string> rows_typed_by(std::string_view answer,
                                         const std::vector<std::string>& fields);

}  // namespace source_sentry
