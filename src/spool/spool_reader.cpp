#include "spool/spool_reader.h"

#include <algorithm>
#include <utility>
#include <variant>
#include <vector>

#include "spool/segment_reader.h"
#include "spool/spool_folder.h"

namespace source_sentry {

namespace fs = std::filesystem;

class SpoolReader::Impl {
 public:
  Impl(fs::path folder, std::optional<SpoolPosition> from)
      : folder_(std::move(folder)), position_(from.value_or(SpoolPosition{})), anywhere_(!from) {
    list_segments(folder_);  // throws where there is no folder
    enter();
  }

  std::optional<Entry> next();
  SpoolPosition position() const { return position_; }
  std::size_t damaged() const { return damaged_ + (segment_ ? segment_->damaged() : 0); }
  bool has_gap() const { return has_gap_; }

 private:
  enum class Link { kNone, kUnbroken, kBroken };

  std::optional<Entry> next_of_segment(bool ended);
  bool has_newer() const;
  bool enter();
  bool open(std::uint64_t number, std::uint64_t offset);
  Link link_of(std::uint64_t number) const;

  fs::path folder_;
  SpoolPosition position_;
  bool anywhere_;          // begin at the oldest, whatever was before it
  bool finished_ = false;  // the position is the end of its segment
  std::optional<SegmentReader> segment_;
  std::size_t damaged_ = 0;  // in segments before
  bool has_gap_ = false;
};

std::optional<SpoolReader::Entry> SpoolReader::Impl::next() {
  for (;;) {
    if (!segment_ && !enter()) return std::nullopt;
    if (auto entry = next_of_segment(false)) return entry;
    if (!has_newer()) return std::nullopt;
    // A newer segment is there, so this one is complete, and was not when it was looked at before.
    if (auto entry = next_of_segment(true)) return entry;
    damaged_ += segment_->damaged();
    segment_.reset();
    finished_ = true;
    if (!enter()) return std::nullopt;
  }
}

std::optional<SpoolReader::Entry> SpoolReader::Impl::next_of_segment(bool ended) {
  for (;;) {
    auto frame = segment_->next(ended);
    // What is damaged counts as read, too.
    position_.offset = segment_->offset();
    if (!frame) return std::nullopt;
    if (auto* const delivery = std::get_if<Delivery>(&frame->contents)) {
      return Entry{{position_.segment, frame->at}, position_, std::move(*delivery)};
    }
  }
}

/// Whether there is a segment to go on in. If all are older, this one is gone with all that were
/// there, and others have been made.
bool SpoolReader::Impl::has_newer() const {
  const auto segments = list_segments(folder_);
  return !segments.empty() && segments.back() != position_.segment;
}

/// Opens the segment that the position is in or, where that is finished or gone, the next one.
/// False where there is none yet.
bool SpoolReader::Impl::enter() {
  const auto segments = list_segments(folder_);
  if (segments.empty()) return false;
  const std::uint64_t last = segments.back();
  if (position_.segment > last) {
    // A segment that was just begun may be gone after a power failure, with nothing in it.
    if (position_.segment == last + 1 && position_.offset == 0) return false;
    has_gap_ = true;  // no position of these files
    anywhere_ = true;
    position_ = {};
  }
  for (const std::uint64_t number : segments) {
    if (number < position_.segment || (finished_ && number == position_.segment)) continue;
    if (!anywhere_ && number == position_.segment) {
      if (open(number, position_.offset)) return true;
      continue;
    }
    const bool follows = anywhere_ || (finished_ && number == position_.segment + 1);
    const Link link = follows ? Link::kUnbroken : link_of(number);
    if (link == Link::kNone) continue;
    if (link == Link::kBroken) has_gap_ = true;
    if (open(number, 0)) return true;
  }
  return false;
}

/// False where it is gone.
bool SpoolReader::Impl::open(std::uint64_t number, std::uint64_t offset) {
  segment_.emplace(segment_path(folder_, number), offset);
  if (!segment_->is_open()) {
    segment_.reset();
    return false;
  }
  position_ = {number, offset};
  anywhere_ = finished_ = false;
  return true;
}

/// Whether the segment begins where everything up to the position was written before it. None where
/// it has not begun yet.
SpoolReader::Impl::Link SpoolReader::Impl::link_of(std::uint64_t number) const {
  SegmentReader segment(segment_path(folder_, number), 0);
  if (!segment.is_open() || segment.size() < kBeginningFrame) return Link::kNone;
  const auto frame = segment.next(true);
  const auto* const beginning = frame ? std::get_if<SegmentBeginning>(&frame->contents) : nullptr;
  const bool is_told = beginning != nullptr && frame->at == 0;
  return is_told && beginning->end_before <= position_ ? Link::kUnbroken : Link::kBroken;
}

SpoolReader::SpoolReader(fs::path folder, std::optional<SpoolPosition> from)
    : impl_(std::make_unique<Impl>(std::move(folder), from)) {}
SpoolReader::~SpoolReader() = default;
SpoolReader::SpoolReader(SpoolReader&&) noexcept = default;
SpoolReader& SpoolReader::operator=(SpoolReader&&) noexcept = default;

std::optional<SpoolReader::Entry> SpoolReader::next() { return impl_->next(); }
SpoolPosition SpoolReader::position() const { return impl_->position(); }
std::size_t SpoolReader::damaged() const { return impl_->damaged(); }
bool SpoolReader::has_gap() const { return impl_->has_gap(); }

}  // namespace source_sentry
