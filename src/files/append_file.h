#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include "base/descriptor.h"

namespace source_sentry {

/// A file that only grows: what was written up to a known length is kept, and the rest, which a run
/// that was killed may have left there, is cut off. Not thread-safe.
class AppendFile {
 public:
  /// Opens the file, or makes it where it may be empty, and cuts it to `length` bytes. Throws a
  /// ConnectorError where it cannot, or where the file is shorter.
  AppendFile(std::filesystem::path path, std::uint64_t length);

  /// Writes the pieces one after the other, from where they lie. Throws a ConnectorError if that
  /// fails, for example because the disk is full; some of it may be written then.
  void append(std::span<const std::string_view> pieces);

  /// Waits until everything so far is on the disk. Throws a ConnectorError if that fails.
  void sync();

  /// Cuts off what is behind the first `length` bytes.
  void cut(std::uint64_t length);

  std::uint64_t size() const { return size_; }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
  Descriptor file_;
  std::uint64_t size_ = 0;
};

/// Puts `text` in place of what the file holds, at once: whoever reads the file sees the old text
/// or the new one, also after a power failure. If it fails, the old text is still there. Throws a
/// ConnectorError then.
void replace_file(const std::filesystem::path& path, std::string_view text);

}  // namespace source_sentry
