#include "protocol/log_sink.h"

#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/dup_filter_sink.h>
#include <spdlog/spdlog.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <string>
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

}  // namespace

/// No mutex of its own: the emitter has one.
class LogToEmitter::Sink final : public spdlog::sinks::base_sink<spdlog::details::null_mutex> {
 public:
  explicit Sink(Emitter& emitter) : emitter_(&emitter) {}

  /// Drops what comes from now on.
  void close() { emitter_ = nullptr; }

 protected:
  void sink_it_(const spdlog::details::log_msg& message) override {
    Emitter* const emitter = emitter_;
    if (emitter == nullptr) return;
    emitter->log(level_of(message.level), {message.payload.data(), message.payload.size()});
  }
  void flush_() override {}

 private:
  std::atomic<Emitter*> emitter_;
};

LogToEmitter::LogToEmitter(Emitter& emitter, bool debug) : sink_(std::make_shared<Sink>(emitter)) {
  // Workers that meet the same trouble at the same time report it once.
  auto sink = std::make_shared<spdlog::sinks::dup_filter_sink_mt>(std::chrono::seconds(5));
  sink->add_sink(sink_);
  auto logger = std::make_shared<spdlog::logger>("", std::move(sink));
  logger->set_error_handler([](const std::string& why) {
    std::fprintf(stderr, "source-sentry: a message could not be logged (%s)\n", why.c_str());
  });
  logger->set_level(debug ? spdlog::level::debug : spdlog::level::info);
  spdlog::set_default_logger(std::move(logger));
}

/// Sets no other logger: that might take memory, which may be what has run out.
LogToEmitter::~LogToEmitter() { sink_->close(); }

}  // namespace source_sentry
