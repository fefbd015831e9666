#include "http/rate_headers.h"

#include <charconv>
#include <string_view>

namespace source_sentry {
namespace {

using std::chrono::seconds;

/// Waits up to this long are honoured: a reset further away is a broken clock.
constexpr seconds kLongestWait = std::chrono::hours(24);

std::optional<long> number(std::optional<std::string_view> text) {
  if (!text) return std::nullopt;
  long value = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (error != std::errc() || end == text->data()) return std::nullopt;
  // "1.5" and the like: the whole part will do.
  if (end != text->data() + text->size() && *end != '.') return std::nullopt;
  // Larger ones are nonsense: as seconds they would overflow a Duration.
  constexpr long kMost = 1'000'000'000'000;
  if (value > kMost || value < -kMost) return std::nullopt;
  return value;
}

std::optional<Duration> sane(Duration wait) {
  if (wait <= Duration::zero() || wait > kLongestWait) return std::nullopt;
  return wait;
}

/// The number that starts at `at`.
std::optional<long> number_after(std::string_view text, std::size_t at) {
  const std::size_t first = text.find_first_of("0123456789", at);
  if (first != at) return std::nullopt;
  const std::size_t end = text.find_first_not_of("0123456789", first);
  return number(text.substr(first, end == std::string_view::npos ? end : end - first));
}

}  // namespace

RateHeaders read_rate_headers(const Response& response) {
  RateHeaders rate;
  rate.limit = number(response.header("x-sentry-rate-limit-limit"));
  if (rate.limit && *rate.limit <= 0) rate.limit.reset();
  rate.remaining = number(response.header("x-sentry-rate-limit-remaining"));
  // Present but empty, or "None", on routes that have no such limit.
  const auto concurrent = number(response.header("x-sentry-rate-limit-concurrentlimit"));
  if (concurrent && *concurrent > 0) rate.concurrent_limit = static_cast<std::size_t>(*concurrent);
  const auto free = number(response.header("x-sentry-rate-limit-concurrentremaining"));
  if (free && *free >= 0) rate.concurrent_remaining = static_cast<std::size_t>(*free);
  const auto reset = number(response.header("x-sentry-rate-limit-reset"));
  const auto now = response.server_time();
  if (reset && now) rate.reset_in = sane(Instant(seconds(*reset)) - *now);
  if (rate.reset_in) rate.reset_at = Instant(seconds(*reset));
  return rate;
}

std::optional<Duration> retry_after(const Response& response) {
  const auto header = response.header("retry-after");
  if (!header) return std::nullopt;
  if (const auto count = number(header)) return sane(seconds(*count));
  const auto date = parse_http_date(*header);
  const auto now = response.server_time();
  return date && now ? sane(*date - *now) : std::nullopt;
}

std::optional<Duration> rate_limit_wait(const Response& response) {
  const RateHeaders rate = read_rate_headers(response);
  // With requests left in the window, too many run at a time, and that passes sooner.
  if (rate.remaining && *rate.remaining > 0) return retry_after(response);
  if (rate.reset_in) return rate.reset_in;
  if (const auto after = retry_after(response)) return after;
  const auto limit = limit_in_text(response);
  return limit ? std::optional(limit->window) : std::nullopt;
}

std::optional<RateLimit> limit_in_text(const Response& response) {
  constexpr std::string_view kStart = "Limit is ";
  constexpr std::string_view kToday = " requests in ";
  if (response.status != 429) return std::nullopt;
  const std::string_view body = response.body;
  const std::size_t start = body.find(kStart);
  if (start == std::string_view::npos) return std::nullopt;
  const std::size_t at = start + kStart.size();
  const auto requests = number_after(body, at);
  const std::size_t end = body.find_first_not_of("0123456789", at);
  if (!requests || *requests <= 0 || end == std::string_view::npos) return std::nullopt;
  const std::string_view rest = body.substr(end);
  const std::size_t skip = rest.starts_with(kToday) ? kToday.size() : rest.starts_with('/') ? 1 : 0;
  const auto window = skip > 0 ? number_after(rest, skip) : std::nullopt;
  const auto length = window ? sane(seconds(*window)) : std::nullopt;
  if (!length) return std::nullopt;
  return RateLimit{*requests, *length, 0};
}

}  // namespace source_sentry
