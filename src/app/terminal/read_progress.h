#pragma once

#include <thread>

#include "app/terminal/board.h"
#include "app/terminal/console.h"
#include "app/terminal/manner.h"
#include "app/terminal/pace.h"
#include "app/terminal/summary.h"
#include "protocol/emitter.h"

namespace source_sentry {

/// Shows a person how a read gets on, and how it ended. Does nothing where none is spoken to. A
/// thread of its own looks at the numbers now and then, so reading never waits for it.
class ReadProgress {
 public:
  /// What the messages of a run are told through; `console` may be null. Both must outlive it.
  ReadProgress(Emitter& emitter, Console* console, ProgressForm form);
  /// Ends what is shown.
  ~ReadProgress();
  ReadProgress(const ReadProgress&) = delete;
  ReadProgress& operator=(const ReadProgress&) = delete;

  /// Sinks that do what those of `open` do. This must outlive them.
  OpenSink watch(OpenSink open);

  /// The process ends, because of `stream`, see Board.
  void break_off(const std::string& stream, const ConnectorError& why) {
    board_.break_off(stream, why);
  }

  /// Begins to show the streams that were opened.
  void begin();

  /// Shows the present numbers once; called by the thread.
  void tick();

  /// The read is over: tells how it ended.
  void finish(const ReadEnd& end);

 private:
  void stop();

  Emitter& emitter_;
  Console* const console_;
  const ProgressForm form_;
  const Instant begun_;  // by the steady clock
  Board board_;
  Pace pace_;
  std::jthread ticker_;
};

}  // namespace source_sentry
