#include "live/receive/metrics.h"

#include <algorithm>
#include <iterator>

#include "live/receive/signature.h"

namespace source_sentry {
namespace {

// Only these become labels: what a header says is anybody's invention. The last stands for the
// rest.
constexpr std::array<std::string_view, ReceiverMetrics::kResources> kResourceNames = {
    "issue",        "comment",        "error", "event_alert",      "metric_alert",
    "installation", "activity_alert", "seer",  "preprod_artifact", "service_hook",
    "legacy",       "none",           "other",
};
constexpr std::array<std::string_view, ReceiverMetrics::kResults> kResultNames = {
    "stored", "duplicate",     "dropped",  "full",     "failed",
    "late",   "bad_signature", "bad_json", "mismatch", "stale",
};
constexpr std::array<int, ReceiverMetrics::kStatuses> kStatusCodes = {400, 401, 404, 405, 408, 413,
                                                                      415, 417, 429, 431, 503, 0};
constexpr std::array<std::string_view, 3> kSignatureNames = {kHookSignature, kAppSignature,
                                                             kServiceHookSignatures.front()};
// In microseconds, with their texts; the last one is without end. Sentry waits for a second.
struct Bound {
  std::uint64_t most;
  std::string_view text;
};
constexpr std::array<Bound, ReceiverMetrics::kBounds> kAckBounds = {{
    {1'000, "0.001"},
    {2'500, "0.0025"},
    {5'000, "0.005"},
    {10'000, "0.01"},
    {25'000, "0.025"},
    {50'000, "0.05"},
    {100'000, "0.1"},
    {250'000, "0.25"},
    {500'000, "0.5"},
    {900'000, "0.9"},
    {1'000'000, "1"},
    {UINT64_MAX, "+Inf"},
}};

/// Where it is among them; their last one where it is not.
template <typename List, typename Value>
std::size_t place_in(const List& list, const Value& value) {
  const auto found = std::find(list.begin(), list.end(), value);
  return found == list.end() ? list.size() - 1
                             : static_cast<std::size_t>(std::distance(list.begin(), found));
}

/// The lines of one metric.
class Lines {
 public:
  Lines(std::string& text, std::string_view name, std::string_view type, std::string_view help)
      : text_(text), name_("source_sentry_" + std::string(name)) {
    text_.append("# HELP ").append(name_).append(" ").append(help).append("\n# TYPE ");
    text_.append(name_).append(" ").append(type).append("\n");
  }

  void add(std::string_view suffix, std::string_view labels, const std::string& value) {
    text_.append(name_).append(suffix).append(labels).append(" ").append(value).append("\n");
  }
  void add(std::uint64_t value) { add("", "", std::to_string(value)); }
  /// Zeroes are left out: most of them never become anything else.
  void add_if_any(const std::string& labels, std::uint64_t value) {
    if (value > 0) add("", labels, std::to_string(value));
  }

 private:
  std::string& text_;
  const std::string name_;
};

std::string label(std::string_view name, std::string_view value) {
  return std::string(name).append("=\"").append(value).append("\"");
}

}  // namespace

void ReceiverMetrics::count(std::string_view resource, WebhookResult result) {
  const std::size_t place = place_in(kResourceNames, resource.empty() ? "none" : resource);
  ++webhooks_[place][static_cast<std::size_t>(result)];
}

void ReceiverMetrics::count_ack(Duration span) {
  const auto taken = static_cast<std::uint64_t>(std::max<std::int64_t>(span.count(), 0));
  const auto bound = std::find_if(kAckBounds.begin(), kAckBounds.end(),
                                  [&](const Bound& b) { return taken <= b.most; });
  ++acks_[static_cast<std::size_t>(std::distance(kAckBounds.begin(), bound))];
  ack_microseconds_ += taken;
}

void ReceiverMetrics::count_refusal(int status) { ++refusals_[place_in(kStatusCodes, status)]; }

void ReceiverMetrics::count_signature(std::string_view header) {
  ++signatures_[place_in(kSignatureNames, header)];
}

std::uint64_t ReceiverMetrics::count_of(WebhookResult result) const {
  std::uint64_t count = 0;
  for (const auto& resource : webhooks_) count += resource[static_cast<std::size_t>(result)];
  return count;
}

std::string ReceiverMetrics::text() const {
  std::string text;
  Lines webhooks(text, "webhooks_total", "counter", "Webhooks by what became of them.");
  for (std::size_t i = 0; i < kResources; ++i) {
    for (std::size_t j = 0; j < kResults; ++j) {
      webhooks.add_if_any(
          "{" + label("resource", kResourceNames[i]) + "," + label("result", kResultNames[j]) + "}",
          webhooks_[i][j]);
    }
  }
  Lines acks(text, "ack_seconds", "histogram", "From a whole webhook to its 200.");
  std::uint64_t all = 0;
  for (std::size_t i = 0; i < kBounds; ++i) {
    all += acks_[i];
    acks.add("_bucket", "{" + label("le", kAckBounds[i].text) + "}", std::to_string(all));
  }
  acks.add("_sum", "", std::to_string(as_seconds(Duration(ack_microseconds_.load()))));
  acks.add("_count", "", std::to_string(all));
  Lines(text, "duplicates_total", "counter", "Webhooks whose body was stored before.")
      .add(count_of(WebhookResult::kDuplicate));
  Lines(text, "signature_failures_total", "counter", "Requests without a good signature.")
      .add(count_of(WebhookResult::kBadSignature));
  Lines(text, "late_stores_total", "counter", "Webhooks stored after a 503 was sent for them.")
      .add(late_stores_);
  Lines refusals(text, "refused_requests_total", "counter", "Requests that were no webhooks.");
  for (std::size_t i = 0; i < kStatuses; ++i) {
    const std::string status = kStatusCodes[i] == 0 ? "other" : std::to_string(kStatusCodes[i]);
    refusals.add_if_any("{" + label("status", status) + "}", refusals_[i]);
  }
  Lines signatures(text, "signatures_total", "counter", "Good signatures by their header.");
  for (std::size_t i = 0; i < kSignatureNames.size(); ++i) {
    signatures.add_if_any("{" + label("header", kSignatureNames[i]) + "}", signatures_[i]);
  }
  return text;
}

}  // namespace source_sentry
