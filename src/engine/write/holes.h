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

/// What could not be read of a partition while the rest of it could: each hole is told in a warning
/// as it is met, and all of them in the error that the partition ends with. The state from before
/// the first hole is kept here, for the next run is to begin there.
///
/// `before` is how far the partition was written when the hole was met. What adds a failure throws
/// `error()` when so much failed in a row that the server must be taken as dead.
class Holes {
 public:
  /// `name`: the partition's, for people.
  explicit Holes(std::string name) : name_(std::move(name)) {}

  /// What others have told of the same run, whose words are not told again. It must outlive this.
  void share(Causes& causes) { causes_ = &causes; }

  /// A window that failed for good. `narrowed`: no smaller one can be asked for, and its
  /// neighbours may be fine; one that follows another makes it longer.
  void add_window(const Window& window, const ConnectorError& why, const Checkpoint& before,
                  bool narrowed = false);

  /// A request failed, and less is asked for next.
  void failed_once(const ConnectorError& why);

  /// The server is seen to be down: throws `error()`.
  [[noreturn]] void give_up(const ConnectorError& why);

  /// How much failed since something was read.
  int failures_in_a_row() const { return in_a_row_; }

  /// A record that could not be made; `id` names it.
  void add_record(std::string_view id, const ConnectorError& why, const Checkpoint& before);

  /// The same for one that the server refuses while it gives others: it is not down.
  void add_refused_record(std::string_view id, const ConnectorError& why, const Checkpoint& before);

  /// A row that the server cannot list, while it lists others beside it; `where` names it. One
  /// that was told already, by an earlier pass through the list, is not told again.
  void add_row(const std::string& where, const ConnectorError& why, const Checkpoint& before);

  /// Entries of a page that are no records. `window` is where they were met; null without one.
  void add_entries(std::size_t count, const Window* window, const Checkpoint& before);

  /// All is read again: there are none any more.
  void forget();

  /// Something was read without a failure.
  void went_well() { in_a_row_ = 0; }

  /// So much failed in a row that the server must be down.
  bool given_up() const;

  bool empty() const { return !before_; }

  /// The state from before the first hole; nothing when there is none.
  const std::optional<Checkpoint>& before() const { return before_; }

  /// What the partition's user is told in the end: why, and what is missing, at bounded length.
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
  std::size_t records_ = 0;
  std::size_t entries_ = 0;
  std::string entries_at_;  // where the first of them were
  std::optional<ConnectorError> why_;
  int in_a_row_ = 0;
};

}  // namespace source_sentry
