#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

namespace source_sentry {

/// The query that gets a list in another way, with its page edges at other rows: a different one
/// for each of three tries. Servers that ignore `per_page`, such as GlitchTip with 50 rows to a
/// page, take `limit`, of 100 at most.
inline std::string in_another_way(std::string query, std::size_t tries) {
  constexpr std::string_view kLargest = "limit=100";
  // No multiple of one is near a multiple of another.
  constexpr std::array<std::string_view, 3> kOthers = {"limit=97", "limit=89", "limit=83"};
  constexpr std::array<std::string_view, 3> kAll = {kLargest, kOthers[0], kOthers[1]};
  const std::size_t at = query.find(kLargest);
  if (at == std::string::npos) {
    return query.append("&").append(kAll[(tries - 1) % kAll.size()]);
  }
  return query.replace(at, kLargest.size(), kOthers[(tries - 1) % kOthers.size()]);
}

}  // namespace source_sentry
