#pragma once

#include <zlib.h>

#include <string>

namespace source_sentry {

/// Formats that zlib makes, as it numbers them.
inline constexpr int kAsGzip = 15 + 16;
inline constexpr int kAsZlib = 15;
inline constexpr int kAsRaw = -15;

/// `text`, packed by zlib.
inline std::string packed(std::string text, int format = kAsGzip, int level = 6) {
  z_stream stream{};
  deflateInit2(&stream, level, Z_DEFLATED, format, 8, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&stream, text.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(text.data());
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

}  // namespace source_sentry
