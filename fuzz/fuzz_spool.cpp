// Any bytes as a segment of a spool and as the payload of a sound frame, and deliveries of any
// bytes in a segment that is damaged anywhere.

#include <unistd.h>
#include <zlib.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <variant>
#include <vector>

#include "property.h"
#include "spool/frame.h"
#include "spool/spool_folder.h"
#include "spool/spool_reader.h"

namespace source_sentry {
namespace {

/// One for the whole run: files are faster where they stay in memory.
const std::filesystem::path& folder() {
  static const std::filesystem::path made = [] {
    const bool in_memory = std::filesystem::is_directory("/dev/shm");
    std::string name = std::string(in_memory ? "/dev/shm" : "/tmp") + "/fuzz-spool-XXXXXX";
    require(mkdtemp(name.data()) != nullptr, "there is a folder");
    static const std::filesystem::path path = name;
    std::atexit([] { std::filesystem::remove_all(path); });
    return path;
  }();
  return made;
}

void put_segment(std::uint64_t number, std::string_view bytes) {
  std::ofstream(segment_path(folder(), number), std::ios::binary) << bytes;
}

/// What the reader gives of segment 1. `ended`: a newer one is there.
std::vector<SpoolReader::Entry> read_all(std::uint64_t size, bool ended, std::size_t& damaged) {
  std::filesystem::remove(segment_path(folder(), 2));
  if (ended) put_segment(2, "");
  SpoolReader reader(folder(), std::nullopt);
  std::vector<SpoolReader::Entry> entries;
  SpoolPosition last;
  while (auto entry = reader.next()) {
    require(entry->at >= last && entry->after > entry->at, "positions grow");
    require(entry->after.segment == 1 && entry->after.offset <= size, "and stay within the file");
    require(reader.position() == entry->after, "reading goes on behind what was read");
    last = entry->after;
    entries.push_back(std::move(*entry));
  }
  require(!reader.next(), "what is over stays so");
  damaged = reader.damaged();
  require(damaged <= size / kFrameHeader + 1, "a damaged place has its size");
  return entries;
}

/// Bytes as they are: what is read while they are written is what is read later, too.
void check_any(std::string_view bytes) {
  put_segment(1, bytes);
  std::size_t damaged = 0;
  std::size_t damaged_at_the_end = 0;
  const auto growing = read_all(bytes.size(), false, damaged);
  const auto ended = read_all(bytes.size(), true, damaged_at_the_end);
  require(growing.size() == ended.size() && damaged <= damaged_at_the_end,
          "the end of a segment adds nothing but its damage");
  for (std::size_t i = 0; i < ended.size(); ++i) {
    require(growing[i].at == ended[i].at, "they are the same");
    std::string frame;
    put_frame(frame, ended[i].delivery);
    require(frame == bytes.substr(ended[i].at.offset, frame.size()), "a frame has one form");
    require(SpoolReader(folder(), ended[i].at).next()->after == ended[i].after,
            "reading begins at each of them");
  }
}

/// Bytes as what a frame holds, with checksums that are right.
void check_payload(std::string_view bytes) {
  std::string frame(kFrameMark);
  const auto put_number = [&](std::size_t number) {
    for (unsigned shift = 0; shift < 32; shift += 8) {
      frame += static_cast<char>(number >> shift & 0xff);
    }
  };
  const auto sum = [](std::string_view text) {
    return crc32_z(0, reinterpret_cast<const Bytef*>(text.data()), text.size());
  };
  put_number(bytes.size());
  put_number(sum(bytes));
  put_number(sum(frame));
  const auto header = parse_frame_header(frame);
  require(header && header->length == bytes.size(), "a sound header is read");
  const FrameContents contents = parse_payload(*header, bytes);
  frame += bytes;
  std::string again;
  if (const auto* const beginning = std::get_if<SegmentBeginning>(&contents)) {
    put_frame(again, *beginning);
  } else if (const auto* const delivery = std::get_if<Delivery>(&contents)) {
    put_frame(again, *delivery);
  }
  require(again.empty() || again == frame, "what is read has that one form");
  check_any(frame);
}

/// Deliveries that are made of the input, with one byte changed: one of them is gone at most. Not
/// of a body with a frame in it, which takes the place of one whose header is damaged: no body that
/// is ASCII has one.
void check_damage(std::string_view input) {
  if (input.size() < 4 || input.find(kFrameMark) != input.npos) return;
  const auto number = [&](std::size_t at) { return static_cast<unsigned char>(input[at]); };
  const std::size_t step = 1 + number(0);
  const std::size_t place = number(1) + std::size_t{256} * number(2);
  const char change = input[3];
  std::string segment;
  put_frame(segment, SegmentBeginning{});
  std::vector<std::size_t> ends{segment.size()};
  std::vector<std::string_view> bodies;
  for (input.remove_prefix(4); !input.empty() && bodies.size() < 20;) {
    bodies.push_back(input.substr(0, step));
    input.remove_prefix(bodies.back().size());
    put_frame(segment, Delivery{.id = std::string(bodies.back().substr(0, 3)),
                                .body = std::string(bodies.back())});
    ends.push_back(segment.size());
  }
  const std::size_t at = place % segment.size();
  segment[at] = static_cast<char>(segment[at] ^ change);
  put_segment(1, segment);
  std::size_t damaged = 0;
  const auto entries = read_all(segment.size(), true, damaged);
  require(damaged == (change == 0 ? 0U : 1U), "each change is seen");
  std::size_t next = 0;
  for (std::size_t i = 0; i < bodies.size(); ++i) {
    if (change != 0 && at >= ends[i] && at < ends[i + 1]) continue;
    require(next < entries.size() && entries[next].delivery.body == bodies[i],
            "what is not damaged is read");
    ++next;
  }
  require(next == entries.size(), "and nothing else");
}

}  // namespace

void fuzz(std::string_view input) {
  check_any(input);
  check_payload(input);
  check_damage(input);
}

}  // namespace source_sentry
