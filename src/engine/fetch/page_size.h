#pragma once

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

namespace source_sentry {

/// The page of a list that always comes whole, however long it is: no number of rows without a Link
/// header means that more follow, and there are no smaller pages.
inline constexpr std::size_t kWholeList = std::numeric_limits<std::size_t>::max();

/// Where a query says how many rows a page shall have; `begin` is npos where it does not.
struct PageSizeAt {
  std::size_t begin = std::string_view::npos;
  std::size_t size = 0;
};
inline PageSizeAt find_page_size(std::string_view query) {
  // Sentry's routes know the one or the other.
  constexpr std::array<std::string_view, 2> kNames = {"per_page=", "limit="};
  for (const std::string_view name : kNames) {
    const std::size_t at = query.find(name);
    if (at == std::string_view::npos) continue;
    const std::size_t begin = at + name.size();
    return {begin, std::min(query.find('&', begin), query.size()) - begin};
  }
  return {};
}

/// How many rows a query asks for; nothing where it does not say.
inline std::optional<std::size_t> page_size(std::string_view query) {
  const PageSizeAt at = find_page_size(query);
  if (at.begin == std::string_view::npos) return std::nullopt;
  const std::string_view digits = query.substr(at.begin, at.size);
  std::size_t rows = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), rows);
  return error == std::errc() ? std::optional(rows) : std::nullopt;
}

/// The query for so many rows; as it is where it says nothing of them.
inline std::string with_page_size(std::string query, std::size_t rows) {
  const PageSizeAt at = find_page_size(query);
  if (at.begin == std::string_view::npos) return query;
  return query.replace(at.begin, at.size, std::to_string(rows));
}

}  // namespace source_sentry
