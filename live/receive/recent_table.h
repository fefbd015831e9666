#pragma once

#include <cstddef>
#include <list>
#include <string>
#include <unordered_map>
#include <utility>

namespace source_sentry {

/// What is known by a key; of so many keys at most, those that were put to use last. Not
/// thread-safe.
template <typename Value>
class RecentTable {
 public:
  explicit RecentTable(std::size_t most) : most_(most) {}

  /// Null where nothing is known.
  Value* find(const std::string& key) {
    const auto found = places_.find(key);
    if (found == places_.end()) return nullptr;
    order_.splice(order_.begin(), order_, found->second);
    return &found->second->second;
  }

  /// What is known of the key, or `fresh` from now on.
  Value& at(const std::string& key, const Value& fresh) {
    if (Value* const known = find(key)) return *known;
    if (places_.size() >= most_) {
      places_.erase(order_.back().first);
      order_.pop_back();
    }
    order_.emplace_front(key, fresh);
    places_.emplace(key, order_.begin());
    return order_.front().second;
  }

  std::size_t size() const { return places_.size(); }

 private:
  using Order = std::list<std::pair<std::string, Value>>;

  const std::size_t most_;
  Order order_;  // the latest first
  std::unordered_map<std::string, typename Order::iterator> places_;
};

}  // namespace source_sentry
