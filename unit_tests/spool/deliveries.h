#pragma once

#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "fakes/fake_clock.h"
#include "spool/spool_reader.h"
#include "spool/spool_writer.h"

namespace source_sentry {

/// The id of the delivery with that number.
inline std::string id_of(std::uint64_t number) {
  const std::string digits = std::to_string(number);
  return std::string(32 - digits.size(), '0') + digits;
}

inline std::uint64_t number_of(const Delivery& delivery) { return std::stoull(delivery.id); }

inline Delivery numbered(std::uint64_t number, std::size_t body = 100, Instant at = kNow) {
  Delivery delivery{.id = id_of(number), .received_at = at, .endpoint = "main"};
  delivery.resource = "issue";
  delivery.body = std::string(body, static_cast<char>('a' + number % 26));
  return delivery;
}

inline bool same(const Delivery& a, const Delivery& b) {
  return a.id == b.id && a.kind == b.kind && a.received_at == b.received_at &&
         a.endpoint == b.endpoint && a.resource == b.resource && a.sent_at == b.sent_at &&
         a.request_id == b.request_id && a.body == b.body;
}

/// What became of deliveries, in the order of their ends.
class Results {
 public:
  using Result = SpoolWriter::Result;

  SpoolWriter::Done taker() {
    const std::scoped_lock lock(mutex_);
    ++expected_;
    return [this](Result result) {
      const std::scoped_lock until_added(mutex_);
      results_.push_back(result);
      changed_.notify_all();
    };
  }

  /// Waits until all are there.
  std::vector<Result> all() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return results_.size() == expected_; });
    return results_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Result> results_;
  std::size_t expected_ = 0;
};

/// Stores one delivery and says what became of it.
inline SpoolWriter::Result store(SpoolWriter& writer, Delivery delivery) {
  Results results;
  writer.append(std::move(delivery), results.taker());
  return results.all().front();
}

/// All that a reader gives.
inline std::vector<SpoolReader::Entry> all_of(SpoolReader& reader) {
  std::vector<SpoolReader::Entry> entries;
  while (auto entry = reader.next()) entries.push_back(std::move(*entry));
  return entries;
}

inline std::vector<std::uint64_t> numbers_in(const std::filesystem::path& folder,
                                             std::optional<SpoolPosition> from = {}) {
  SpoolReader reader(folder, from);
  std::vector<std::uint64_t> numbers;
  for (const auto& entry : all_of(reader)) numbers.push_back(number_of(entry.delivery));
  return numbers;
}

/// How many segments there are.
inline std::size_t segments_in(const std::filesystem::path& folder) {
  std::size_t count = 0;
  for (const auto& file : std::filesystem::directory_iterator(folder)) {
    count += file.path().extension() == ".log" ? 1 : 0;
  }
  return count;
}

}  // namespace source_sentry
