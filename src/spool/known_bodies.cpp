#include "spool/known_bodies.h"

#include <charconv>

namespace source_sentry {
namespace {

constexpr std::size_t kIdDigits = 32;
constexpr int kHexadecimal = 16;

}  // namespace

bool KnownBodies::parse_id(std::string_view id, Key& key) {
  if (id.size() != kIdDigits || id.find_first_not_of("0123456789abcdef") != id.npos) return false;
  const char* const middle = id.data() + kIdDigits / 2;
  std::from_chars(id.data(), middle, key[0], kHexadecimal);
  std::from_chars(middle, id.data() + kIdDigits, key[1], kHexadecimal);
  return true;
}

bool KnownBodies::is_id(std::string_view id) {
  Key key;
  return parse_id(id, key);
}

void KnownBodies::add(std::string_view id, Instant received_at) {
  Key key;
  if (!parse_id(id, key)) return;
  times_.insert_or_assign(key, received_at);
  order_.emplace_back(received_at, key);
  while (order_.size() > most_) forget_first();
}

bool KnownBodies::knows(std::string_view id, Instant now) const {
  Key key;
  if (!parse_id(id, key)) return false;
  const auto found = times_.find(key);
  return found != times_.end() && now - found->second < know_;
}

void KnownBodies::forget_old(Instant now) {
  while (!order_.empty() && now - order_.front().first >= know_) forget_first();
}

void KnownBodies::forget_first() {
  const auto [time, key] = order_.front();
  order_.pop_front();
  // It may have come again since, and is known from then on.
  const auto found = times_.find(key);
  if (found != times_.end() && found->second == time) times_.erase(found);
}

}  // namespace source_sentry
