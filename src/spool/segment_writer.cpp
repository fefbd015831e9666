#include "spool/segment_writer.h"

#include <algorithm>
#include <string_view>

namespace source_sentry {

SegmentWriter::Outcome SegmentWriter::write(std::size_t& whole) {
  std::size_t written = 0;
  Outcome outcome = Outcome::kGood;
  while (written < buffer_.size() && outcome == Outcome::kGood) {
    const SpoolFile::Written step = file_->append(std::string_view(buffer_).substr(written));
    written += step.bytes;
    if (step.code != 0) outcome = is_lack_of_room(step.code) ? Outcome::kFull : Outcome::kFailed;
  }
  const auto end = std::upper_bound(ends_.begin(), ends_.end(), written);
  whole = static_cast<std::size_t>(end - ends_.begin());
  const std::size_t kept = whole == 0 ? 0 : ends_[whole - 1];
  size_ += kept;
  // Nothing may be written behind half a frame: a reader would take what follows for its rest.
  if (outcome == Outcome::kFull && written > kept && file_->cut(size_) != 0) {
    outcome = Outcome::kFailed;
  }
  buffer_.clear();
  ends_.clear();
  return outcome;
}

}  // namespace source_sentry
