#include "app/terminal/read_progress.h"

#include <chrono>
#include <exception>
#include <stop_token>
#include <utility>

namespace source_sentry {
namespace {

using std::chrono::milliseconds;

/// How often something new is shown.
Duration pause_of(ProgressForm form) {
  switch (form) {
    case ProgressForm::kBar:
      return milliseconds(250);
    case ProgressForm::kJson:
      return milliseconds(1'000);
    default:
      return milliseconds(10'000);
  }
}

}  // namespace

ReadProgress::ReadProgress(Emitter& emitter, Console* console, ProgressForm form)
    : emitter_(emitter),
      console_(console),
      form_(console == nullptr ? ProgressForm::kNone : form),
      begun_(emitter.clock().steady_now()),
      board_(emitter.clock()) {}

ReadProgress::~ReadProgress() { stop(); }

OpenSink ReadProgress::watch(OpenSink open) { return board_.watch(std::move(open)); }

void ReadProgress::begin() {
  if (form_ == ProgressForm::kNone) return;
  pace_.look(board_.figures(), emitter_.clock().steady_now());
  try {
    ticker_ = std::jthread([this](const std::stop_token& stopped) {
      while (emitter_.clock().sleep_for(pause_of(form_), stopped)) {
        try {
          tick();
        } catch (const std::exception&) {
          // There is no memory for it now; it is only shown.
        }
      }
    });
  } catch (const std::exception&) {
    // The system gives no thread: reading needs them more.
  }
}

void ReadProgress::tick() {
  if (form_ == ProgressForm::kNone) return;
  const auto views = pace_.look(board_.figures(), emitter_.clock().steady_now());
  const Instant now = emitter_.clock().now();
  if (form_ == ProgressForm::kBar) {
    console_->show([&](const TerminalSize& size) { return live_lines(views, size, now); });
  } else if (form_ == ProgressForm::kJson) {
    console_->line(json_line(views, now, false));
  } else {
    for (const std::string& line : plain_lines(views, now)) console_->line(line);
  }
}

void ReadProgress::stop() {
  if (ticker_.joinable()) {
    ticker_.request_stop();
    ticker_.join();
  }
  if (form_ != ProgressForm::kBar) return;
  console_->show([](const TerminalSize&) { return std::vector<std::string>(); });
}

void ReadProgress::finish(const ReadEnd& end) {
  stop();
  if (console_ == nullptr) return;
  const std::vector<StreamFigures> figures = board_.figures();
  const Instant now = emitter_.clock().steady_now();
  if (form_ == ProgressForm::kJson) {
    console_->line(json_line(pace_.look(figures, now), emitter_.clock().now(), true));
    return;
  }
  const std::size_t width = console_->width().value_or(0);
  for (const std::string& line : summary_of(figures, end, now - begun_, width)) {
    emitter_.tell(LogLevel::kInfo, line);
  }
}

}  // namespace source_sentry
