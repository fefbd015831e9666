#include "http/rate_headers.h"

#include <charconv>
#include <string_view>

namespace source_sentry {
namespace {

using std::chrono::seconds;

/// Waits are honoured however long they are, up to this: a reset further away is a broken clock.
constexpr seconds kLongestWait = std::chrono::hours(24);

std::optional<long> number(std::optional<std::string_view> text) {
  if (!text) return std::nullopt;
  long value = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (error != std::errc() || end == text->data()) return std::nullopt;
  // "1.5" and the like: the whole part will do.
  if (end != text->data() + text->size() && *end != '.') return std::nullopt;
  return value;
}

std::optional<Duration> sane(Duration wait) {
  if (wait <= Duration::zero() || wait > kLongestWait) return std::nullopt;
  return wait;
}

std::optional<Duration> retry_after(const Response& response) {
  const auto header = response.header("retry-after");
  if (!header) return std::nullopt;
  if (const auto count = number(header)) return sane(seconds(*count));
  const auto date = parse_http_date(*header);
  const auto now = response.server_time();
  return date && now ? sane(*date - *now) : std::nullopt;
}

/// The number that starts at `at`.
std::optional<long> number_after(std::string_view text, std::size_t at) {
  const std::size_t first = text.find_first_of("0123456789", at);
  if (first != at) return std::nullopt;
  const std::size_t end = text.find_first_not_of("0123456789", first);
  return number(text.substr(first, end == std::string_view::npos ? end : end - first));
}

std::optional<Duration> window_in_text(std::string_view body) {
  constexpr std::string_view kToday = " requests in ";
  constexpr std::string_view kOld = "Limit is ";
  if (const std::size_t at = body.find(kToday); at != std::string_view::npos) {
    if (const auto count = number_after(body, at + kToday.size())) return sane(seconds(*count));
  }
  if (const std::size_t at = body.find(kOld); at != std::string_view::npos) {
    const std::size_t slash = body.find('/', at);
    if (slash != std::string_view::npos) {
      if (const auto count = number_after(body, slash + 1)) return sane(seconds(*count));
    }
  }
  return std::nullopt;
}

}  // namespace

RateHeaders read_rate_headers(const Response& response) {
  RateHeaders rate;
  rate.remaining = number(response.header("x-sentry-rate-limit-remaining"));
  const auto reset = number(response.header("x-sentry-rate-limit-reset"));
  const auto now = response.server_time();
  if (reset && now) rate.reset_in = sane(Instant(seconds(*reset)) - *now);
  return rate;
}

std::optional<Duration> rate_limit_wait(const Response& response) {
  if (const auto reset = read_rate_headers(response).reset_in) return reset;
  if (const auto after = retry_after(response)) return after;
  return window_in_text(response.body);
}

}  // namespace source_sentry
