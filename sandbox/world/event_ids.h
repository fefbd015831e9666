#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sandbox {

/// The 128 bits of an event id. Ordered like its 32 hexadecimal digits.
struct EventId {
  std::uint64_t high = 0;
  std::uint64_t low = 0;

  bool operator==(const EventId& other) const { return high == other.high && low == other.low; }
  bool operator<(const EventId& other) const {
    return high != other.high ? high < other.high : low < other.low;
  }

  /// 32 lower-case hexadecimal digits, no dashes, as Sentry prints them.
  std::string text() const;
};

/// Event ids look like random version 4 UUIDs but are drawn from the seed and the event's serial
/// number, reversibly: a million ids need no table.
EventId event_id(std::uint64_t seed, std::uint32_t serial);

/// The serial number whose id this is; nothing when no serial of that seed has it.
std::optional<std::uint32_t> event_serial(std::uint64_t seed, const EventId& id);

/// Reads an id; dashes are allowed, since Sentry's lookups accept both forms.
std::optional<EventId> parse_event_id(std::string_view text);

}  // namespace sandbox
