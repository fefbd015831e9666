#pragma once

#include <cstddef>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace source_sentry {

/// How deep JSON may be nested, records included (RecordSplitter). The library's copying, comparing
/// and printing call themselves once for each level, and a hundred thousand levels need more stack
/// than there is.
inline constexpr std::size_t kDeepestJson = 1024;

/// The offset in bytes where `text`, whether it is JSON or not, first goes deeper than that;
/// nothing if it never does.
std::optional<std::size_t> too_deep_at(std::string_view text);

/// The offset in bytes of the first number that no double holds (1e400); nothing where there is
/// none. Such a text is JSON, but the library refuses it.
std::optional<std::size_t> out_of_range_at(const std::string& text);

/// Parses text from outside. Discarded (`is_discarded()`) where it is not JSON or nested too deep.
nlohmann::json parse_json(std::string_view text);

}  // namespace source_sentry
