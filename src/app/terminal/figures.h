#pragma once

#include <cstdint>
#include <string>

#include "base/time.h"

namespace source_sentry {

/// Numbers as people read them.

/// "12,300"
std::string grouped(std::uint64_t number);

/// "1 record", "12,300 records"
std::string records_text(std::uint64_t count);

/// "640 B", "15.2 MB": in thousands, as disks are sold.
std::string size_text(std::uint64_t bytes);

/// "8 s", "5 min", "3 h 20 min", "2 d 4 h"
std::string span_text(Duration span);

/// "12:03:20 UTC"
std::string hour_text(Instant when);

/// "2026-01-31 12:03"
std::string minute_text(Instant when);

}  // namespace source_sentry
