#include "app/core_dumps.h"

#include <sys/prctl.h>
#include <sys/resource.h>

namespace source_sentry {

// The leak check of AddressSanitizer looks into its own process from outside it.
#if defined(__SANITIZE_ADDRESS__)
constexpr bool kLookedInto = true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
constexpr bool kLookedInto = true;
#else
constexpr bool kLookedInto = false;
#endif
#else
constexpr bool kLookedInto = false;
#endif

void forbid_core_dumps() {
  // Neither can fail: a limit may always be lowered. The limit stops dumps into files, but not
  // those that the kernel pipes to a collector such as systemd-coredump; the flag stops these, too
  // (core(5), PR_SET_DUMPABLE in prctl(2)).
  const rlimit none{0, 0};
  setrlimit(RLIMIT_CORE, &none);
  if (!kLookedInto) prctl(PR_SET_DUMPABLE, 0);
}

}  // namespace source_sentry
