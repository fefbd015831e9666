#include "base/file.h"

#include <cerrno>
#include <fstream>
#include <iterator>
#include <system_error>

namespace source_sentry {

std::optional<std::string> read_file(const std::string& path, std::string& reason) {
  errno = 0;
  try {
    std::ifstream file(path, std::ios::binary);
    if (file) return std::string{std::istreambuf_iterator<char>(file), {}};
  } catch (const std::ios_base::failure&) {
    // The stream's buffer throws where reading fails, whatever the stream was told; errno says why.
  }
  reason = std::generic_category().message(errno);
  return std::nullopt;
}

}  // namespace source_sentry
