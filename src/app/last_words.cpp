#include "app/last_words.h"

#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <exception>
#include <new>

namespace source_sentry {
namespace {

constexpr const char* kNoMemory = "There is not enough memory. Give the connector more.";
constexpr const char* kUnknown =
    "Something went wrong inside the connector. Please report this with the log.";

std::atomic<Emitter*> spoken_by = nullptr;
std::atomic_flag has_spoken;

/// Whether the program ends for lack of memory, even if there was too little for the exception.
bool is_memory() noexcept {
  const std::exception_ptr error = std::current_exception();
  if (!error) return true;
  try {
    std::rethrow_exception(error);
  } catch (const std::bad_alloc&) {
    return true;
  } catch (...) {
    return false;
  }
}

[[noreturn]] void speak() noexcept {
  // Another thread is doing this, and ends the program.
  while (has_spoken.test_and_set()) pause();
  const char* const message = is_memory() ? kNoMemory : kUnknown;
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  constexpr long long kMillis = 1'000, kNanosOfMilli = 1'000'000;
  std::array<char, 400> line{};
  const int length = std::snprintf(  // NOLINT(cppcoreguidelines-pro-type-vararg): takes no memory
      line.data(), line.size(),
      R"({"type":"TRACE","trace":{"type":"ERROR","emitted_at":%lld,"error":{"message":"%s",)"
      R"("failure_type":"system_error"}}})"
      "\n",
      now.tv_sec * kMillis + now.tv_nsec / kNanosOfMilli, message);
  if (Emitter* const emitter = spoken_by) {
    emitter->last_line({line.data(), static_cast<std::size_t>(length)});
  }
  for (const char* text : {"source-sentry: ", message, "\n"}) {
    if (write(STDERR_FILENO, text, std::strlen(text)) < 0) break;
  }
  _exit(1);
}

}  // namespace

void prepare_last_words() { std::set_terminate(speak); }

LastWords::LastWords(Emitter& emitter) { spoken_by = &emitter; }

LastWords::~LastWords() { spoken_by = nullptr; }

}  // namespace source_sentry
