#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "engine/fetch/route.h"
#include "engine/state/checkpoint.h"
#include "http/causes.h"

namespace source_sentry {

/// The holes of a partition: what could not be read of it while the rest could. Each is logged as a
/// warning when it is met, and the error that the partition ends with names them all. Keeps the
/// state from before the first hole, because the next run must begin there. Not thread-safe.
///
/// `before` is how far the partition was written when the hole was met. The functions that add a
/// failure throw `error()` after so many failures in a row that the server must be down.
class Holes {
 public:
  /// `name`: the partition's, for people.
  explicit Holes(std::string name) : name_(std::move(name)) {}

  /// The causes that the run has logged already; their messages are not repeated. Must outlive
  /// this.
  void share(Causes& causes) { causes_ = &causes; }

  /// A window that cannot be read. `narrowed`: no smaller one can be asked for, so its neighbours
  /// may be fine, and it counts as fewer failures. If it begins where the last one ends, both
  /// become one.
  void add_window(const Window& window, const ConnectorError& why, const Checkpoint& before,
                  bool narrowed = false);

  /// A request failed, and the caller asks for less next.
  void failed_once(const ConnectorError& why);

  /// The server is known to be down: throws `error()`.
  [[noreturn]] void give_up(const ConnectorError& why);

  /// How many failures there were since something was read.
  int failures_in_a_row() const { return in_a_row_; }

  /// A record that cannot be read; `id` names it.
  void add_record(std::string_view id, const ConnectorError& why, const Checkpoint& before);

  /// The same for a record that the server refuses while it gives others. It is not down then, so
  /// this does not count as a failure. Throws nothing.
  void add_refused_record(std::string_view id, const ConnectorError& why, const Checkpoint& before);

  /// A list of children that could not be read to its end; `what` names it. `refused`: the server
  /// refuses it while it gives others, which does not count as a failure. `before` may be null:
  /// the state remembers which lists are yet to be read, and need not stay behind for this one.
  void add_list(const std::string& what, const ConnectorError& why, const Checkpoint* before,
                bool refused);

  /// A row that the server cannot list while it lists its neighbours; `where` names it. Does
  /// nothing if an earlier pass through the list has added it. Throws nothing.
  void add_row(const std::string& where, const ConnectorError& why, const Checkpoint& before);

  /// Entries of a page that are not records. `window`: the one that the page belongs to, or null.
  /// Throws nothing.
  void add_entries(std::size_t count, const Window* window, const Checkpoint& before);

  /// Everything is read again: forgets the holes.
  void forget();

  /// Something was read without a failure.
  void went_well() { in_a_row_ = 0; }

  /// Whether there were so many failures in a row that the server must be down.
  bool given_up() const;

  bool empty() const { return !before_ && lists_.empty(); }

  /// The state from before the first hole; nothing when there is none that it must stay behind.
  const std::optional<Checkpoint>& before() const { return before_; }

  /// The error that the partition ends with: why, and what is missing, at bounded length.
  ConnectorError error() const;

 private:
  void add(const Checkpoint& before);
  void tell_record(std::string_view id, const ConnectorError& why, const Checkpoint& before);
  void failed(const ConnectorError& why, int weight);
  std::string reason(const ConnectorError& why) const;

  std::string name_;
  Causes* causes_ = nullptr;
  std::optional<Checkpoint> before_;
  std::vector<Window> windows_;
  std::vector<std::string> rows_;
  std::vector<std::string> lists_;
  std::size_t records_ = 0;
  std::size_t entries_ = 0;
  std::string entries_at_;  // where the first of them were
  std::optional<ConnectorError> why_;
  int in_a_row_ = 0;
};

}  // namespace source_sentry
