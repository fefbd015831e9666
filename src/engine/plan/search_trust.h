#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace source_sentry {

/// What the partitions of a stream have found out, together and in this run, about the searches of
/// each of their routes: a search that has found something anywhere is understood. Thread-safe.
class SearchTrust {
 public:
  bool understood(std::size_t route) const { return (understood_ & bit(route)) != 0; }
  bool in_vain(std::size_t route) const {
    return (in_vain_ & bit(route)) != 0 && !understood(route);
  }
  /// Whether the route refuses every request: the server does not know it, or its parameters.
  bool refused(std::size_t route) const { return (refused_ & bit(route)) != 0; }
  void note_found(std::size_t route) { understood_ |= bit(route); }
  void note_in_vain(std::size_t route) { in_vain_ |= bit(route); }
  void note_refused(std::size_t route) { refused_ |= bit(route); }

 private:
  static std::uint32_t bit(std::size_t route) { return std::uint32_t{1} << route; }

  std::atomic<std::uint32_t> understood_{0};
  std::atomic<std::uint32_t> in_vain_{0};
  std::atomic<std::uint32_t> refused_{0};
};

}  // namespace source_sentry
