#include "sandbox/server/limits.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <vector>

#include "sandbox/render/json_writer.h"

namespace sandbox {
namespace {

/// Numbers between slashes; nothing when one of them is none.
std::optional<std::vector<std::uint32_t>> parse_numbers(std::string_view text) {
  std::vector<std::uint32_t> numbers;
  while (true) {
    const std::size_t slash = std::min(text.find('/'), text.size());
    std::uint32_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + slash, number);
    if (slash == 0 || error != std::errc() || end != text.data() + slash) return std::nullopt;
    numbers.push_back(number);
    if (slash == text.size()) return numbers;
    text.remove_prefix(slash + 1);
  }
}

const LimitRow& row_of(std::string_view group) {
  const auto table = limit_table();
  const auto found = std::find_if(table.begin(), table.end(),
                                  [&](const LimitRow& row) { return row.group == group; });
  return found == table.end() ? table.front() : *found;
}

}  // namespace

const Limit& LimitRow::of(IdentityKind kind) const {
  switch (kind) {
    case IdentityKind::kUser:
      return user;
    case IdentityKind::kOrganization:
      return organization;
    case IdentityKind::kIp:
      break;
  }
  return ip;
}

std::span<const LimitRow> limit_table() {
  // 40 a second and 25 at once is what sentry.io sent for the default group in 2026-08 (3.1); the
  // others have limits of their own in the source (3.3).
  static constexpr std::array<LimitRow, 13> kTable = {{
      {"default", {40, 1, 25}, {40, 1, 25}, {40, 1, 25}},
      {"project-events", {60, 60, 1}, {60, 60, 1}, {60, 60, 2}},
      {"explore", {30, 1, 15}, {30, 1, 15}, {30, 1, 15}},
      {"project-issues", {5, 1, 0}, {5, 1, 0}, {5, 1, 0}},
      {"issue-detail", {5, 1, 0}, {5, 1, 0}, {5, 1, 0}},
      {"project-keys", {40, 1, 0}, {40, 1, 0}, {40, 1, 0}},
      {"org-keys", {40, 1, 0}, {40, 1, 0}, {40, 1, 0}},
      {"members", {40, 1, 0}, {40, 1, 0}, {40, 1, 0}},
      {"repos", {40, 1, 0}, {40, 1, 0}, {40, 1, 0}},
      {"project-users", {5, 60, 0}, {5, 60, 0}, {5, 60, 0}},
      {"issue-tags", {10, 1, 10}, {10, 1, 10}, {20, 1, 5}},
      {"stats", {20, 1, 0}, {20, 1, 0}, {40, 1, 0}},
      {"tag-values", {75, 60, 0}, {150, 60, 0}, {300, 60, 0}},
  }};
  return kTable;
}

std::optional<LimitOverride> parse_limit(std::string_view text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos) return std::nullopt;
  const std::string_view group = text.substr(0, equals);
  if (row_of(group).group != group) return std::nullopt;
  const auto numbers = parse_numbers(text.substr(equals + 1));
  if (!numbers || numbers->size() < 2 || numbers->size() > 3) return std::nullopt;
  if ((*numbers)[0] == 0 || (*numbers)[1] == 0) return std::nullopt;
  return LimitOverride{std::string(group),
                       {(*numbers)[0], (*numbers)[1], numbers->size() == 3 ? (*numbers)[2] : 0}};
}

Headers rate_headers(const Verdict& verdict) {
  const bool counted = verdict.limit.concurrent > 0;
  return {
      {"X-Sentry-Rate-Limit-Remaining", std::to_string(verdict.remaining)},
      {"X-Sentry-Rate-Limit-Limit", std::to_string(verdict.limit.requests)},
      {"X-Sentry-Rate-Limit-Reset", std::to_string(verdict.reset)},
      {"X-Sentry-Rate-Limit-ConcurrentRemaining",
       counted ? std::to_string(verdict.concurrent_remaining) : "None"},
      {"X-Sentry-Rate-Limit-ConcurrentLimit",
       counted ? std::to_string(verdict.limit.concurrent) : "None"},
  };
}

Answer gateway_refusal(const Verdict& verdict) {
  const std::string text =
      verdict.by_concurrency
          ? "You are attempting to go above the allowed concurrency for this endpoint. "
            "Concurrency limit is " +
                std::to_string(verdict.limit.concurrent)
          : "You are attempting to use this endpoint too frequently. Limit is " +
                std::to_string(verdict.limit.requests) + " requests in " +
                std::to_string(verdict.limit.seconds) + " seconds";
  return {429, json_text(text), "text/html; charset=utf-8", {}, {}};
}

RateLimiter::RateLimiter(bool enforced, std::span<const LimitOverride> overrides)
    : enforced_(enforced || !overrides.empty()) {
  for (const LimitOverride& one : overrides) overrides_[one.group] = one.limit;
}

Limit RateLimiter::limit_of(std::string_view group, IdentityKind kind) const {
  const auto found = overrides_.find(group);
  return found == overrides_.end() ? row_of(group).of(kind) : found->second;
}

Verdict RateLimiter::check(std::string_view group, const Caller& caller, std::string_view identity,
                           Instant now) {
  Verdict verdict;
  verdict.limit = limit_of(group, caller.identity);
  const std::string key = std::string(group) + " " +
                          std::to_string(static_cast<int>(caller.identity)) + " " +
                          std::string(identity);
  const Second window = to_second(now) / verdict.limit.seconds;
  const std::lock_guard lock(mutex_);
  Bucket& bucket = buckets_[key];
  if (bucket.window != window) {
    bucket.window = window;
    bucket.count = 0;
  }
  // Requests that are refused count too: a fixed window is one increment and a comparison.
  ++bucket.count;
  verdict.remaining =
      bucket.count < verdict.limit.requests ? verdict.limit.requests - bucket.count : 0;
  verdict.reset = (window + 1) * verdict.limit.seconds;
  const bool crowded = verdict.limit.concurrent > 0 && bucket.running >= verdict.limit.concurrent;
  verdict.limited = bucket.count > verdict.limit.requests || crowded;
  verdict.by_concurrency = crowded && bucket.count <= verdict.limit.requests;
  if (!verdict.limited) ++bucket.running;
  verdict.concurrent_remaining =
      verdict.limit.concurrent > bucket.running ? verdict.limit.concurrent - bucket.running : 0;
  if (verdict.limited) return verdict;
  verdict.lease = std::shared_ptr<void>(nullptr, [this, key](void*) { release(key); });
  return verdict;
}

void RateLimiter::release(const std::string& key) {
  const std::lock_guard lock(mutex_);
  --buckets_[key].running;
}

}  // namespace sandbox
