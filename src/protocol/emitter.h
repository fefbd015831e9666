#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <stop_token>
#include <string_view>

#include "base/clock.h"
#include "base/secrets/secrets.h"
#include "protocol/messages.h"
#include "protocol/person.h"

namespace source_sentry {

/// The only writer of stdout. Every call writes whole lines, in one piece, before it returns: there
/// is no queue between the workers and stdout, so a slow reader holds back the workers, and through
/// them the sockets, and memory stays flat. Safe to use from several threads.
///
/// Secrets are removed from all texts for people (logs, errors, statuses) here, in the one place
/// that they all pass, also those that a person is told in words.
class Emitter {
 public:
  enum class Health {
    kGood,
    kReaderGone,  ///< the pipe is closed: no more is wanted
    kFailed,      ///< the disk is full, or the like
  };

  /// Writes to file descriptor `fd`, which stays the caller's. When writing fails, everything after
  /// is dropped and `on_failure` is requested to stop.
  Emitter(int fd, Clock& clock, Secrets secrets, std::stop_source on_failure);

  /// Lets a person hear logs and errors, too. `alone`: instead of stdout, which gets none of them.
  /// Called before anything else; the person must outlive what is said.
  void address(Person& person, bool alone);

  /// Says something to that person; nothing where there is none.
  void tell(LogLevel level, std::string_view message);

  void spec(std::string_view spec_json);
  void connection_status(bool succeeded, std::string_view message);
  void catalog(const nlohmann::ordered_json& streams);
  void log(LogLevel level, std::string_view message);
  void error(const ConnectorError& error, std::string_view stream = {});

  /// From now on `secret` counts as a secret too.
  void hide(std::string_view secret);

  /// The text as it may be shown.
  std::string redact(std::string_view text);

  /// Lines that are already complete and hold no text of ours: records, states, statuses. In
  /// `pieces`, which are written from where they lie, one after the other.
  void lines(std::string_view text) { lines(std::span(&text, 1)); }
  void lines(std::span<const std::string_view> pieces);

  /// One such line where nothing can be relied on any more: allocates nothing, and gives up after a
  /// while where the reader takes nothing.
  void last_line(std::string_view text) noexcept;

  Clock& clock() { return clock_; }
  Health health() const { return health_; }
  /// How many bytes were written, and how many of them have left: those that wait in a pipe for its
  /// reader have not.
  std::uint64_t written() const { return written_; }
  std::uint64_t taken() const;
  /// What the operating system said when writing failed.
  int error_number() const { return error_number_; }

 private:
  void wait_for_reader() const;

  const int fd_;
  Clock& clock_;
  Person* person_ = nullptr;
  bool on_stdout_ = true;  // logs and errors are
  std::mutex secrets_mutex_;
  Secrets secrets_;
  std::stop_source on_failure_;
  std::mutex mutex_;
  std::atomic<Health> health_ = Health::kGood;
  std::atomic<int> error_number_ = 0;
  std::atomic<std::uint64_t> written_ = 0;
};

}  // namespace source_sentry
