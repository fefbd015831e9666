#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "spool/delivery.h"
#include "spool/spool_position.h"

namespace source_sentry {

// What a segment is made of: frames, one behind the other. Numbers are written lowest byte first.
//
//   header   4 bytes  a mark: D5 53 50 9A
//            4        how long the payload is
//            4        CRC-32 of the payload
//            4        CRC-32 of the twelve bytes before
//   payload  1 byte   its form: 1 for a beginning, 2 for a delivery
//   of a beginning:   8 bytes for the segment, 8 for the offset
//   of a delivery:    8 bytes for received_at, in microseconds since 1970; 1 for the kind; then id,
//                     endpoint, resource, sent_at, request_id and body, each with 4 bytes for its
//                     length before it
//
// The header has a checksum of its own, so that it can be relied on where the payload is damaged:
// the next frame is behind it. The mark is no ASCII, and so in no body that Sentry sends.

/// The first frame of each segment: what was written before it, some of which may be gone.
struct SegmentBeginning {
  SpoolPosition end_before;  ///< behind the last delivery of the segments before; 0, 0 for none
};

/// What a frame's header says.
struct FrameHeader {
  std::uint32_t length = 0;    ///< of the payload
  std::uint32_t checksum = 0;  ///< of the payload
};

inline constexpr std::size_t kFrameHeader = 16;
/// No frame has a longer payload: a header that says so is none.
inline constexpr std::size_t kMostPayload = std::size_t{64} << 20;
/// How long the frame of a beginning is.
inline constexpr std::size_t kBeginningFrame = kFrameHeader + 17;
/// How every frame begins.
inline constexpr std::string_view kFrameMark = "\xd5SP\x9a";

/// How long the frame of the delivery is.
std::uint64_t frame_size(const Delivery& delivery);

/// Adds the frame of the delivery, which is no longer than is allowed, to `out`.
void put_frame(std::string& out, const Delivery& delivery);
void put_frame(std::string& out, const SegmentBeginning& beginning);

/// Reads the header that `bytes` begin with; nothing where it is none, or damaged.
std::optional<FrameHeader> parse_frame_header(std::string_view bytes);

/// What a payload holds; neither where it is damaged, or of a form that only a later version knows.
using FrameContents = std::variant<std::monostate, SegmentBeginning, Delivery>;
FrameContents parse_payload(const FrameHeader& header, std::string_view payload);

}  // namespace source_sentry
