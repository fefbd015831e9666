#pragma once

#include <filesystem>
#include <memory>
#include <optional>

#include "spool/delivery.h"
#include "spool/spool_position.h"

namespace source_sentry {

/// Reads deliveries in the order in which they came, also while they are written, by another
/// process or by this one. Not thread-safe.
class SpoolReader {
 public:
  struct Entry {
    SpoolPosition at;     ///< its own place
    SpoolPosition after;  ///< where reading resumes behind it
    Delivery delivery;
  };

  /// Begins at `from`, or at the oldest delivery that is kept. Throws a ConnectorError where the
  /// folder is not there or cannot be read.
  SpoolReader(std::filesystem::path folder, std::optional<SpoolPosition> from);
  ~SpoolReader();
  SpoolReader(SpoolReader&&) noexcept;
  SpoolReader& operator=(SpoolReader&&) noexcept;

  /// The next delivery; nothing where there is none yet: ask again later. Throws a ConnectorError
  /// where a file cannot be read. What is damaged is left out and counted, and reading goes on
  /// behind it.
  std::optional<Entry> next();

  /// Where the next call goes on.
  SpoolPosition position() const;

  /// Places where something was damaged, and left out.
  std::size_t damaged() const;
  /// Whether deliveries behind `from` are gone for their age.
  bool has_gap() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace source_sentry
