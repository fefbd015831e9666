#pragma once

#include <string_view>

#include "sandbox/api/route.h"
#include "sandbox/shelves/shelf.h"

namespace sandbox {

/// How one route shows a shelf, beyond what all routes have.
struct ShelfList {
  std::string_view shelf = {};    ///< none where the handler is another
  std::string_view wrapper = {};  ///< the member of an object that the list is
  std::string_view extra = {};    ///< that object's other members, as JSON
  std::string_view window =
      {};                    ///< the member that start and end are compared with, both inclusive
  bool both_ends = false;    ///< start without end, or the reverse, is 500 instead of 400
  bool by_project = false;   ///< takes `project`; without, only projects one is a member of count
  bool hits = false;         ///< says X-Hits
  bool shuffles = false;     ///< nothing settles the order, unless `sort` does
  bool is_document = false;  ///< the only row, not a list
  std::string_view owner = {};  ///< the parameter that names the owner, if the path does not
  std::string_view none = {};   ///< the answer in place of an empty list
  bool needs_user = false;      ///< an organization token gets 401 and no body
  bool on_glitchtip = false;    ///< GlitchTip has it too
  std::size_t full_size = 0;    ///< most rows of a page unless `full` is false; 0 for no difference
  std::string_view sort = {};   ///< the parameter that names an order
  std::string_view sorts = {};  ///< what it may name, a space between; others are refused
  /// Other filters, and refusals, before the page is cut.
  void (*select)(const Call& call, Rows& rows) = nullptr;
  /// Rows of the page to leave out after all.
  bool (*shown)(const Call& call, const Row& row) = nullptr;
  /// What a request can add to a row or take away.
  void (*dress)(const Call& call, Row& row) = nullptr;
};

/// The handler of all of them.
Answer list_shelf(const Call& call);

/// Whether a route is closed to tokens that stand for no user.
bool needs_user(const RouteSpec& route);

Scene scene_of(const Call& call);

/// The owner that the path names, in whatever organization if it names none. Throws Refusal.
ShelfOwner owner_in(const Call& call, OwnerKind kind);

}  // namespace sandbox
