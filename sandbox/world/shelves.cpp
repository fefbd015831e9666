#include "sandbox/world/shelves.h"

#include <algorithm>

namespace sandbox {

void Shelves::change(std::string_view shelf, std::string_view owner, std::string_view id,
                     std::string row) {
  auto& list = changes_[{std::string(shelf), std::string(owner)}];
  const auto found =
      std::find_if(list.begin(), list.end(), [&](const Change& one) { return one.id == id; });
  if (found == list.end()) {
    list.push_back({std::string(id), std::move(row)});
  } else {
    found->row = std::move(row);
  }
}

std::span<const Shelves::Change> Shelves::changes(std::string_view shelf,
                                                  std::string_view owner) const {
  if (changes_.empty()) return {};  // as it nearly always is, for a hundred thousand owners
  const auto found = changes_.find({std::string(shelf), std::string(owner)});
  if (found == changes_.end()) return {};
  return found->second;
}

}  // namespace sandbox
