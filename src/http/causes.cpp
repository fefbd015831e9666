#include "http/causes.h"

#include <algorithm>
#include <string_view>

#include "base/text.h"

namespace source_sentry {
namespace {

/// A server may word each refusal differently: what is remembered must stay small.
constexpr std::size_t kMostKnown = 1000;

constexpr std::chrono::minutes kShortestQuiet(1);
constexpr std::chrono::minutes kLongestQuiet(15);

/// The text without names in quotes, ids and long numbers.
std::string in_general(std::string_view text) {
  constexpr std::size_t kShortestNumber = 4;  // a status has three digits
  std::string plain;
  bool quoted = false;
  for (const char c : without_ids(text)) {
    if (c == '"') quoted = !quoted;
    if (!quoted) plain += c;
  }
  std::string rest;
  for (std::size_t at = 0; at < plain.size();) {
    std::size_t end = std::min(plain.find_first_not_of("0123456789", at), plain.size());
    if (end - at >= kShortestNumber) {
      at = end;
      continue;
    }
    end = std::max(end, at + 1);
    rest.append(plain, at, end - at);
    at = end;
  }
  return rest;
}

}  // namespace

void Causes::tell(const std::string& cause, const std::string& stream,
                  const std::function<void(const std::string& told_by)>& say) {
  const std::scoped_lock lock(mutex_);
  const auto known = told_by_.find(cause);
  say(known == told_by_.end() || known->second == stream ? std::string() : known->second);
  if (known == told_by_.end() && told_by_.size() < kMostKnown) told_by_.emplace(cause, stream);
}

void Causes::failed(const ConnectorError& error) {
  const std::scoped_lock lock(mutex_);
  latest_ = error;
}

std::optional<ConnectorError> Causes::latest() const {
  const std::scoped_lock lock(mutex_);
  return latest_;
}

bool Causes::is_new(const std::string& text) {
  const std::scoped_lock lock(mutex_);
  if (known_.size() >= kMostKnown) known_.clear();
  return known_.insert(in_general(text)).second;
}

bool Causes::may_warn(const std::string& text, Instant now) {
  const std::scoped_lock lock(mutex_);
  if (quiet_.size() >= kMostKnown) quiet_.clear();
  Quiet& quiet = quiet_[in_general(text)];
  if (now < quiet.until) return false;
  const bool lasts = quiet.span > Duration::zero() && now < quiet.until + kLongestQuiet;
  quiet.span = lasts ? std::min<Duration>(quiet.span * 2, kLongestQuiet) : kShortestQuiet;
  quiet.until = now + quiet.span;
  return true;
}

void Causes::warned(const std::string& text, Instant until) {
  const std::scoped_lock lock(mutex_);
  Quiet& quiet = quiet_[in_general(text)];
  quiet.until = std::max(quiet.until, until + quiet.span);
}

}  // namespace source_sentry
