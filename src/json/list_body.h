#pragma once

#include <cstddef>
#include <optional>
#include <string>

namespace source_sentry {

/// How many entries a list's answer has, see RecordSplitter::split_list; nothing where it is not a
/// valid list.
std::optional<std::size_t> rows_of_list(const std::string& body, const std::string& list_key);

/// Whether a list's answer is a valid list.
bool is_valid_list(const std::string& body, const std::string& list_key);

}  // namespace source_sentry
