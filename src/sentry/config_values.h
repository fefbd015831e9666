#pragma once

#include <cstddef>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/time.h"

namespace source_sentry {

// The values of a configuration document, key by key. Null counts as absent. Each throws the
// ConnectorError of `refuse_key` for a value of another kind.

/// Throws a ConnectorError that names the key: "'project' must be a string."
[[noreturn]] void refuse_key(const std::string& key, const std::string& wrong);

/// For people: "a list"
std::string kind_of(const nlohmann::json& value);

/// A string without the spaces around it. `expected`: what it should be, for people.
std::optional<std::string> text_value(const nlohmann::json& document, const char* key,
                                      const std::string& expected);

/// A whole number from `least` to `most`. `within`: the object it is in, for people: "shard."
std::size_t whole_number(const nlohmann::json& document, const std::string& name,
                         std::size_t otherwise, std::size_t least, std::size_t most,
                         const std::string& within = {});

std::optional<Instant> date_value(const nlohmann::json& document, const char* key);

Duration duration_value(const nlohmann::json& document, const char* key, Duration otherwise);

/// False where it is absent.
bool flag_value(const nlohmann::json& document, const char* key);

}  // namespace source_sentry
