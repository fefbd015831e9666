#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/time.h"

namespace source_sentry {

/// What became of a webhook.
enum class WebhookResult {
  kStored,
  kDuplicate,  ///< its body was stored before
  kDropped,    ///< an error, for lack of room: told as taken
  kFull,       ///< refused, for lack of room
  kFailed,     ///< refused, since the disk has failed
  kLate,       ///< refused, since the disk has taken too long; it may be stored all the same
  kBadSignature,
  kBadJson,
  kMismatch,  ///< its header names another resource than its body
  kStale,     ///< its time is too far from ours
};

/// Counts what the receiver does. Thread-safe.
class ReceiverMetrics {
 public:
  static constexpr std::size_t kResults = 10;
  static constexpr std::size_t kResources = 13;
  static constexpr std::size_t kStatuses = 12;
  static constexpr std::size_t kBounds = 12;

  /// `resource`: as in a delivery; unknown ones are counted as one.
  void count(std::string_view resource, WebhookResult result);
  /// How long a webhook, once it was here, has waited for its 200.
  void count_ack(Duration span);
  /// One that was late was stored all the same.
  void count_late_store() { ++late_stores_; }
  /// A request was refused with that status before it was looked at as a webhook.
  void count_refusal(int status);
  /// Which header a good signature came in, see signature.h.
  void count_signature(std::string_view header);

  std::uint64_t count_of(WebhookResult result) const;

  /// All of it in Prometheus' text format.
  std::string text() const;

 private:
  using Counter = std::atomic<std::uint64_t>;

  std::array<std::array<Counter, kResults>, kResources> webhooks_{};
  std::array<Counter, kBounds> acks_{};  // by the first bound that they do not exceed
  Counter ack_microseconds_ = 0;
  Counter late_stores_ = 0;
  std::array<Counter, kStatuses> refusals_{};
  std::array<Counter, 3> signatures_{};
};

}  // namespace source_sentry
