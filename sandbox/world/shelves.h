#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sandbox {

/// What tests changed in the lists that are made on request (sandbox/shelves/): those lists are the
/// same whenever they are made, so only the changes are kept. A row is JSON text.
class Shelves {
 public:
  struct Change {
    std::string id;
    std::string row;  ///< empty where the row was taken away
  };

  /// The row with this id of one owner's list becomes `row`; empty takes it away.
  void change(std::string_view shelf, std::string_view owner, std::string_view id, std::string row);

  /// All changes of one owner's list, each id once.
  std::span<const Change> changes(std::string_view shelf, std::string_view owner) const;

 private:
  std::map<std::pair<std::string, std::string>, std::vector<Change>> changes_;
};

}  // namespace sandbox
