#include "app/terminal/read_progress.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "fakes/captured_output.h"
#include "fakes/captured_text.h"

namespace source_sentry {
namespace {

using std::chrono::seconds;

/// A read of one stream whose progress goes to `screen`.
struct Watched {
  explicit Watched(ProgressForm form, bool person = true)
      : console(screen.fd(), {}, [this] { return size; }),
        progress(output.emitter(), person ? &console : nullptr, form) {
    output.emitter().address(console, false);
    sink = progress.watch(outputs_to(output.emitter()))("events", nlohmann::ordered_json());
  }

  void write(std::uint64_t count) {
    const std::string record = sink->head() + R"({"id":"1"})" + sink->tail();
    std::string all;
    for (std::uint64_t i = 0; i < count; ++i) all += record;
    const std::string_view piece = all;
    sink->records(std::span(&piece, 1), count);
  }

  void pass(Duration span) { output.clock().sleep_for(span, {}); }

  CapturedOutput output;
  CapturedText screen;
  TerminalSize size{120, 24};
  Console console;
  ReadProgress progress;
  std::unique_ptr<StreamSink> sink;
};

TEST(ReadProgress, FollowsAStreamFromItsBeginningToItsEnd) {
  Watched read(ProgressForm::kPlain);
  read.progress.tick();
  read.sink->started();
  read.pass(seconds(10));
  read.write(50);
  read.sink->reached({0.25, kNow});
  read.progress.tick();
  read.sink->rate_limited(kNow + seconds(40));
  read.progress.tick();
  read.pass(seconds(30));
  read.sink->running_again();
  read.progress.tick();
  read.sink->complete(nlohmann::ordered_json::object());
  read.progress.finish({});
  const std::string bytes = "4.6 kB";
  EXPECT_EQ(read.screen.text(),
            "0 of 1 stream done, 1 waiting, 0 records, 0 B, 0 s\n"
            "events: 25%, 50 records, 5/s, " +
                bytes +
                ", at 2026-01-15 12:00, 30 s left\n"
                "0 of 1 stream done, 50 records, " +
                bytes +
                ", 10 s\n"
                "events: 25%, 50 records, 5/s, " +
                bytes +
                ", rate limit until 12:00:40 UTC\n"
                "0 of 1 stream done, 50 records, " +
                bytes +
                ", 10 s\n"
                "events: 25%, 50 records, 0/s, " +
                bytes +
                ", at 2026-01-15 12:00, 2 min left\n"
                "0 of 1 stream done, 50 records, " +
                bytes +
                ", 40 s\n"
                "events  50 records  " +
                bytes +
                "  40 s  complete\n"
                "Read 50 records of 1 stream, " +
                bytes + ", in 40 s.\n");
}

TEST(ReadProgress, ChangesNothingOfWhatIsWritten) {
  Watched watched(ProgressForm::kBar);
  Watched alone(ProgressForm::kNone, false);
  for (Watched* read : {&watched, &alone}) {
    read->sink->started();
    read->write(2);
    read->sink->state({{"a", 1}});
    read->sink->rate_limited(kNow);
    read->sink->running_again();
    read->sink->error(ConnectorError(FailureKind::kSystem, "Bad."));
    read->sink->beat_if_silent(Duration::zero());
    read->progress.tick();
    read->sink->incomplete({{"a", 1}});
    EXPECT_EQ(read->sink->written().bytes > 0, true);
  }
  EXPECT_EQ(watched.output.text(), alone.output.text());
}

TEST(ReadProgress, LeavesNothingOfTheLinesThatChange) {
  Watched read(ProgressForm::kBar);
  read.sink->started();
  read.progress.tick();
  read.output.emitter().log(LogLevel::kWarn, "Beware.");
  read.progress.finish({});
  const std::string lines =
      "events  0 records  0/s  0 B\n0 of 1 stream done, 0 records, 0 B, 0 s\n";
  const std::string back = "\r\x1b[2A\x1b[J";
  EXPECT_EQ(read.screen.text(),
            lines + back + "warning: Beware.\n" + lines + back +
                "events  0 records  0 B  0 s  incomplete: stopped\n"
                "Read 0 records of 1 stream, 0 B, in 0 s. 1 stream is not complete. Give what was "
                "written to the next read by --state, and it resumes there.\n");
}

TEST(ReadProgress, SaysNothingToAPlatform) {
  Watched read(ProgressForm::kPlain, false);
  read.sink->started();
  read.progress.begin();
  read.progress.finish({{{"events", "Bad."}}, ""});
  EXPECT_EQ(read.screen.text(), "");
}

}  // namespace
}  // namespace source_sentry
