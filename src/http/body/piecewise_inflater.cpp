#include "http/body/piecewise_inflater.h"

#include <zlib.h>

#include <algorithm>
#include <limits>
#include <new>

namespace source_sentry {
namespace {

// What zlib is told to expect.
constexpr int kZlib = 15;
constexpr int kGzip = 15 + 16;
constexpr int kRaw = -15;

bool is_gzip(std::string_view bytes) { return bytes.starts_with("\x1f\x8b"); }

/// RFC 1950, 2.2: the method is deflate, and the first two bytes are a multiple of 31.
bool is_zlib(std::string_view bytes) {
  if (bytes.size() < 2) return false;
  const auto first = static_cast<unsigned char>(bytes[0]);
  const auto second = static_cast<unsigned char>(bytes[1]);
  return (first & 0x0f) == Z_DEFLATED && (first * 256 + second) % 31 == 0;
}

int format(std::string_view packed, Coding coding) {
  if (is_gzip(packed)) return kGzip;
  if (is_zlib(packed)) return kZlib;
  return coding == Coding::kDeflate ? kRaw : kGzip;
}

uInt at_once(std::size_t size) {
  return static_cast<uInt>(std::min<std::size_t>(size, std::numeric_limits<uInt>::max()));
}

}  // namespace

struct PiecewiseInflater::Zlib {
  explicit Zlib(int window_bits) {
    if (inflateInit2(&stream, window_bits) != Z_OK) throw std::bad_alloc();
  }
  ~Zlib() { inflateEnd(&stream); }
  Zlib(const Zlib&) = delete;
  Zlib& operator=(const Zlib&) = delete;

  z_stream stream{};
};

PiecewiseInflater::PiecewiseInflater(std::string_view packed, Coding coding)
    : zlib_(std::make_unique<Zlib>(format(packed, coding))), left_(packed) {}

PiecewiseInflater::~PiecewiseInflater() = default;

std::size_t PiecewiseInflater::read(char* to, std::size_t size) {
  z_stream& stream = zlib_->stream;
  std::size_t written = 0;
  while (state_ == State::kMore) {
    const uInt offered = at_once(left_.size());
    const uInt room = at_once(size - written);
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(left_.data()));  // it only reads
    stream.avail_in = offered;
    stream.next_out = reinterpret_cast<Bytef*>(to + written);
    stream.avail_out = room;
    const int code = inflate(&stream, Z_NO_FLUSH);
    left_.remove_prefix(offered - stream.avail_in);
    written += room - stream.avail_out;
    if (code == Z_STREAM_END) {
      end_member();
    } else if (code == Z_MEM_ERROR) {
      throw std::bad_alloc();
    } else if (code != Z_OK && code != Z_BUF_ERROR) {
      state_ = State::kDamaged;
      why_ = stream.msg != nullptr ? stream.msg : zError(code);
    } else if (stream.avail_out > 0 && left_.empty()) {
      state_ = State::kCutOff;
    } else if (written == size) {
      break;
    }
  }
  return written;
}

void PiecewiseInflater::end_member() {
  const bool another = is_gzip(left_);
  if (another) inflateReset2(&zlib_->stream, kGzip);
  state_ = another ? State::kMore : State::kWhole;
}

}  // namespace source_sentry
