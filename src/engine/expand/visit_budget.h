#pragma once

#include <cstdint>
#include <mutex>

namespace source_sentry {

/// How many requests a run of a stream may spend on lists of children, see ChildLists, and how many
/// rows it could not visit for that. All partitions of the stream share it. Thread-safe.
class VisitBudget {
 public:
  explicit VisitBudget(std::uint64_t requests) : requests_(requests) {}

  /// Takes the first request of a row's list. False once none is left, and from then on, whatever
  /// is given back: rows are visited in their order, none behind one that was not.
  bool begin_list();

  /// Takes a further request of a list that was begun: that is read to its end in any case.
  void go_on();

  /// The row was gone, so that the request has read nothing. Otherwise rows that stay listed and
  /// are gone might use up every run's budget.
  void give_back();

  /// So many rows of a partition wanted a visit and got none.
  void leave(std::uint64_t rows);

  std::uint64_t requests() const { return requests_; }  ///< as it began
  std::uint64_t rows_left() const;

 private:
  const std::uint64_t requests_;
  mutable std::mutex mutex_;
  std::uint64_t spent_ = 0;
  bool used_up_ = false;
  std::uint64_t rows_left_ = 0;
};

}  // namespace source_sentry
