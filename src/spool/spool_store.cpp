#include "spool/spool_store.h"

#include <algorithm>
#include <cerrno>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "spool/spool_folder.h"

namespace source_sentry {
namespace {

namespace fs = std::filesystem;

constexpr Duration kTidyEvery = std::chrono::hours(1);
// What is collected before it is written: a copy, so it should not be everything.
constexpr std::size_t kWrittenAtOnce = std::size_t{1} << 20;
// Offsets have ten digits in a position's text.
constexpr std::uint64_t kLargestSegment = std::uint64_t{4} << 30;
// A segment takes in what comes for a part of the time that it is kept for, so that what came first
// does not stay many times as long where few webhooks come.
constexpr int kSpansKept = 7;

constexpr std::size_t kBeginning = static_cast<std::size_t>(-1);

Descriptor open_folder(const fs::path& folder) {
  make_spool_folder(folder);
  return lock_spool_folder(folder);
}

}  // namespace

/// Deliveries that are stored together.
struct SpoolStore::Round {
  std::span<const Delivery> batch{};
  std::vector<Result> results{};
  std::vector<std::size_t> added{};    // not yet written; kBeginning for what is no delivery
  std::vector<std::size_t> written{};  // not yet synced
  bool is_full = false;                // a write has found no room
};

SpoolStore::SpoolStore(fs::path folder, const SpoolLimits& limits, Clock& clock, SpoolDisk& disk)
    : folder_(std::move(folder)),
      limits_(limits),
      clock_(clock),
      disk_(disk),
      lock_(open_folder(folder_)),
      known_(limits.know),
      old_(folder_, limits.keep, disk),
      tidied_at_(clock.steady_now()) {
  old_.load(known_);
  number_ = old_.latest();
  end_ = old_.end();
  if (begin_next() == Outcome::kGood) {
    // First, since it may make the room that is needed.
    remove_old();
    Round round;
    add_beginning(round);
    commit(round);
  }
  if (code_ != 0 || !works_) refuse_spool(folder_, "written to", code_ == 0 ? EIO : code_);
}

std::vector<SpoolStore::Result> SpoolStore::store(std::span<const Delivery> batch) {
  tidy();
  const Instant now = clock_.now();
  known_.forget_old(now);
  Round round{.batch = batch, .results = std::vector(batch.size(), Result::kFailed)};
  std::unordered_map<std::string_view, std::size_t> first;  // of each id, where it is in the batch
  std::vector<std::pair<std::size_t, std::size_t>> repeats;
  for (std::size_t i = 0; i < batch.size(); ++i) {
    const std::string_view id = batch[i].id;
    if (known_.knows(id, now)) {
      round.results[i] = Result::kDuplicate;
    } else if (const auto [at, is_new] = first.try_emplace(id, i);
               !is_new && KnownBodies::is_id(id)) {
      repeats.emplace_back(i, at->second);
    } else {
      place(round, i);
    }
  }
  commit(round);
  // A repeat is one of something that is on the disk, or ends as that did.
  for (const auto& [repeat, original] : repeats) {
    const Result result = round.results[original];
    round.results[repeat] = result == Result::kStored ? Result::kDuplicate : result;
  }
  return std::move(round.results);
}

/// Adds the delivery to the segment, or says why not.
void SpoolStore::place(Round& round, std::size_t index) {
  if (!works_) return;
  const Delivery& delivery = round.batch[index];
  Result& result = round.results[index];
  if (round.is_full || !has_room(kBeginningFrame + frame_size(delivery))) {
    result = Result::kFull;
    return;
  }
  if (is_next_due(delivery)) {
    commit(round);
    round.is_full = round.is_full || (works_ && begin_next() == Outcome::kFull);
    if (!works_) return;
    if (round.is_full) {
      result = Result::kFull;
      return;
    }
  }
  if (segment_->size() + segment_->pending() == 0) add_beginning(round);
  segment_->add(delivery);
  round.added.push_back(index);
  if (!first_at_) first_at_ = delivery.received_at;
  if (segment_->pending() >= kWrittenAtOnce) write(round);
}

std::uint64_t SpoolStore::used() const {
  return old_.bytes() + segment_->size() + segment_->pending();
}

bool SpoolStore::has_room(std::uint64_t bytes) {
  if (used() + bytes <= limits_.most_bytes) return true;
  remove_old();
  return used() + bytes <= limits_.most_bytes;
}

bool SpoolStore::is_next_due(const Delivery& delivery) const {
  if (!first_at_) return false;
  const std::uint64_t size = segment_->size() + segment_->pending() + frame_size(delivery);
  return size > std::min(limits_.segment_bytes, kLargestSegment) ||
         delivery.received_at - *first_at_ >= limits_.keep / kSpansKept;
}

/// Begins the next segment; where there is no room for it, the one before stays.
SpoolStore::Outcome SpoolStore::begin_next() {
  int code = EOVERFLOW;
  auto file =
      number_ < kLastSegment ? disk_.create(segment_path(folder_, number_ + 1), code) : nullptr;
  if (!file) return outcome_of(code);
  if (segment_) old_.add({.number = number_, .bytes = segment_->size(), .last_at = last_at_});
  ++number_;
  segment_ = std::make_unique<SegmentWriter>(std::move(file));
  first_at_.reset();
  last_at_.reset();
  // What is in a file whose name is not on the disk would be gone with it.
  code = disk_.sync_folder(folder_);
  if (code == 0) return Outcome::kGood;
  code_ = code;
  works_ = false;
  return Outcome::kFailed;
}

SpoolStore::Outcome SpoolStore::outcome_of(int code) {
  code_ = code;
  if (is_lack_of_room(code)) return Outcome::kFull;
  works_ = false;
  return Outcome::kFailed;
}

void SpoolStore::add_beginning(Round& round) {
  segment_->add(SegmentBeginning{end_});
  round.added.push_back(kBeginning);
}

/// Writes what was added, which is not safe before it is synced.
void SpoolStore::write(Round& round) {
  std::size_t whole = 0;
  const Outcome outcome = segment_->write(whole);
  for (std::size_t i = 0; i < round.added.size(); ++i) {
    const std::size_t index = round.added[i];
    if (i < whole) round.written.push_back(index);
    const bool is_refused = i >= whole && outcome == Outcome::kFull && index != kBeginning;
    if (is_refused) round.results[index] = Result::kFull;
  }
  round.added.clear();
  if (outcome == Outcome::kFull) {
    round.is_full = true;
    code_ = ENOSPC;
  }
  if (outcome == Outcome::kFailed) works_ = false;
}

/// Makes sure that what was added is on the disk. What is not by then has failed.
void SpoolStore::commit(Round& round) {
  if (works_ && !round.added.empty()) write(round);
  if (works_ && !round.written.empty() && sync()) {
    for (const std::size_t index : round.written) {
      if (index == kBeginning) continue;
      const Delivery& delivery = round.batch[index];
      round.results[index] = Result::kStored;
      known_.add(delivery.id, delivery.received_at);
      last_at_ = std::max(last_at_.value_or(delivery.received_at), delivery.received_at);
      end_ = {number_, segment_->size()};
    }
  }
  round.written.clear();
  if (segment_) bytes_ = used();
}

bool SpoolStore::sync() {
  const auto now = [&] { return clock_.steady_now().time_since_epoch().count(); };
  const Duration::rep began = now();
  sync_began_ = began;
  // Once a sync has failed, another one of the same file may report what is lost as good.
  if (segment_->sync() != Outcome::kGood) works_ = false;
  sync_took_ = now() - began;
  sync_began_ = -1;
  return works_;
}

void SpoolStore::tidy() {
  if (!works_ || clock_.steady_now() - tidied_at_ < kTidyEvery) return;
  tidied_at_ = clock_.steady_now();
  // Where nothing comes any more, what came last is removed, too.
  if (last_at_ && old_.is_old(*last_at_, clock_.now()) && begin_next() == Outcome::kGood) {
    Round round;
    add_beginning(round);
    commit(round);
  }
  remove_old();
}

void SpoolStore::remove_old() {
  old_.remove_old(clock_.now());
  bytes_ = used();
}

Duration SpoolStore::sync_time() const {
  const Duration::rep began = sync_began_;
  if (began < 0) return Duration(sync_took_);
  return clock_.steady_now() - Instant(Duration(began));
}

}  // namespace source_sentry
