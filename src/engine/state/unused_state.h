#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

namespace source_sentry {

/// What to tell people about a stream's saved state that no partition resumes from: nothing where
/// it holds nothing to resume from, as after a full refresh or a first run without records.
std::optional<std::string> why_unused(const nlohmann::json& saved, const std::string& cursor_key);

/// The partitions of a state's entries, for a message: a few of them by name.
std::string names_of(const std::vector<nlohmann::json>& entries);

}  // namespace source_sentry
