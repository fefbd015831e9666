#include "engine/state/stream_state.h"

#include <algorithm>
#include <utility>

#include "base/json_member.h"
#include "engine/state/unused_state.h"

namespace source_sentry {
namespace {

using nlohmann::ordered_json;

/// States of many partitions grow to tens of kilobytes: at most a fifth of the output may be state.
constexpr std::uint64_t kRecordBytesPerStateByte = 4;
constexpr std::chrono::seconds kStateAtLeastEvery(1);

constexpr const char* kPartition = "partition";

/// How many ids of written records a saved state's entry for a partition may hold.
std::size_t ids_of(const nlohmann::json& entry) {
  const nlohmann::json* cursor = member(entry, "cursor");
  const nlohmann::json* text = cursor == nullptr ? nullptr : member(*cursor, kWrittenKey);
  if (text == nullptr) return 0;
  return text->is_string() ? ids_in(text->get_ref<const std::string&>()) : ids_in(text->dump());
}

/// The partition's key as a state has it; null for a stream's only partition.
ordered_json key_of(const Partition& partition) {
  ordered_json key;
  for (const auto& [name, value] : partition.key) key[name] = value;
  return key;
}

}  // namespace

ordered_json state_before_reading(const nlohmann::json& saved, const std::string& cursor_key) {
  if (!saved.is_null()) return saved;
  return cursor_key.empty() ? ordered_json::object() : Checkpoint().write(cursor_key);
}

StreamState::StreamState(StreamSink& output, std::string cursor_key, nlohmann::json saved)
    : output_(output), cursor_key_(std::move(cursor_key)), saved_(std::move(saved)) {}

void StreamState::begin(const std::vector<Partition>& partitions) {
  const std::scoped_lock lock(mutex_);
  std::vector<ordered_json> keys;
  std::vector<Checkpoint> checkpoints;
  for (const Partition& partition : partitions) {
    keys.push_back(key_of(partition));
    checkpoints.push_back(Checkpoint::read(saved_, cursor_key_, partition));
  }
  const nlohmann::json* states = member(saved_, "states");
  if (states != nullptr && states->is_array()) {
    for (const nlohmann::json& state : *states) {
      const bool read =
          std::any_of(partitions.begin(), partitions.end(),
                      [&](const Partition& partition) { return partition.is_named_by(state); });
      if (!read) others_.push_back(state);
      const nlohmann::json* cursor = member(state, "cursor");
      has_entry_ = has_entry_ || (read && cursor != nullptr && member(*cursor, cursor_key_));
    }
  }
  for (const Partition& partition : partitions) {
    numbers_.push_back(partition.number);
    origins_.push_back(partition.origin.write());
  }
  read_to_.resize(partitions.size());
  keys_ = std::move(keys);
  checkpoints_ = std::move(checkpoints);
  last_time_ = output_.clock().steady_now();
  begun_ = true;
}

std::optional<std::string> StreamState::unused() const {
  const std::scoped_lock lock(mutex_);
  const bool used =
      checkpoints_.empty() || has_entry_ ||
      std::any_of(checkpoints_.begin(), checkpoints_.end(), [](const Checkpoint& checkpoint) {
        return checkpoint.high_water || checkpoint.position || checkpoint.foreign;
      });
  return used || cursor_key_.empty() ? std::nullopt : why_unused(saved_, cursor_key_);
}

std::vector<std::string> StreamState::foreign() const {
  const std::scoped_lock lock(mutex_);
  std::vector<std::string> found;
  for (const Checkpoint& checkpoint : checkpoints_) {
    if (checkpoint.foreign) found.push_back(*checkpoint.foreign);
  }
  return found;
}

std::size_t StreamState::damaged_ids() const {
  const std::scoped_lock lock(mutex_);
  return static_cast<std::size_t>(
      std::count_if(checkpoints_.begin(), checkpoints_.end(),
                    [](const Checkpoint& checkpoint) { return checkpoint.written_damaged; }));
}

std::vector<nlohmann::json> StreamState::others() const {
  const std::scoped_lock lock(mutex_);
  return others_;
}

Checkpoint StreamState::checkpoint(std::size_t partition) const {
  const std::scoped_lock lock(mutex_);
  return checkpoints_.at(partition);
}

Checkpoint StreamState::checkpoint(const Batch& batch) const {
  const std::scoped_lock lock(mutex_);
  Checkpoint together = checkpoints_.at(batch.front());
  for (const std::size_t partition : batch) {
    together.shared = together.shared && checkpoints_.at(partition).shared;
  }
  return together;
}

void StreamState::save(std::size_t partition, const Checkpoint& checkpoint) {
  const std::scoped_lock lock(mutex_);
  checkpoints_.at(partition) = checkpoint;
  checkpoints_.at(partition).written.tidy();
  if (keys_.size() == 1) {
    output_.state(as_json(false));
  } else {
    write_if_due();
  }
}

void StreamState::save(const Batch& batch, const Checkpoint& checkpoint) {
  const std::scoped_lock lock(mutex_);
  for (const std::size_t partition : batch) {
    checkpoints_.at(partition).follow(checkpoint, numbers_.at(partition));
  }
  write_if_due();
}

void StreamState::finish(std::size_t partition, const Checkpoint& checkpoint,
                         std::optional<Instant> read_to) {
  const std::scoped_lock lock(mutex_);
  checkpoints_.at(partition) = checkpoint;
  checkpoints_.at(partition).written.tidy();
  // No more will be written, and those of many partitions would take much memory.
  const std::vector<std::size_t> shares = shares_of_ids();
  for (std::size_t i = 0; i < checkpoints_.size(); ++i) checkpoints_[i].written.keep(shares[i]);
  read_to_.at(partition) = read_to;
  // Without a cursor there is nothing to save before the end.
  if (keys_.size() > 1 && !cursor_key_.empty()) write_if_due();
}

void StreamState::finish(const Batch& batch, const Checkpoint& checkpoint,
                         std::optional<Instant> read_to) {
  {
    const std::scoped_lock lock(mutex_);
    for (const std::size_t partition : batch) read_to_.at(partition) = read_to;
  }
  save(batch, checkpoint);
}

void StreamState::level() {
  const std::scoped_lock lock(mutex_);
  std::optional<Instant> newest;
  for (std::size_t i = 0; i < checkpoints_.size(); ++i) {
    const auto& mark = checkpoints_[i].high_water;
    if (read_to_[i] && mark && *mark <= *read_to_[i]) newest = std::max(newest, mark);
  }
  for (std::size_t i = 0; i < checkpoints_.size(); ++i) {
    Checkpoint& checkpoint = checkpoints_[i];
    const bool behind = newest && (!checkpoint.high_water || *checkpoint.high_water < *newest);
    if (!behind || !read_to_[i] || *newest > *read_to_[i]) continue;
    checkpoint.high_water = newest;
    checkpoint.shared = true;
  }
}

void StreamState::write_if_due() {
  const std::uint64_t bytes = output_.written().bytes;
  const Instant now = output_.clock().steady_now();
  const bool due = bytes - last_bytes_ >= kRecordBytesPerStateByte * last_size_ ||
                   now - last_time_ >= kStateAtLeastEvery;
  if (!due) return;
  ordered_json state = as_json(false);
  last_size_ = state.dump().size();
  last_bytes_ = bytes;
  last_time_ = now;
  output_.state(std::move(state));
}

ordered_json StreamState::present_state() const {
  const std::scoped_lock lock(mutex_);
  return as_json(false);
}

ordered_json StreamState::final_state() const {
  const std::scoped_lock lock(mutex_);
  return cursor_key_.empty() ? state_without_cursor() : as_json(true);
}

/// How many ids of written records each partition may have in the state, followed by those for each
/// of the partitions that are not read.
std::vector<std::size_t> StreamState::shares_of_ids() const {
  std::vector<std::size_t> sizes;
  sizes.reserve(checkpoints_.size() + others_.size());
  for (const Checkpoint& checkpoint : checkpoints_) sizes.push_back(checkpoint.written.size());
  for (const nlohmann::json& other : others_) sizes.push_back(ids_of(other));
  return fair_shares(sizes);
}

ordered_json StreamState::as_json(bool at_end) const {
  if (!begun_ || keys_.empty()) return state_before_reading(saved_, cursor_key_);
  if (cursor_key_.empty()) return ordered_json::object();
  const std::vector<std::size_t> shares = shares_of_ids();
  const auto written = [&](std::size_t partition) {
    Checkpoint checkpoint = checkpoints_[partition];
    // A finished full refresh does not resume. An incremental run does where a budget has ended it.
    if (at_end && checkpoint.position && checkpoint.position->full_refresh) {
      checkpoint.position.reset();
    }
    checkpoint.written.keep(shares[partition]);
    ordered_json state = checkpoint.write(cursor_key_);
    // An empty state has no origin, and is exactly the official connector's.
    const bool says = checkpoint.high_water || checkpoint.position;
    if (says && !origins_[partition].empty()) state[kOriginKey] = origins_[partition];
    return state;
  };
  if (keys_.size() == 1 && keys_.front().is_null()) return written(0);
  ordered_json states = ordered_json::array();
  for (std::size_t i = 0; i < keys_.size(); ++i) {
    states.push_back({{kPartition, keys_[i]}, {"cursor", written(i)}});
  }
  for (std::size_t i = 0; i < others_.size(); ++i) {
    states.push_back(ordered_json(others_[i]));
    if (ids_of(others_[i]) > shares[keys_.size() + i]) states.back()["cursor"].erase(kWrittenKey);
  }
  return {{"use_global_cursor", false}, {"states", std::move(states)}};
}

}  // namespace source_sentry
