#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "engine/route.h"

namespace source_sentry {

/// What could not be read of a partition while the rest of it could: each hole is told in a warning
/// as it is met, and all of them in the error that the partition ends with.
class Holes {
 public:
  /// `name`: the partition's, for people.
  explicit Holes(std::string name) : name_(std::move(name)) {}

  /// A window that failed for good.
  void add_window(const Window& window, const ConnectorError& why);

  /// A record that could not be made; `id` names it.
  void add_record(std::string_view id, const ConnectorError& why);

  /// Entries of a page that are no records. `window` is where they were met; null without one.
  void add_entries(std::size_t count, const Window* window);

  /// Something was read without a failure.
  void went_well() { in_a_row_ = 0; }

  /// So much failed in a row that the server must be taken as dead.
  bool given_up() const;

  bool empty() const { return windows_.empty() && records_ == 0 && entries_ == 0; }

  /// What the partition's user is told in the end: why, and what is missing, at bounded length.
  ConnectorError error() const;

 private:
  std::string name_;
  std::vector<Window> windows_;
  std::size_t records_ = 0;
  std::size_t entries_ = 0;
  std::string entries_at_;  // where the first of them were
  std::optional<ConnectorError> why_;
  int in_a_row_ = 0;
};

}  // namespace source_sentry
