#include "app/terminal/board.h"

#include <limits>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/text.h"

namespace source_sentry {
namespace {

using Phase = StreamFigures::Phase;

/// Stands for no time.
constexpr Duration::rep kNever = std::numeric_limits<Duration::rep>::min();

std::optional<Instant> instant_of(Duration::rep value) {
  if (value == kNever) return std::nullopt;
  return Instant(Duration(value));
}

Duration::rep ticks_of(Instant when) { return when.time_since_epoch().count(); }

}  // namespace

/// One stream's numbers. Each stands for itself, so none of them needs a lock.
struct Board::Meter {
  std::string name;
  std::weak_ptr<StreamSink> sink;
  std::atomic<Phase> phase = Phase::kWaiting;
  std::atomic<std::uint64_t> records = 0;
  std::atomic<std::uint64_t> bytes = 0;
  std::atomic<Duration::rep> began = kNever;  // by the steady clock
  std::atomic<Duration::rep> ended = kNever;
  std::atomic<double> part = -1;
  std::atomic<Duration::rep> at = kNever;
  std::atomic<Duration::rep> held_until = kNever;
  std::atomic<Duration::rep> asks_again = kNever;
};

/// Passes everything on.
class Board::Sink final : public StreamSink {
 public:
  Sink(std::shared_ptr<StreamSink> inner, std::shared_ptr<Meter> meter)
      : inner_(std::move(inner)), meter_(std::move(meter)) {}

  const std::string& stream() const override { return inner_->stream(); }
  Clock& clock() const override { return inner_->clock(); }
  std::string head() const override { return inner_->head(); }
  std::string tail() const override { return inner_->tail(); }

  void started() override {
    meter_->began = ticks_of(clock().steady_now());
    inner_->started();
    meter_->phase = Phase::kReading;
  }

  void records(std::span<const std::string_view> pieces, std::uint64_t count) override {
    inner_->records(pieces, count);
    const Written written = inner_->written();
    meter_->records = written.records;
    meter_->bytes = written.bytes;
  }

  void left_out(std::uint64_t count) override { inner_->left_out(count); }
  void state(nlohmann::ordered_json state) override { inner_->state(std::move(state)); }

  void rate_limited(Instant until) override {
    meter_->held_until = ticks_of(until);
    inner_->rate_limited(until);
  }

  void running_again() override {
    meter_->held_until = kNever;
    inner_->running_again();
  }

  void asks_again(Instant when) override {
    meter_->asks_again = ticks_of(when);
    inner_->asks_again(when);
  }

  void reached(const Reach& reach) override {
    meter_->part = reach.part;
    if (reach.at) meter_->at = ticks_of(*reach.at);
    inner_->reached(reach);
  }

  void beat_if_silent(Duration span) override { inner_->beat_if_silent(span); }
  void error(const ConnectorError& error) override { inner_->error(error); }

  void complete(nlohmann::ordered_json state) override {
    inner_->complete(std::move(state));
    end(Phase::kComplete);
  }

  void incomplete(nlohmann::ordered_json state) override {
    inner_->incomplete(std::move(state));
    end(Phase::kIncomplete);
  }

  void break_off() override { inner_->break_off(); }
  Written written() const override { return inner_->written(); }

 private:
  void end(Phase phase) {
    meter_->ended = ticks_of(clock().steady_now());
    meter_->phase = phase;
  }

  const std::shared_ptr<StreamSink> inner_;
  const std::shared_ptr<Meter> meter_;
};

OpenSink Board::watch(OpenSink open) {
  return [this, open = std::move(open)](const std::string& stream, nlohmann::ordered_json state) {
    std::shared_ptr<StreamSink> inner = open(stream, std::move(state));
    auto meter = std::make_shared<Meter>();
    meter->sink = inner;
    meter->name = without_controls(stream);
    {
      const std::scoped_lock lock(mutex_);
      meters_.push_back(meter);
    }
    return std::make_unique<Sink>(std::move(inner), std::move(meter));
  };
}

void Board::break_off(const std::string& stream, const ConnectorError& why) {
  std::vector<std::shared_ptr<StreamSink>> reading;
  {
    const std::scoped_lock lock(mutex_);
    for (const auto& meter : meters_) {
      auto sink = meter->phase == Phase::kReading ? meter->sink.lock() : nullptr;
      if (sink) reading.push_back(std::move(sink));
    }
  }
  for (const auto& sink : reading) {
    if (sink->stream() == stream) sink->error(why);
  }
  for (const auto& sink : reading) sink->break_off();
}

std::vector<StreamFigures> Board::figures() const {
  const Instant now = clock_.steady_now();
  std::vector<StreamFigures> all;
  const std::scoped_lock lock(mutex_);
  for (const auto& meter : meters_) {
    StreamFigures figures;
    figures.name = meter->name;
    figures.phase = meter->phase;
    figures.records = meter->records;
    figures.bytes = meter->bytes;
    if (const auto began = instant_of(meter->began)) {
      figures.time = instant_of(meter->ended).value_or(now) - *began;
    }
    if (const double part = meter->part; part >= 0) figures.part = part;
    figures.at = instant_of(meter->at);
    figures.held_until = instant_of(meter->held_until);
    figures.asks_again = instant_of(meter->asks_again);
    all.push_back(std::move(figures));
  }
  return all;
}

}  // namespace source_sentry
