#include "http/outages.h"

#include <algorithm>

namespace source_sentry {
namespace {

/// A silent group is asked so many times in a row, usually for a different project each time; then
/// only one in so many times, in case it was those projects and not the server.
constexpr std::size_t kMostLooks = 8;
constexpr std::size_t kThenOneIn = 16;

/// Eight pages, each asked for three times.
constexpr int kMostGarbled = 24;

}  // namespace

void Outages::Trouble::add(bool is_silent, int weight) {
  if (silent && !is_silent) looks = 0;
  silent = is_silent;
  if (down()) {
    ++looks;
  } else {
    failures += weight;
  }
}

Outages::Leave Outages::leave(const std::string& group) {
  const std::scoped_lock lock(mutex_);
  const auto found = groups_.find(group);
  const bool known = found != groups_.end() && found->second.down();
  if (!known) {
    // What has not been asked for yet may be answered from elsewhere.
    if (!server_.down()) return Leave::kFull;
    return server_.silent ? Leave::kBriefly : Leave::kOnce;
  }
  Trouble& trouble = found->second;
  if (!trouble.silent) return Leave::kOnce;
  if (trouble.looks < kMostLooks || trouble.looks % kThenOneIn == 0) return Leave::kBriefly;
  ++trouble.looks;
  return Leave::kNone;
}

void Outages::answered(const std::string& group) {
  const std::scoped_lock lock(mutex_);
  if (server_.down()) groups_.clear();
  server_ = Trouble();
  if (!groups_.empty()) groups_.erase(group);
}

void Outages::failed(const std::string& group, bool silent, int weight) {
  const std::scoped_lock lock(mutex_);
  Trouble& trouble = groups_[group];
  // A server that was down for everything else is down for this, too.
  if (server_.down() && !trouble.down()) {
    trouble = server_;
    trouble.silent = silent;
  }
  trouble.add(silent, weight);
  server_.add(silent, weight);
}

void Outages::garbled(const std::string& group) {
  const std::scoped_lock lock(mutex_);
  ++garbled_[group];
}

void Outages::usable(const std::string& group) {
  const std::scoped_lock lock(mutex_);
  if (!garbled_.empty()) garbled_.erase(group);
}

bool Outages::is_garbled(const std::string& group) const {
  const std::scoped_lock lock(mutex_);
  const auto found = garbled_.find(group);
  return found != garbled_.end() && found->second >= kMostGarbled;
}

bool Outages::is_silent(const std::string& group) const {
  const std::scoped_lock lock(mutex_);
  const auto found = groups_.find(group);
  return found != groups_.end() && found->second.down() && found->second.silent;
}

}  // namespace source_sentry
