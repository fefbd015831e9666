#pragma once

#include <string>
#include <string_view>

#include "sandbox/shelves/shelf.h"

namespace sandbox {

/// Changes rows of shelves, and what their owners say about them.
class ShelfChanger {
 public:
  ShelfChanger(World& world, Instant now) : world_(world), now_(now) {}

  /// `{"shelf", "owner", "row"}` and `{"shelf", "owner", "id"}`. Gives the row's id. Throws
  /// std::invalid_argument, or what the JSON library throws.
  std::string put_row(Index organization, const nlohmann::json& value);
  std::string remove_row(Index organization, const nlohmann::json& value);

  /// One more note on an issue.
  void comment(Index issue);
  /// Notes what was done to an issue in the history of it.
  void record(Index issue, std::string_view type, Row data);
  /// A release was deployed once more.
  void count_deploys(Index release);

 private:
  /// One owner's list of a shelf.
  struct Place {
    const ShelfSpec& shelf;
    ShelfOwner owner;
  };

  Scene scene() const { return {world_, nowhere_, now_}; }
  Place place(Index organization, const nlohmann::json& value) const;
  Place place_of_issue(Index issue, std::string_view shelf) const;
  std::string added_id(Index issue, std::string_view shelf) const;
  Rows rows_at(const Place& there) const { return rows_of(scene(), there.shelf, there.owner); }
  void change_row(const Place& there, const Row& row);
  void count_again(const Place& there);

  World& world_;
  Instant now_;
  Addresses nowhere_;
};

}  // namespace sandbox
