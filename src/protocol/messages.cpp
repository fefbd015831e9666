#include "protocol/messages.h"

#include <nlohmann/json.hpp>

namespace source_sentry {
namespace {

using OrderedJson = nlohmann::ordered_json;

/// Text from servers may hold broken UTF-8; a message must not fail because of it.
std::string line(const OrderedJson& message) {
  return message.dump(-1, ' ', false, OrderedJson::error_handler_t::replace) + "\n";
}

std::int64_t millis(Instant when) {
  return std::chrono::floor<std::chrono::milliseconds>(when).time_since_epoch().count();
}

const char* name_of(LogLevel level) {
  switch (level) {
    case LogLevel::kFatal:
      return "FATAL";
    case LogLevel::kError:
      return "ERROR";
    case LogLevel::kWarn:
      return "WARN";
    case LogLevel::kInfo:
      return "INFO";
    case LogLevel::kDebug:
      return "DEBUG";
    case LogLevel::kTrace:
      break;
  }
  return "TRACE";
}

const char* name_of(StreamStatus status) {
  switch (status) {
    case StreamStatus::kStarted:
      return "STARTED";
    case StreamStatus::kRunning:
      return "RUNNING";
    case StreamStatus::kComplete:
      return "COMPLETE";
    case StreamStatus::kIncomplete:
      break;
  }
  return "INCOMPLETE";
}

const char* name_of(FailureKind kind) {
  switch (kind) {
    case FailureKind::kConfig:
      return "config_error";
    case FailureKind::kTransient:
      return "transient_error";
    case FailureKind::kSystem:
      break;
  }
  return "system_error";
}

OrderedJson trace(const char* type, Instant now) {
  return {{"type", type}, {"emitted_at", millis(now)}};
}

std::string trace_line(OrderedJson trace) {
  return line({{"type", "TRACE"}, {"trace", std::move(trace)}});
}

OrderedJson status_trace(std::string_view stream, StreamStatus status, Instant now) {
  OrderedJson message = trace("STREAM_STATUS", now);
  message["stream_status"] = {{"stream_descriptor", {{"name", stream}}},
                              {"status", name_of(status)}};
  return message;
}

}  // namespace

std::string spec_line(std::string_view spec_json) {
  return line({{"type", "SPEC"}, {"spec", OrderedJson::parse(spec_json)}});
}

std::string connection_status_line(bool succeeded, std::string_view message) {
  OrderedJson status = {{"status", succeeded ? "SUCCEEDED" : "FAILED"}};
  if (!message.empty()) status["message"] = message;
  return line({{"type", "CONNECTION_STATUS"}, {"connectionStatus", std::move(status)}});
}

std::string catalog_line(const OrderedJson& streams) {
  return line({{"type", "CATALOG"}, {"catalog", {{"streams", streams}}}});
}

std::string log_line(LogLevel level, std::string_view message) {
  return line({{"type", "LOG"}, {"log", {{"level", name_of(level)}, {"message", message}}}});
}

std::string error_line(const ConnectorError& error, std::string_view stream, Instant now) {
  OrderedJson message = trace("ERROR", now);
  OrderedJson& body = message["error"];
  body["message"] = error.message();
  if (!error.detail().empty()) body["internal_message"] = error.detail();
  body["failure_type"] = name_of(error.kind());
  if (!stream.empty()) body["stream_descriptor"] = {{"name", stream}};
  return trace_line(std::move(message));
}

std::string stream_status_line(std::string_view stream, StreamStatus status, Instant now) {
  return trace_line(status_trace(stream, status, now));
}

std::string rate_limited_line(std::string_view stream, Instant quota_reset, Instant now) {
  OrderedJson message = status_trace(stream, StreamStatus::kRunning, now);
  message["stream_status"]["reasons"] = OrderedJson::array(
      {{{"type", "RATE_LIMITED"}, {"rate_limited", {{"quota_reset", millis(quota_reset)}}}}});
  return trace_line(std::move(message));
}

std::string state_line(std::string_view stream, const OrderedJson& state,
                       std::uint64_t record_count) {
  return line({{"type", "STATE"},
               {"state",
                {{"type", "STREAM"},
                 {"stream", {{"stream_descriptor", {{"name", stream}}}, {"stream_state", state}}},
                 // The protocol demands a double: 2.0, not 2.
                 {"sourceStats", {{"recordCount", static_cast<double>(record_count)}}}}}});
}

std::string record_head(std::string_view stream) {
  return R"({"type":"RECORD","record":{"stream":)" + OrderedJson(stream).dump() + R"(,"data":)";
}

std::string record_tail(Instant emitted_at) {
  return ",\"emitted_at\":" + std::to_string(millis(emitted_at)) + "}}\n";
}

}  // namespace source_sentry
