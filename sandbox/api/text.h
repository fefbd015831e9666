#pragma once

#include <algorithm>
#include <string>
#include <string_view>

namespace sandbox {

/// `text` with ASCII letters in lower case; others stay, as in the event store's functions.
std::string lower(std::string_view text);

/// Whether `part` is in `text`, ASCII letters of either case being the same.
bool contains_ignoring_case(std::string_view text, std::string_view part);

/// Whether a list has this element.
template <typename List>
bool holds(const List& list, std::string_view value) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

}  // namespace sandbox
