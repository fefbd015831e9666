#include "app/last_words.h"

#include <unistd.h>

#include <array>
#include <atomic>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <exception>
#include <new>

#include "mapping/jq/under_way.h"

namespace source_sentry {
namespace {

constexpr const char* kNoMemory = "There is not enough memory. Give the connector more.";
constexpr const char* kUnknown =
    "Something went wrong inside the connector. Please report this with the log.";

constexpr const char* kJqIsDown =
    "An expression of the configuration has brought jq down: it takes too much memory, or makes a "
    "value that jq cannot hold. Change what begins with: ";

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

[[noreturn]] void speak(const char* message, const char* detail, const char* kind) noexcept {
  // Another thread is doing this, and ends the program.
  while (has_spoken.test_and_set()) pause();
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  constexpr long long kMillis = 1'000, kNanosOfMilli = 1'000'000;
  std::array<char, 600> line{};
  const int length = std::snprintf(  // NOLINT(cppcoreguidelines-pro-type-vararg): takes no memory
      line.data(), line.size(),
      R"({"type":"TRACE","trace":{"type":"ERROR","emitted_at":%lld,"error":{"message":"%s%s",)"
      R"("failure_type":"%s"}}})"
      "\n",
      now.tv_sec * kMillis + now.tv_nsec / kNanosOfMilli, message, detail, kind);
  if (Emitter* const emitter = spoken_by) {
    emitter->last_line({line.data(), static_cast<std::size_t>(length)});
  }
  for (const char* text : {"source-sentry: ", message, detail, "\n"}) {
    if (write(STDERR_FILENO, text, std::strlen(text)) < 0) break;
  }
  _exit(1);
}

[[noreturn]] void speak_of_exception() noexcept {
  speak(is_memory() ? kNoMemory : kUnknown, "", "system_error");
}

/// For the signals that end a process which has gone wrong. What is not jq's goes its usual way.
extern "C" void speak_of_jq(int signal) {
  const char* const expression = jq_under_way();
  if (expression != nullptr) speak(kJqIsDown, expression, "config_error");
  std::signal(signal, SIG_DFL);
  raise(signal);
}

}  // namespace

void prepare_last_words() {
  std::set_terminate(speak_of_exception);
  for (const int signal : {SIGSEGV, SIGBUS, SIGABRT}) std::signal(signal, speak_of_jq);
}

LastWords::LastWords(Emitter& emitter) { spoken_by = &emitter; }

LastWords::~LastWords() { spoken_by = nullptr; }

}  // namespace source_sentry
