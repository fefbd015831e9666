// A writer that is killed at any moment: what it has acknowledged comes out, in its order, once.
//
// CRASHES says how many kills are made; 30 if nothing does.

#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <optional>
#include <random>
#include <thread>
#include <utility>

#include "fakes/temporary_folder.h"
#include "spool/deliveries.h"
#include "spool/spool_writer.h"

namespace source_sentry {
namespace {

int crashes() {
  const char* const told = std::getenv("CRASHES");
  return told == nullptr ? 30 : std::max(1, std::atoi(told));
}

/// Hands over one delivery after the other, from `first` on, and says the number of each that is
/// acknowledged. Ends when it is killed.
[[noreturn]] void append_for_ever(const std::filesystem::path& folder, std::uint64_t first,
                                  int acknowledgements) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  constexpr std::uint64_t kAtOnce = 20;
  SpoolLimits limits;
  limits.segment_bytes = 20'000;
  SystemClock clock;
  SpoolWriter writer(folder, limits, clock);
  std::atomic<std::uint64_t> ended = first;
  for (std::uint64_t number = first;; ++number) {
    while (number - ended >= kAtOnce) std::this_thread::yield();
    writer.append(numbered(number, number * 37 % 900, clock.now()), [&, number](auto result) {
      // Of the kill before, what was stored is told to be a duplicate.
      if (result != SpoolWriter::Result::kStored && result != SpoolWriter::Result::kDuplicate) {
        _exit(1);
      }
      if (write(acknowledgements, &number, sizeof number) != sizeof number) _exit(1);
      ++ended;
    });
  }
}

/// A process that appends, and tells which of its deliveries are acknowledged.
class Child {
 public:
  Child(const std::filesystem::path& folder, std::uint64_t first) {
    std::array<int, 2> ends{};
    EXPECT_EQ(pipe(ends.data()), 0);
    pid_ = fork();
    if (pid_ == 0) append_for_ever(folder, first, ends[1]);
    close(ends[1]);
    acknowledgements_ = ends[0];
  }
  ~Child() {
    end();
    close(acknowledgements_);
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  /// The next number that is acknowledged; nothing once the process is gone.
  std::optional<std::uint64_t> next() const {
    std::uint64_t number = 0;
    // What a pipe takes at once it gives at once.
    if (read(acknowledgements_, &number, sizeof number) != sizeof number) return std::nullopt;
    return number;
  }

  /// Kills it. False where it had ended by itself.
  bool end() {
    if (pid_ <= 0) return false;
    int status = 0;
    kill(pid_, SIGKILL);
    waitpid(std::exchange(pid_, -1), &status, 0);
    return WIFSIGNALED(status);
  }

 private:
  pid_t pid_ = -1;
  int acknowledgements_ = -1;
};

/// Kills one writer after the other, so many times, that append to the same spool.
void kill_writers(int times, std::mt19937& dice) {
  const TemporaryFolder folder;
  std::uint64_t acknowledged = 0;  // the number behind the last one
  std::uint64_t read = 0;          // the same of those that the reader gave
  std::optional<SpoolPosition> position;
  for (int round = 0; round < times; ++round) {
    // What was not acknowledged is sent again, as its sender would.
    Child child(folder.path(), acknowledged);
    // Some are killed when they begin.
    const std::uint64_t enough = acknowledged + (dice() % 8 == 0 ? 0 : dice() % 300);
    while (acknowledged < enough) {
      const auto number = child.next();
      ASSERT_EQ(number, acknowledged) << "round " << round;
      ++acknowledged;
    }
    std::this_thread::sleep_for(std::chrono::microseconds(dice() % 3000));
    ASSERT_TRUE(child.end()) << "it has ended by itself";
    while (const auto number = child.next()) ASSERT_EQ(*number, acknowledged++);

    // Each number once and in order, whichever of the writers has stored it.
    SpoolReader reader(folder.path(), position);
    for (const auto& entry : all_of(reader)) {
      ASSERT_EQ(number_of(entry.delivery), read++) << "round " << round;
      position = entry.after;
    }
    ASSERT_GE(read, acknowledged) << "round " << round;
    ASSERT_EQ(reader.damaged(), 0U);
    ASSERT_FALSE(reader.has_gap());
  }
  std::uint64_t expected = 0;
  for (const std::uint64_t number : numbers_in(folder.path())) ASSERT_EQ(number, expected++);
  EXPECT_EQ(expected, read);
}

TEST(SpoolCrash, NothingThatWasAcknowledgedIsLost) {
  constexpr int kOfOneSpool = 15;  // a writer begins by reading what those before it have left
  std::mt19937 dice(18);
  for (int left = crashes(); left > 0 && !HasFatalFailure(); left -= kOfOneSpool) {
    kill_writers(std::min(left, kOfOneSpool), dice);
  }
}

}  // namespace
}  // namespace source_sentry
