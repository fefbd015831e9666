#include "protocol/emitter.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <nlohmann/json.hpp>
#include <utility>

namespace source_sentry {

Emitter::Emitter(int fd, Clock& clock, Secrets secrets, std::stop_source on_failure)
    : fd_(fd), clock_(clock), secrets_(std::move(secrets)), on_failure_(std::move(on_failure)) {
  // A pipe of 1 MiB takes a page of records at one go: three times the throughput of the default
  // 64 KiB (measured). Not a pipe, or not allowed: it works all the same.
  constexpr int kPipeBytes = 1 << 20;
  fcntl(fd_, F_SETPIPE_SZ, kPipeBytes);
}

void Emitter::spec(std::string_view spec_json) { write(spec_line(spec_json)); }

void Emitter::connection_status(bool succeeded, std::string_view message) {
  write(connection_status_line(succeeded, redact(message)));
}

void Emitter::catalog(const nlohmann::ordered_json& streams) { write(catalog_line(streams)); }

void Emitter::log(LogLevel level, std::string_view message) {
  write(log_line(level, redact(message)));
}

void Emitter::error(const ConnectorError& error, std::string_view stream) {
  const ConnectorError clean(error.kind(), redact(error.message()), redact(error.detail()));
  write(error_line(clean, stream, clock_.now()));
}

void Emitter::hide(std::string_view secret) {
  const std::scoped_lock lock(secrets_mutex_);
  secrets_.add(secret);
}

std::string Emitter::redact(std::string_view text) {
  const std::scoped_lock lock(secrets_mutex_);
  return secrets_.redact(text);
}

void Emitter::lines(std::string_view text) { write(text); }

void Emitter::write(std::string_view text) {
  const std::scoped_lock lock(mutex_);
  while (!text.empty() && health_ == Health::kGood) {
    const ssize_t written = ::write(fd_, text.data(), text.size());
    if (written >= 0) {
      text.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno != EINTR) {
      error_number_ = errno;
      health_ = errno == EPIPE ? Health::kReaderGone : Health::kFailed;
      on_failure_.request_stop();
    }
  }
}

}  // namespace source_sentry
