#include "spool/frame.h"

#include <zlib.h>

#include <algorithm>
#include <chrono>
#include <type_traits>
#include <utility>

namespace source_sentry {
namespace {

enum class Form : std::uint8_t { kBeginning = 1, kDelivery = 2 };

// Times of the years 0 to 9999. A clock that is set to another one is not worth a delivery.
constexpr Instant kFirst = std::chrono::sys_days(std::chrono::year{0} / 1 / 1);
constexpr Instant kLast = std::chrono::sys_days(std::chrono::year{10'000} / 1 / 1) - Duration(1);

/// CRC-32, as zlib computes it.
std::uint32_t checksum_of(std::string_view bytes) {
  return static_cast<std::uint32_t>(
      crc32_z(0, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
}

template <typename Number>
void put_number(std::string& out, Number number) {
  for (std::size_t i = 0; i < sizeof number; ++i) {
    out += static_cast<char>(number >> (8 * i) & 0xff);
  }
}

void put_text(std::string& out, std::string_view text) {
  put_number(out, static_cast<std::uint32_t>(text.size()));
  out += text;
}

/// Takes fields from the front of a payload. What is not there is empty, and all is wrong then.
class FrameFields {
 public:
  explicit FrameFields(std::string_view bytes) : left_(bytes) {}

  template <typename Number>
  Number number() {
    Number number = 0;
    const std::string_view bytes = take(sizeof number);
    for (std::size_t i = bytes.size(); i > 0; --i) {
      const auto byte = static_cast<unsigned char>(bytes[i - 1]);
      number = static_cast<Number>(static_cast<std::uint64_t>(number) << 8U | byte);
    }
    return number;
  }

  std::string text() { return std::string(take(number<std::uint32_t>())); }

  /// Whether everything was there, and nothing more.
  bool fit() const { return !short_ && left_.empty(); }

 private:
  std::string_view take(std::size_t length) {
    short_ = short_ || length > left_.size();
    if (short_) return {};
    const std::string_view taken = left_.substr(0, length);
    left_.remove_prefix(length);
    return taken;
  }

  std::string_view left_;
  bool short_ = false;
};

/// Puts a header before the payload that begins at `at` in `out`, where room is left for it.
void seal(std::string& out, std::size_t at) {
  const std::string_view payload = std::string_view(out).substr(at + kFrameHeader);
  std::string header(kFrameMark);
  put_number(header, static_cast<std::uint32_t>(payload.size()));
  put_number(header, checksum_of(payload));
  put_number(header, checksum_of(header));
  out.replace(at, kFrameHeader, header);
}

FrameContents parse_delivery(FrameFields& fields) {
  Delivery delivery;
  const Instant at(Duration(static_cast<std::int64_t>(fields.number<std::uint64_t>())));
  delivery.received_at = at;
  const auto kind = fields.number<std::uint8_t>();
  delivery.kind = static_cast<Delivery::Kind>(kind);
  for (std::string* text : {&delivery.id, &delivery.endpoint, &delivery.resource, &delivery.sent_at,
                            &delivery.request_id, &delivery.body}) {
    *text = fields.text();
  }
  const bool is_known = kind >= static_cast<std::uint8_t>(Delivery::Kind::kIntegration) &&
                        kind <= static_cast<std::uint8_t>(Delivery::Kind::kUnsigned);
  if (!fields.fit() || !is_known || at < kFirst || at > kLast) return {};
  return delivery;
}

}  // namespace

std::uint64_t frame_size(const Delivery& delivery) {
  constexpr std::uint64_t kFixed = kFrameHeader + 1 + 8 + 1 + std::uint64_t{6} * 4;
  return kFixed + delivery.id.size() + delivery.endpoint.size() + delivery.resource.size() +
         delivery.sent_at.size() + delivery.request_id.size() + delivery.body.size();
}

void put_frame(std::string& out, const Delivery& delivery) {
  const std::size_t at = out.size();
  out.append(kFrameHeader, '\0');
  put_number(out, static_cast<std::uint8_t>(Form::kDelivery));
  const Instant received = std::clamp(delivery.received_at, kFirst, kLast);
  put_number(out, static_cast<std::uint64_t>(received.time_since_epoch().count()));
  put_number(out, static_cast<std::uint8_t>(delivery.kind));
  for (const std::string* text : {&delivery.id, &delivery.endpoint, &delivery.resource,
                                  &delivery.sent_at, &delivery.request_id, &delivery.body}) {
    put_text(out, *text);
  }
  seal(out, at);
}

void put_frame(std::string& out, const SegmentBeginning& beginning) {
  const std::size_t at = out.size();
  out.append(kFrameHeader, '\0');
  put_number(out, static_cast<std::uint8_t>(Form::kBeginning));
  put_number(out, beginning.end_before.segment);
  put_number(out, beginning.end_before.offset);
  seal(out, at);
}

std::optional<FrameHeader> parse_frame_header(std::string_view bytes) {
  if (bytes.size() < kFrameHeader || !bytes.starts_with(kFrameMark)) return std::nullopt;
  FrameFields fields(bytes.substr(kFrameMark.size(), kFrameHeader - kFrameMark.size()));
  FrameHeader header;
  header.length = fields.number<std::uint32_t>();
  header.checksum = fields.number<std::uint32_t>();
  const bool is_whole =
      fields.number<std::uint32_t>() == checksum_of(bytes.substr(0, kFrameHeader - 4));
  if (!is_whole || header.length > kMostPayload) return std::nullopt;
  return header;
}

FrameContents parse_payload(const FrameHeader& header, std::string_view payload) {
  if (payload.size() != header.length || checksum_of(payload) != header.checksum) return {};
  FrameFields fields(payload);
  const auto form = fields.number<std::uint8_t>();
  if (form == static_cast<std::uint8_t>(Form::kDelivery)) return parse_delivery(fields);
  if (form != static_cast<std::uint8_t>(Form::kBeginning)) return {};
  SegmentBeginning beginning;
  beginning.end_before.segment = fields.number<std::uint64_t>();
  beginning.end_before.offset = fields.number<std::uint64_t>();
  if (!fields.fit()) return {};
  return beginning;
}

}  // namespace source_sentry
