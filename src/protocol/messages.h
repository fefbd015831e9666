#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/time.h"

namespace source_sentry {

/// The lines of the Airbyte protocol (airbyte_protocol.yaml, 0.18). Each function returns one whole
/// line with its newline. Pure functions; texts are expected to be free of secrets already.

enum class LogLevel { kFatal, kError, kWarn, kInfo, kDebug, kTrace };

enum class StreamStatus { kStarted, kRunning, kComplete, kIncomplete };

std::string spec_line(std::string_view spec_json);
std::string connection_status_line(bool succeeded, std::string_view message);
std::string catalog_line(const nlohmann::ordered_json& streams);
std::string log_line(LogLevel level, std::string_view message);

/// A TRACE ERROR; with `stream` it is that stream's, otherwise the whole run's.
std::string error_line(const ConnectorError& error, std::string_view stream, Instant now);

std::string stream_status_line(std::string_view stream, StreamStatus status, Instant now);

/// RUNNING with the only reason that the platform shows, RATE_LIMITED until `quota_reset`.
std::string rate_limited_line(std::string_view stream, Instant quota_reset, Instant now);

/// `record_count`: the stream's records since its previous STATE; the platform compares it with its
/// own count.
std::string state_line(std::string_view stream, const nlohmann::ordered_json& state,
                       std::uint64_t record_count);

/// The constant head and tail of a stream's RECORD lines; the record's own bytes go between. The
/// tail ends in the newline.
std::string record_head(std::string_view stream);
std::string record_tail(Instant emitted_at);

}  // namespace source_sentry
