#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace source_sentry {

/// A place in a spool: that of a delivery, or of the one after it. Later deliveries have greater
/// ones, also after a restart.
struct SpoolPosition {
  std::uint64_t segment = 0;
  std::uint64_t offset = 0;  ///< in bytes, in the segment's file

  // clang-tidy takes the 0 inside of it for a pointer.
  // NOLINTNEXTLINE(modernize-use-nullptr)
  friend auto operator<=>(const SpoolPosition&, const SpoolPosition&) = default;
};

/// "00000012-0000004096": such texts have the order of the positions.
std::string to_text(SpoolPosition position);

/// Reads that form; nothing where it is another.
std::optional<SpoolPosition> parse_position(std::string_view text);

}  // namespace source_sentry
