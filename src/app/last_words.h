#pragma once

#include "protocol/emitter.h"

namespace source_sentry {

/// From now on an exception that nobody can catch ends the program with an error on stderr and exit
/// code 1 instead of SIGABRT. That is want of memory where nothing may fail: even to destroy a JSON
/// value takes some.
void prepare_last_words();

/// For as long as it lives, they come as an error of the protocol, too. There is one at a time.
class LastWords {
 public:
  explicit LastWords(Emitter& emitter);
  ~LastWords();
  LastWords(const LastWords&) = delete;
  LastWords& operator=(const LastWords&) = delete;
};

}  // namespace source_sentry
