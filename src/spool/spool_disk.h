#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string_view>

namespace source_sentry {

/// A file that a spool is written to. Failures are codes of the system (errno), 0 for none.
class SpoolFile {
 public:
  struct Written {
    std::size_t bytes = 0;  ///< may be fewer than were to be written
    int code = 0;
  };

  virtual ~SpoolFile() = default;
  virtual Written append(std::string_view bytes) = 0;
  /// Cuts off what is behind the first `length` bytes.
  virtual int cut(std::uint64_t length) = 0;
  /// Waits until all of it is on the disk.
  virtual int sync() = 0;
};

/// What a writer asks of the disk, so that tests can let it fail. Failures as above.
class SpoolDisk {
 public:
  virtual ~SpoolDisk() = default;
  /// Makes the file, for this user alone; nothing, and a code, where it cannot, or where there is
  /// such a file.
  virtual std::unique_ptr<SpoolFile> create(const std::filesystem::path& path, int& code) = 0;
  /// Waits until what a file that is there holds is on the disk.
  virtual int sync_file(const std::filesystem::path& path) = 0;
  /// The same for the names of a folder's files.
  virtual int sync_folder(const std::filesystem::path& folder) = 0;
  virtual int remove(const std::filesystem::path& path) = 0;
};

/// The machine's own.
SpoolDisk& system_disk();

/// Whether the failure means that there is no room, which may pass.
bool is_lack_of_room(int code);

}  // namespace source_sentry
