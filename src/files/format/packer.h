#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/error.h"
#include "files/format/options.h"

namespace source_sentry {

/// Compresses text as it comes. What is put out between two ends is one frame, which can be
/// unpacked by itself; frames one after the other are a valid file of the format. Not thread-safe.
class Packer {
 public:
  virtual ~Packer() = default;

  /// Appends to `out` what is ready of `text` and of what came before.
  virtual void pack(std::string_view text, std::string& out) = 0;

  /// Appends all the rest: the frame's end, if anything was packed since the last one.
  virtual void end_frame(std::string& out) = 0;
};

/// Unpacks what a packer has made, frame after frame. Not thread-safe.
class Unpacker {
 public:
  virtual ~Unpacker() = default;

  /// Appends to `out` what `packed`, which follows what came before, unpacks to. Throws a
  /// ConnectorError where it is damaged.
  virtual void unpack(std::string_view packed, std::string& out) = 0;
};

std::unique_ptr<Packer> make_gzip_packer();
std::unique_ptr<Packer> make_zstd_packer();

/// A packer; null for no compression.
inline std::unique_ptr<Packer> make_packer(Compression compression) {
  switch (compression) {
    case Compression::kGzip:
      return make_gzip_packer();
    case Compression::kZstd:
      return make_zstd_packer();
    case Compression::kNone:
      break;
  }
  return nullptr;
}

std::unique_ptr<Unpacker> make_gzip_unpacker();
std::unique_ptr<Unpacker> make_zstd_unpacker();

/// An unpacker; null for no compression.
inline std::unique_ptr<Unpacker> make_unpacker(Compression compression) {
  switch (compression) {
    case Compression::kGzip:
      return make_gzip_unpacker();
    case Compression::kZstd:
      return make_zstd_unpacker();
    case Compression::kNone:
      break;
  }
  return nullptr;
}

/// What to say of a file that a packer has not made.
inline ConnectorError damaged_file() {
  return {FailureKind::kSystem,
          "A compressed file of the folder is damaged. Put it back as it was, or begin again in "
          "another folder."};
}

}  // namespace source_sentry
