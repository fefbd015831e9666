#include <zlib.h>

#include <array>
#include <new>
#include <utility>

#include "files/format/packer.h"

namespace source_sentry {
namespace {

class GzipPacker final : public Packer {
 public:
  GzipPacker() {
    constexpr int kGzip = 15 + 16;  // the largest window, in gzip's own frame
    constexpr int kMemory = 8;      // zlib's default
    if (deflateInit2(&stream_, Z_DEFAULT_COMPRESSION, Z_DEFLATED, kGzip, kMemory,
                     Z_DEFAULT_STRATEGY) != Z_OK) {
      throw std::bad_alloc();
    }
  }
  ~GzipPacker() override { deflateEnd(&stream_); }
  GzipPacker(const GzipPacker&) = delete;
  GzipPacker& operator=(const GzipPacker&) = delete;

  void pack(std::string_view text, std::string& out) override {
    if (text.empty()) return;
    in_frame_ = true;
    run(text, Z_NO_FLUSH, out);
  }

  void end_frame(std::string& out) override {
    if (!std::exchange(in_frame_, false)) return;
    run({}, Z_FINISH, out);
    deflateReset(&stream_);
  }

 private:
  /// zlib's lengths have 32 bits; no page has more.
  void run(std::string_view text, int flush, std::string& out) {
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
    stream_.avail_in = static_cast<uInt>(text.size());
    std::array<char, 1 << 16> ready;
    do {
      stream_.next_out = reinterpret_cast<Bytef*>(ready.data());
      stream_.avail_out = static_cast<uInt>(ready.size());
      deflate(&stream_, flush);
      out.append(ready.data(), ready.size() - stream_.avail_out);
    } while (stream_.avail_out == 0);
  }

  z_stream stream_{};
  bool in_frame_ = false;
};

class GzipUnpacker final : public Unpacker {
 public:
  GzipUnpacker() {
    constexpr int kGzip = 15 + 16;
    if (inflateInit2(&stream_, kGzip) != Z_OK) throw std::bad_alloc();
  }
  ~GzipUnpacker() override { inflateEnd(&stream_); }
  GzipUnpacker(const GzipUnpacker&) = delete;
  GzipUnpacker& operator=(const GzipUnpacker&) = delete;

  void unpack(std::string_view packed, std::string& out) override {
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
    stream_.avail_in = static_cast<uInt>(packed.size());
    std::array<char, 1 << 16> ready;
    bool more = true;
    while (more) {
      stream_.next_out = reinterpret_cast<Bytef*>(ready.data());
      stream_.avail_out = static_cast<uInt>(ready.size());
      const int code = inflate(&stream_, Z_NO_FLUSH);
      out.append(ready.data(), ready.size() - stream_.avail_out);
      if (code == Z_STREAM_END) {
        inflateReset(&stream_);
      } else if (code != Z_OK && code != Z_BUF_ERROR) {
        throw damaged_file();
      }
      more = stream_.avail_in > 0 || stream_.avail_out == 0;
    }
  }

 private:
  z_stream stream_{};
};

}  // namespace

std::unique_ptr<Unpacker> make_gzip_unpacker() { return std::make_unique<GzipUnpacker>(); }

std::unique_ptr<Packer> make_gzip_packer() { return std::make_unique<GzipPacker>(); }

}  // namespace source_sentry
