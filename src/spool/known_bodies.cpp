#include "spool/known_bodies.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace source_sentry {
namespace {

constexpr std::size_t kIdDigits = 32;
constexpr int kHexadecimal = 16;
constexpr std::size_t kFewestSlots = 1024;

}  // namespace

void KnownBodies::Generation::set(const Key& key, Instant at) {
  if (4 * (size_ + 1) > 3 * slots_.size()) grow();
  Slot& slot = slots_[place_of(key)];
  if (slot.at == Instant::min()) ++size_;
  slot = {key, at};
  first_ = std::min(first_, at);
  last_ = std::max(last_, at);
}

std::optional<Instant> KnownBodies::Generation::find(const Key& key) const {
  if (slots_.empty()) return std::nullopt;
  const Slot& slot = slots_[place_of(key)];
  return slot.at == Instant::min() ? std::nullopt : std::optional(slot.at);
}

/// Where the key is, or would be: there is always a slot that is empty.
std::size_t KnownBodies::Generation::place_of(const Key& key) const {
  const std::size_t last = slots_.size() - 1;
  std::size_t at = (key[0] ^ key[1]) & last;  // an id is a hash already
  while (slots_[at].at != Instant::min() && slots_[at].key != key) at = (at + 1) & last;
  return at;
}

void KnownBodies::Generation::grow() {
  const std::vector<Slot> old =
      std::exchange(slots_, std::vector<Slot>(std::max(kFewestSlots, 2 * slots_.size())));
  for (const Slot& slot : old) {
    if (slot.at != Instant::min()) slots_[place_of(slot.key)] = slot;
  }
}

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
  const bool is_full = 2 * latest_.size() >= most_;
  const bool is_old = latest_.size() > 0 && received_at - latest_.first() >= know_;
  if (is_full || is_old) earlier_ = std::exchange(latest_, {});
  latest_.set(key, received_at);
}

bool KnownBodies::knows(std::string_view id, Instant now) const {
  Key key;
  if (!parse_id(id, key)) return false;
  auto found = latest_.find(key);
  if (!found) found = earlier_.find(key);
  return found && now - *found < know_;
}

void KnownBodies::forget_old(Instant now) {
  for (Generation* generation : {&earlier_, &latest_}) {
    if (generation->size() > 0 && now - generation->last() >= know_) *generation = {};
  }
}

}  // namespace source_sentry
