#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/expand/visit_budget.h"
#include "engine/fetch/fetcher.h"
#include "engine/fetch/page_walk.h"
#include "engine/fetch/route.h"
#include "json/record_splitter.h"

namespace source_sentry {

/// Goes through the lists that the rows of another list lead to, in the rows' order, each from its
/// first page to its last. The first pages of several are asked for side by side. A list that
/// changes while it is read may hide a row; what deletes one changes what its parent says of it, so
/// that the next run visits it again.
class ChildLists {
 public:
  /// The route of a row's list; nothing: it has none.
  using RouteOf = std::function<std::optional<Route>(const RecordView& row)>;

  /// How the reading of a list ended.
  struct End {
    std::string what{};                     ///< the list, for people; empty where there is none
    std::optional<ConnectorError> error{};  ///< why it was not read to its end
    bool gone = false;                      ///< what it belongs to, since it was listed
    bool refused = false;                   ///< perhaps this list alone
    bool not_offered = false;               ///< the server has no such lists
    bool left = false;                      ///< it was not begun: the budget is used up
  };

  /// Takes what is read. The views live as long as the call.
  struct Taker {
    /// A page of the list of `row`, or a slice of one.
    std::function<void(const RecordView& row, const Route& route, const RecordPage& page)> page;
    /// See PageWalk::step_over_rows.
    PageWalk::RowLoss lost_row;
    /// Follows the last page, also where there was none.
    std::function<void(const RecordView& row, const End& end)> end;
  };

  /// Which of several ways the server has, for all rows of a list.
  struct Choice {
    std::size_t way = 0;
    std::optional<std::size_t> answered{};  ///< the one by which a list was read last
  };

  /// Ways to a row's list, the preferred one first: a further one is for servers that do not offer
  /// those before it.
  struct Ways {
    std::vector<RouteOf> routes;
    Choice& choice;  ///< outlives the lists
  };

  /// What its requests are taken from.
  struct Spending {
    VisitBudget* budget = nullptr;  ///< null: they are free
    bool in_any_case = false;       ///< also beyond the budget
  };

  /// `shape`: of the lists' rows. All that it is given must outlive it. Where the fetcher has
  /// no source of clients, lists are asked for with it, one at a time, and it must have nothing
  /// under way.
  ChildLists(const RowShape& shape, Ways ways, Fetcher& fetcher, Spending spending);
  ~ChildLists();
  ChildLists(const ChildLists&) = delete;
  ChildLists& operator=(const ChildLists&) = delete;

  /// Throws Stopped, and what the taker throws.
  void run(const std::vector<RecordView>& rows, const Taker& taker);

 private:
  struct Lane;
  void begin(Lane& lane, const RecordView& row, const Taker& taker);
  void go_on() const;
  bool find_route(Lane& lane, const RecordView& row) const;
  void ask(Lane& lane, const Taker& taker);
  void read(Lane& lane, const RecordView& row, const Taker& taker);
  bool next_page(Lane& lane, End& end);
  bool has_another_way(const Lane& lane, const End& end);

  const RowShape& shape_;
  const Ways ways_;
  const Spending spending_;
  std::vector<std::unique_ptr<Fetcher>> companions_;
  std::vector<Lane> lanes_;
};

}  // namespace source_sentry
