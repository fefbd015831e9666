#include "spool/spool_writer.h"

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>
#include <utility>
#include <vector>

#include "spool/frame.h"
#include "spool/spool_store.h"

namespace source_sentry {
namespace {

constexpr auto kLongestSleep = std::chrono::hours(1);  // old files go, also when nothing comes
// A frame that fits in here is one that a reader takes.
constexpr std::size_t kMostHeld = kMostPayload;
// What a delivery takes beside its bytes.
constexpr std::size_t kBeside = sizeof(Delivery) + sizeof(SpoolWriter::Done);

}  // namespace

/// The queue of what was handed over, and the thread that stores it: all that has come since the
/// last time, with one sync.
class SpoolWriter::Impl {
 public:
  Impl(std::filesystem::path folder, const SpoolLimits& limits, Clock& clock, SpoolDisk& disk)
      : store_(std::move(folder), limits, clock, disk),
        most_bytes_(limits.most_bytes),
        thread_([this](const std::stop_token& stop) { run(stop); }) {}

  void append(Delivery delivery, Done done) {
    if (const auto refused = take_in(delivery, done)) done(*refused);
  }

  const SpoolStore& store() const { return store_; }
  std::uint64_t most_bytes() const { return most_bytes_; }

 private:
  struct Queue {
    std::vector<Delivery> deliveries{};
    std::vector<Done> done{};
  };

  /// Leaves both as they are where it says a result.
  std::optional<Result> take_in(Delivery& delivery, Done& done) {
    if (!store_.works()) return Result::kFailed;
    const std::size_t bytes = frame_size(delivery) + kBeside;
    const std::scoped_lock lock(mutex_);
    if (held_ + bytes > kMostHeld) return Result::kFull;
    queue_.deliveries.push_back(std::move(delivery));
    queue_.done.push_back(std::move(done));
    held_ += bytes;
    changed_.notify_one();
    return std::nullopt;
  }

  void run(const std::stop_token& stop) {
    for (;;) {
      Queue queue;
      {
        std::unique_lock lock(mutex_);
        changed_.wait_for(lock, stop, kLongestSleep, [this] { return !queue_.done.empty(); });
        std::swap(queue, queue_);
      }
      if (queue.done.empty() && stop.stop_requested()) return;
      work(queue);
    }
  }

  void work(Queue& queue) {
    std::vector<Result> results(queue.done.size(), Result::kFailed);
    try {
      if (queue.done.empty()) store_.tidy();
      if (!queue.done.empty()) results = store_.store(queue.deliveries);
    } catch (const std::exception&) {  // memory has run out: what is in the file is unknown
      store_.give_up();
    }
    std::size_t bytes = 0;
    for (const Delivery& delivery : queue.deliveries) bytes += frame_size(delivery) + kBeside;
    queue.deliveries.clear();
    {
      const std::scoped_lock lock(mutex_);
      held_ -= bytes;
    }
    for (std::size_t i = 0; i < results.size(); ++i) queue.done[i](results[i]);
  }

  SpoolStore store_;
  const std::uint64_t most_bytes_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  Queue queue_;
  std::size_t held_ = 0;  // bytes of what is in the queue or under way
  std::jthread thread_;
};

SpoolWriter::SpoolWriter(std::filesystem::path folder, const SpoolLimits& limits, Clock& clock)
    : SpoolWriter(std::move(folder), limits, clock, system_disk()) {}
SpoolWriter::SpoolWriter(std::filesystem::path folder, const SpoolLimits& limits, Clock& clock,
                         SpoolDisk& disk)
    : impl_(std::make_unique<Impl>(std::move(folder), limits, clock, disk)) {}
SpoolWriter::~SpoolWriter() = default;

void SpoolWriter::append(Delivery delivery, Done done) {
  impl_->append(std::move(delivery), std::move(done));
}

double SpoolWriter::fill() const {
  const auto most = static_cast<double>(impl_->most_bytes());
  return most > 0 ? static_cast<double>(bytes()) / most : 1;
}
std::uint64_t SpoolWriter::bytes() const { return impl_->store().bytes(); }
bool SpoolWriter::works() const { return impl_->store().works(); }
Duration SpoolWriter::sync_time() const { return impl_->store().sync_time(); }

}  // namespace source_sentry
