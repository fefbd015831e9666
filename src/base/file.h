#pragma once

#include <sys/uio.h>

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace source_sentry {

/// More than any configuration, catalog, state or list of certificates has. Devices and pipes may
/// have no end.
inline constexpr std::size_t kLargestFile = std::size_t{32} << 20;

/// The pieces as writev takes them, without empty ones; they stay where they are.
std::vector<iovec> parts_of(std::span<const std::string_view> pieces);

/// What is left of `parts` after their first `written` bytes.
std::span<iovec> behind(std::span<iovec> parts, std::size_t written);

/// All of a file's bytes. Nothing where it cannot be read (such as a directory) or is larger than
/// kLargestFile; `reason` then says why, in the system's words if there are any.
std::optional<std::string> read_file(const std::string& path, std::string& reason);

/// Reads a file once, line by line, in memory that does not grow with it: it may be gigabytes long,
/// or a pipe. Not thread-safe.
class LineReader {
 public:
  /// How much of a line is known before the rest of it is asked for.
  static constexpr std::size_t kHead = 256;

  explicit LineReader(const std::string& path);
  ~LineReader();
  LineReader(const LineReader&) = delete;
  LineReader& operator=(const LineReader&) = delete;

  /// Moves to the next line, the first one at first. False where there is none, and where the file
  /// cannot be read.
  bool next();
  /// The line's first kHead bytes at most, without its end. Valid until anything else is called.
  std::string_view head() const;
  /// The whole line without its end; nothing where it is longer than kLargestFile. Valid until the
  /// next call.
  std::optional<std::string_view> line();
  /// The line with all that follows; nothing, and an error, where that is more than kLargestFile.
  /// Nothing else may be called after this.
  std::optional<std::string> rest();
  /// The last byte that was read: the file's last one once there is no next line.
  char last_byte() const { return last_byte_; }
  std::size_t number() const { return number_; }  ///< the line's, from 1
  /// Why the file cannot be read, in the system's words; empty where it can.
  const std::string& error() const { return error_; }

 private:
  bool fill();

  const int fd_;
  std::string buffer_;
  std::size_t begin_ = 0;  // where in it the line begins
  std::size_t end_ = 0;    // where it ends; the buffer's size where that is not known yet
  std::size_t number_ = 0;
  bool over_ = false;  // nothing more is in the file
  char last_byte_ = '\n';
  std::string error_;
};

}  // namespace source_sentry
