#include "protocol/emitter.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <ctime>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "base/file.h"
#include "base/text.h"

namespace source_sentry {
Emitter::Emitter(int fd, Clock& clock, Secrets secrets, std::stop_source on_failure)
    : fd_(fd), clock_(clock), secrets_(std::move(secrets)), on_failure_(std::move(on_failure)) {
  // A pipe of 1 MiB takes a page of records in one go: three times the throughput of the default 64
  // KiB (measured). If it is not a pipe, or this is not allowed, everything still works.
  constexpr int kPipeBytes = 1 << 20;
  fcntl(fd_, F_SETPIPE_SZ, kPipeBytes);
}

void Emitter::address(Person& person, bool alone) {
  person_ = &person;
  on_stdout_ = !alone;
}

void Emitter::tell(LogLevel level, std::string_view message) {
  if (person_ != nullptr) person_->say(level, redact(message));
}

void Emitter::spec(std::string_view spec_json) { lines(spec_line(spec_json)); }

void Emitter::connection_status(bool succeeded, std::string_view message) {
  lines(connection_status_line(succeeded, redact(message)));
}

void Emitter::catalog(const nlohmann::ordered_json& streams) { lines(catalog_line(streams)); }

void Emitter::log(LogLevel level, std::string_view message) {
  const std::string clean = redact(message);
  if (on_stdout_) lines(log_line(level, clean));
  if (person_ != nullptr) person_->log(level, clean);
}

void Emitter::error(const ConnectorError& error, std::string_view stream) {
  const ConnectorError clean(error.kind(), redact(error.message()), redact(error.detail()));
  if (on_stdout_) lines(error_line(clean, stream, clock_.now()));
  if (person_ != nullptr) person_->error(clean, stream);
}

void Emitter::hide(std::string_view secret) {
  const std::scoped_lock lock(secrets_mutex_);
  secrets_.add(secret);
}

/// Messages contain servers' own words: wherever these come from, they must not be a secret, very
/// long, or a command to a terminal.
std::string Emitter::redact(std::string_view text) {
  constexpr std::size_t kLongest = 16'384;
  const std::scoped_lock lock(secrets_mutex_);
  return secrets_.redact(excerpt(text, kLongest));
}

void Emitter::lines(std::span<const std::string_view> pieces) {
  std::vector<iovec> parts = parts_of(pieces);
  const std::scoped_lock lock(mutex_);
  for (std::span<iovec> left(parts); !left.empty() && health_ == Health::kGood;) {
    const std::size_t most = std::min<std::size_t>(left.size(), IOV_MAX);
    const ssize_t written = ::writev(fd_, left.data(), static_cast<int>(most));
    if (written >= 0) {
      left = behind(left, static_cast<std::size_t>(written));
      written_ += static_cast<std::uint64_t>(written);
    } else if (errno == EAGAIN) {
      wait_for_reader();
    } else if (errno != EINTR) {
      error_number_ = errno;
      health_ = errno == EPIPE ? Health::kReaderGone : Health::kFailed;
      on_failure_.request_stop();
    }
  }
}

std::uint64_t Emitter::taken() const {
  const std::uint64_t written = written_;
  struct stat about {};
  int waiting = 0;
  const bool is_pipe = fstat(fd_, &about) == 0 && S_ISFIFO(about.st_mode);
  if (!is_pipe || ioctl(fd_, FIONREAD, &waiting) != 0) return written;
  return written - std::min<std::uint64_t>(written, static_cast<std::uint64_t>(waiting));
}

void Emitter::last_line(std::string_view text) noexcept {
  constexpr timespec kMoment{0, 10'000'000};
  constexpr int kMoments = 500;
  bool mine = mutex_.try_lock();
  for (int i = 0; i < kMoments && !mine; ++i) {
    nanosleep(&kMoment, nullptr);
    mine = mutex_.try_lock();
  }
  if (!mine) return;
  const std::scoped_lock lock(std::adopt_lock, mutex_);
  if (health_ != Health::kGood || !on_stdout_) return;
  while (!text.empty()) {
    const ssize_t written = ::write(fd_, text.data(), text.size());
    if (written > 0) {
      text.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno == EAGAIN) {
      wait_for_reader();
    } else if (errno != EINTR) {
      break;
    }
  }
}

/// Another process that shares the pipe may have made it non-blocking; we wait all the same.
void Emitter::wait_for_reader() const {
  pollfd output{fd_, POLLOUT, 0};
  poll(&output, 1, -1);
}

}  // namespace source_sentry
