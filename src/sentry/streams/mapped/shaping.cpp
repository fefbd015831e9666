#include "sentry/streams/mapped/shaping.h"

#include <spdlog/spdlog.h>

#include <atomic>
#include <mutex>
#include <utility>
#include <vector>

#include "mapping/jq/watchdog.h"
#include "mapping/shape/shaper.h"

namespace source_sentry {
namespace {

/// After so many records of one thread, of which nothing came out, and nothing of any other thread,
/// it is not waited for the end to say that an expression never works. One project's records may
/// all be alike.
constexpr std::uint64_t kHopeless = 1000;

/// One thread's, with the programs that it has compiled.
class LentShaper final : public RecordShaper {
 public:
  /// `works`: whether any thread has made a record; it outlives this.
  LentShaper(const std::shared_ptr<const MappedStream>& stream, std::shared_ptr<JqWork> work,
             std::atomic<bool>& works, const std::vector<std::string>& marker_key)
      : programs_(std::move(work)), shaper_(stream, programs_, marker_key), works_(works) {
    check_expressions(*stream, programs_);
  }

  void shape(std::string_view record, std::string_view id, const Sink& sink) override {
    shaper_.shape(record, id, sink);
    const MappingCounts& counts = shaper_.counts();
    if (counts.written > 0 && !works_) works_ = true;
    if (counts.records % kHopeless != 0 || works_) return;
    const auto why = counts.never_works(shaper_.stream().name, false);
    if (why) throw ConnectorError(FailureKind::kConfig, *why);
  }

  void shape_gone(std::string_view record, const Sink& sink) override {
    shaper_.shape_gone(record, sink);
  }

  std::uint64_t left_out() const override { return shaper_.counts().left_out; }

  const MappingCounts& counts() const { return shaper_.counts(); }

 private:
  JqPrograms programs_;
  Shaper shaper_;
  std::atomic<bool>& works_;
};

class MappedShaping final : public RecordShaping {
 public:
  MappedShaping(std::shared_ptr<const MappedStream> stream, const StuckListener& stuck,
                std::vector<std::string> marker_key)
      : stream_(std::move(stream)), marker_key_(std::move(marker_key)) {
    if (stuck) watchdog_ = watchdog_of(stream_, stuck);
  }

  std::shared_ptr<RecordShaper> lend() override {
    std::unique_ptr<LentShaper> shaper;
    {
      const std::scoped_lock lock(mutex_);
      if (!idle_.empty()) {
        shaper = std::move(idle_.back());
        idle_.pop_back();
      }
    }
    if (!shaper) {
      shaper = std::make_unique<LentShaper>(stream_, watchdog_ ? watchdog_->watch() : nullptr,
                                            works_, marker_key_);
    }
    return {shaper.release(), [this](RecordShaper* lent) {
              const std::scoped_lock lock(mutex_);
              idle_.emplace_back(static_cast<LentShaper*>(lent));
            }};
  }

  std::optional<ConnectorError> end() override {
    const MappingCounts counts = sum();
    for (const std::string& warning : counts.warnings(stream_->name)) spdlog::warn("{}", warning);
    if (counts.none_selected()) {
      spdlog::info("0 of {} records are selected by {}.", with_commas(counts.records),
                   stream_->name);
    }
    const auto why = counts.never_works(stream_->name, true);
    if (!why) return std::nullopt;
    return ConnectorError(FailureKind::kConfig, *why);
  }

 private:
  MappingCounts sum() {
    const std::scoped_lock lock(mutex_);
    MappingCounts all;
    for (const auto& shaper : idle_) all.add(shaper->counts());
    return all;
  }

  const std::shared_ptr<const MappedStream> stream_;
  const std::vector<std::string> marker_key_;
  std::unique_ptr<JqWatchdog> watchdog_;
  std::atomic<bool> works_ = false;
  std::mutex mutex_;
  std::vector<std::unique_ptr<LentShaper>> idle_;
};

}  // namespace

std::unique_ptr<JqWatchdog> watchdog_of(const std::shared_ptr<const MappedStream>& stream,
                                        const StuckListener& stuck) {
  return std::make_unique<JqWatchdog>([stream, stuck](const StuckWork& work) {
    std::string what;
    for_each_expression(*stream, [&](const Expression& expression, const std::string& of) {
      if (expression.text() == work.expression && (what.empty() || what != of))
        what.append(what.empty() ? "" : " and ").append(of);
    });
    stuck(stream->name, work.message(what));
  });
}

std::shared_ptr<RecordShaping> shaping_of(std::shared_ptr<const MappedStream> stream,
                                          const StuckListener& stuck,
                                          std::vector<std::string> marker_key) {
  prepare_jq_for_threads();
  return std::make_shared<MappedShaping>(std::move(stream), stuck, std::move(marker_key));
}

}  // namespace source_sentry
