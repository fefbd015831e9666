#include <zstd.h>

#include <array>
#include <memory>
#include <new>
#include <utility>

#include "base/error.h"
#include "files/format/packer.h"

namespace source_sentry {
namespace {

/// What the zstd command takes.
constexpr int kLevel = 3;

class ZstdPacker final : public Packer {
 public:
  ZstdPacker() : context_(ZSTD_createCCtx(), ZSTD_freeCCtx) {
    if (!context_) throw std::bad_alloc();
    ZSTD_CCtx_setParameter(context_.get(), ZSTD_c_compressionLevel, kLevel);
    ZSTD_CCtx_setParameter(context_.get(), ZSTD_c_checksumFlag, 1);
  }

  void pack(std::string_view text, std::string& out) override {
    if (text.empty()) return;
    in_frame_ = true;
    ZSTD_inBuffer in{text.data(), text.size(), 0};
    while (in.pos < in.size) run(in, ZSTD_e_continue, out);
  }

  void end_frame(std::string& out) override {
    if (!std::exchange(in_frame_, false)) return;
    ZSTD_inBuffer nothing{nullptr, 0, 0};
    while (run(nothing, ZSTD_e_end, out) > 0) {
    }
  }

 private:
  /// What is still to be put out, at least.
  std::size_t run(ZSTD_inBuffer& in, ZSTD_EndDirective directive, std::string& out) {
    std::array<char, 1 << 16> ready;
    ZSTD_outBuffer written{ready.data(), ready.size(), 0};
    const std::size_t left = ZSTD_compressStream2(context_.get(), &written, &in, directive);
    if (ZSTD_isError(left) != 0) {
      throw ConnectorError(FailureKind::kSystem,
                           std::string("zstd failed: ") + ZSTD_getErrorName(left) +
                               ". Give the connector more memory, or choose another --compress.");
    }
    out.append(ready.data(), written.pos);
    return left;
  }

  std::unique_ptr<ZSTD_CCtx, decltype(&ZSTD_freeCCtx)> context_;
  bool in_frame_ = false;
};

class ZstdUnpacker final : public Unpacker {
 public:
  ZstdUnpacker() : context_(ZSTD_createDCtx(), ZSTD_freeDCtx) {
    if (!context_) throw std::bad_alloc();
  }

  void unpack(std::string_view packed, std::string& out) override {
    ZSTD_inBuffer in{packed.data(), packed.size(), 0};
    std::array<char, 1 << 16> ready;
    bool more = true;
    while (more) {
      ZSTD_outBuffer written{ready.data(), ready.size(), 0};
      const std::size_t left = ZSTD_decompressStream(context_.get(), &written, &in);
      if (ZSTD_isError(left) != 0) throw damaged_file();
      out.append(ready.data(), written.pos);
      more = in.pos < in.size || written.pos == written.size;
    }
  }

 private:
  std::unique_ptr<ZSTD_DCtx, decltype(&ZSTD_freeDCtx)> context_;
};

}  // namespace

std::unique_ptr<Unpacker> make_zstd_unpacker() { return std::make_unique<ZstdUnpacker>(); }

std::unique_ptr<Packer> make_zstd_packer() { return std::make_unique<ZstdPacker>(); }

}  // namespace source_sentry
