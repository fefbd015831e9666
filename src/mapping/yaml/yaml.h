#pragma once

#include <cstddef>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace source_sentry {

/// Bounds of a YAML text; more has no file that a person writes.
inline constexpr std::size_t kLargestYaml = std::size_t{1} << 20;
inline constexpr std::size_t kDeepestYaml = 64;
inline constexpr std::size_t kMostYamlValues = 100'000;  ///< those that aliases repeat included
inline constexpr std::size_t kDeepestAlias = 3;          ///< an alias to what holds aliases

/// The documents of a YAML text, empty ones left out; members keep their order. Scalars have the
/// types of YAML 1.2's core schema; `yes` and `on` are texts, and integers beyond 64 bits too.
/// Merge keys (`<<`) are taken. Throws ConnectorError, beginning with `name`, with line and column:
/// for what is no YAML, a key that comes twice, and what goes beyond the bounds.
std::vector<nlohmann::ordered_json> read_yaml(const std::string& text, const std::string& name);

}  // namespace source_sentry
