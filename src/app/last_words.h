#pragma once

#include "protocol/emitter.h"

namespace source_sentry {

/// From now on an exception that cannot be caught ends the program with an error on stderr and exit
/// code 1 instead of SIGABRT. The cause is lack of memory where nothing may fail: even destroying a
/// JSON value takes some. The same for an expression that brings jq down: libjq ends the process
/// where it gets no memory, and by values that it counts wrongly (CVE-2024-23337).
void prepare_last_words();

/// While it lives, this is also emitted as an error of the protocol. Only one exists at a time.
class LastWords {
 public:
  explicit LastWords(Emitter& emitter);
  ~LastWords();
  LastWords(const LastWords&) = delete;
  LastWords& operator=(const LastWords&) = delete;
};

}  // namespace source_sentry
