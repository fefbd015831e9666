#include "spool/spool_disk.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "base/descriptor.h"

namespace source_sentry {
namespace {

namespace fs = std::filesystem;

constexpr mode_t kForThisUser = 0600;

class SystemFile final : public SpoolFile {
 public:
  explicit SystemFile(Descriptor file) : file_(std::move(file)) {}

  Written append(std::string_view bytes) override {
    for (;;) {
      const ssize_t written = write(file_.get(), bytes.data(), bytes.size());
      if (written >= 0) return {static_cast<std::size_t>(written), 0};
      if (errno != EINTR) return {0, errno};
    }
  }

  int cut(std::uint64_t length) override {
    return ftruncate(file_.get(), static_cast<off_t>(length)) == 0 ? 0 : errno;
  }

  int sync() override { return fdatasync(file_.get()) == 0 ? 0 : errno; }

 private:
  Descriptor file_;
};

class SystemDisk final : public SpoolDisk {
 public:
  std::unique_ptr<SpoolFile> create(const fs::path& path, int& code) override {
    constexpr int kNew = O_WRONLY | O_APPEND | O_CREAT | O_EXCL | O_CLOEXEC;
    Descriptor file(open(path.c_str(), kNew, kForThisUser));
    code = file.is_open() ? 0 : errno;
    return code == 0 ? std::make_unique<SystemFile>(std::move(file)) : nullptr;
  }

  int sync_file(const fs::path& path) override {
    const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
    return file.is_open() && fsync(file.get()) == 0 ? 0 : errno;
  }

  int sync_folder(const fs::path& folder) override {
    const Descriptor opened(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (opened.is_open() && fsync(opened.get()) == 0) return 0;
    // Some file systems cannot do it, and need not.
    return errno == EINVAL || errno == ENOTSUP ? 0 : errno;
  }

  int remove(const fs::path& path) override { return unlink(path.c_str()) == 0 ? 0 : errno; }
};

}  // namespace

SpoolDisk& system_disk() {
  static SystemDisk disk;
  return disk;
}

bool is_lack_of_room(int code) { return code == ENOSPC || code == EDQUOT; }

}  // namespace source_sentry
