#include "live/notion/cache/private_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "base/descriptor.h"
#include "files/disk.h"

namespace source_sentry {
namespace {

constexpr mode_t kForItsOwner = 0600;

}  // namespace

void write_private_file(const std::filesystem::path& path, std::string_view text) {
  std::filesystem::path part = path;
  part += ".part";
  const Descriptor file(
      open(part.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, kForItsOwner));
  if (!file.is_open()) refuse_path(part, "written", errno);
  while (!text.empty()) {
    const ssize_t written = write(file.get(), text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) refuse_path(part, "written", errno);
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  if (fdatasync(file.get()) != 0) refuse_path(part, "saved", errno);
  move_file(part, path);
}

}  // namespace source_sentry
