#pragma once

#include <atomic>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "live/receive/webhook_receiver.h"

namespace source_sentry {

/// A spool in memory that ends as the test wants.
class FakeStore {
 public:
  std::atomic<SpoolWriter::Result> result = SpoolWriter::Result::kStored;
  std::atomic<double> fill = 0;
  std::atomic<bool> waits = false;  ///< nothing ends before finish()

  DeliveryStore store() {
    return {.append = [this](Delivery d, SpoolWriter::Done done) { append(std::move(d), done); },
            .fill = [this] { return fill.load(); }};
  }

  std::vector<Delivery> deliveries() {
    const std::scoped_lock lock(mutex_);
    return deliveries_;
  }

  /// Ends what waits.
  void finish() {
    std::vector<SpoolWriter::Done> waiting;
    {
      const std::scoped_lock lock(mutex_);
      waiting = std::exchange(waiting_, {});
    }
    for (const auto& done : waiting) done(result);
  }

 private:
  void append(Delivery delivery, const SpoolWriter::Done& done) {
    {
      const std::scoped_lock lock(mutex_);
      deliveries_.push_back(std::move(delivery));
      waiting_.push_back(done);
    }
    if (!waits) finish();
  }

  std::mutex mutex_;
  std::vector<Delivery> deliveries_;
  std::vector<SpoolWriter::Done> waiting_;
};

/// The lines that people would see.
class FakeLog {
 public:
  ReceiverLog log() {
    const auto keep = [this](const std::string& line) {
      const std::scoped_lock lock(mutex_);
      lines_.push_back(line);
    };
    return {.inform = keep, .warn = keep};
  }

  std::vector<std::string> lines() {
    const std::scoped_lock lock(mutex_);
    return lines_;
  }

  std::string text() {
    std::string text;
    for (const std::string& line : lines()) text += line + "\n";
    return text;
  }

 private:
  std::mutex mutex_;
  std::vector<std::string> lines_;
};

}  // namespace source_sentry
