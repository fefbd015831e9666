#include "spool/old_segments.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <variant>

#include "spool/segment_reader.h"
#include "spool/spool_folder.h"

namespace source_sentry {
namespace {

/// When the file was written to.
std::optional<Instant> time_of(const std::filesystem::path& path) {
  struct stat about {};
  if (stat(path.c_str(), &about) != 0) return std::nullopt;
  return Instant(std::chrono::seconds(about.st_mtim.tv_sec));
}

}  // namespace

void OldSegments::load(KnownBodies& known) {
  for (const std::uint64_t number : list_segments(folder_)) {
    add(read(number, known));
    latest_ = number;
  }
  if (latest_ == 0) return;
  // Those before it were complete on the disk when it was begun.
  const auto path = segment_path(folder_, latest_);
  if (const int code = disk_.sync_file(path); code != 0) refuse_spool(path, "saved", code);
}

OldSegments::Segment OldSegments::read(std::uint64_t number, KnownBodies& known) {
  const auto path = segment_path(folder_, number);
  SegmentReader reader(path, 0);
  Segment segment{.number = number};
  if (!reader.is_open()) return segment;
  bool has_begun = false;
  while (const auto frame = reader.next(true)) {
    if (const auto* const beginning = std::get_if<SegmentBeginning>(&frame->contents)) {
      end_ = std::max(end_, beginning->end_before);
      has_begun = true;
      continue;
    }
    const Delivery& delivery = std::get<Delivery>(frame->contents);
    known.add(delivery.id, delivery.received_at);
    segment.last_at =
        std::max(segment.last_at.value_or(delivery.received_at), delivery.received_at);
    end_ = std::max(end_, SpoolPosition{number, frame->after});
  }
  segment.bytes = reader.size();
  // What was before it, and is gone, may have had deliveries that a reader has not seen.
  if (segments_.empty() && !has_begun) end_ = std::max(end_, SpoolPosition{number, 0});
  // Whatever is damaged is left to be looked at for as long as deliveries would be.
  if (!segment.last_at && reader.damaged() > 0) segment.last_at = time_of(path);
  return segment;
}

void OldSegments::add(const Segment& segment) {
  segments_.push_back(segment);
  bytes_ += segment.bytes;
}

void OldSegments::remove_old(Instant now) {
  std::erase_if(segments_, [&](const Segment& segment) {
    if (segment.last_at && !is_old(*segment.last_at, now)) return false;
    const int code = disk_.remove(segment_path(folder_, segment.number));
    if (code != 0 && code != ENOENT) return false;
    bytes_ -= segment.bytes;
    return true;
  });
}

}  // namespace source_sentry
