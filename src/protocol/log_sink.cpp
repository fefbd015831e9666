#include "protocol/log_sink.h"

#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/dup_filter_sink.h>
#include <spdlog/sinks/null_sink.h>
#include <spdlog/spdlog.h>

#include <chrono>
#include <memory>
#include <utility>

namespace source_sentry {
namespace {

LogLevel level_of(spdlog::level::level_enum level) {
  switch (level) {
    case spdlog::level::trace:
      return LogLevel::kTrace;
    case spdlog::level::debug:
      return LogLevel::kDebug;
    case spdlog::level::info:
      return LogLevel::kInfo;
    case spdlog::level::warn:
      return LogLevel::kWarn;
    case spdlog::level::critical:
      return LogLevel::kFatal;
    default:
      return LogLevel::kError;
  }
}

/// No mutex of its own: the emitter has one.
class EmitterSink final : public spdlog::sinks::base_sink<spdlog::details::null_mutex> {
 public:
  explicit EmitterSink(Emitter& emitter) : emitter_(emitter) {}

 protected:
  void sink_it_(const spdlog::details::log_msg& message) override {
    emitter_.log(level_of(message.level), {message.payload.data(), message.payload.size()});
  }
  void flush_() override {}

 private:
  Emitter& emitter_;
};

}  // namespace

LogToEmitter::LogToEmitter(Emitter& emitter, bool debug) {
  // Workers that meet the same trouble at the same time say it once.
  auto sink = std::make_shared<spdlog::sinks::dup_filter_sink_mt>(std::chrono::seconds(5));
  sink->add_sink(std::make_shared<EmitterSink>(emitter));
  auto logger = std::make_shared<spdlog::logger>("", std::move(sink));
  logger->set_level(debug ? spdlog::level::debug : spdlog::level::info);
  spdlog::set_default_logger(std::move(logger));
}

LogToEmitter::~LogToEmitter() {
  spdlog::set_default_logger(
      std::make_shared<spdlog::logger>("", std::make_shared<spdlog::sinks::null_sink_mt>()));
}

}  // namespace source_sentry
