#include "protocol/emitter.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <thread>

#include "fakes/captured_output.h"

namespace source_sentry {
namespace {

TEST(Emitter, FreesTextsOfSecrets) {
  Secrets secrets;
  secrets.add("s3cret/token");
  CapturedOutput captured(secrets);
  captured.emitter().log(LogLevel::kInfo, "token s3cret/token here");
  captured.emitter().error(
      ConnectorError(FailureKind::kSystem, "a s3cret/token", "b s3cret%2Ftoken"), "events");
  captured.emitter().connection_status(false, "c s3cret/token");
  const std::string text = captured.text();
  EXPECT_EQ(text.find("s3cret"), std::string::npos) << text;
  EXPECT_EQ(captured.lines()[0]["log"]["message"], "token **** here");
  EXPECT_EQ(captured.lines()[1]["trace"]["error"]["internal_message"], "b ****");
  EXPECT_EQ(captured.lines()[2]["connectionStatus"]["message"], "c ****");
}

TEST(Emitter, PrintsTextsWithBrokenUtf8AllTheSame) {
  CapturedOutput captured;
  captured.emitter().log(LogLevel::kWarn, "bad \xff\xc3 text \n with a line end");
  ASSERT_EQ(captured.lines().size(), 1U);
  EXPECT_EQ(captured.lines()[0]["log"]["level"], "WARN");
}

TEST(Emitter, KeepsLinesWholeWhenManyThreadsWrite) {
  CapturedOutput captured;
  {
    std::vector<std::jthread> writers;
    for (int i = 0; i < 4; ++i) {
      writers.emplace_back([&] {
        for (int n = 0; n < 200; ++n)
          captured.emitter().log(LogLevel::kInfo, std::string(997, 'x'));
      });
    }
  }
  EXPECT_EQ(captured.lines().size(), 800U);
}

TEST(Emitter, WritesPiecesWholeThroughAPipeThatTakesFewAtATime) {
  std::array<int, 2> ends{};
  ASSERT_EQ(pipe(ends.data()), 0);
  fcntl(ends[1], F_SETFL, O_NONBLOCK);
  FakeClock clock;
  Emitter emitter(ends[1], clock, {}, {});
  // More than the system takes in one call, both in number and in bytes.
  std::vector<std::string> texts;
  std::string whole;
  for (std::size_t i = 0; i < 5'000; ++i) {
    whole += texts.emplace_back(i % 3 == 0 ? "" : std::to_string(i) + std::string(i % 1'999, 'x'));
  }
  std::string read;
  std::thread reader([&] {
    std::array<char, 777> buffer{};
    for (ssize_t n = 0; (n = ::read(ends[0], buffer.data(), buffer.size())) > 0;) {
      read.append(buffer.data(), static_cast<std::size_t>(n));
    }
  });
  emitter.lines(std::vector<std::string_view>(texts.begin(), texts.end()));
  close(ends[1]);
  reader.join();
  close(ends[0]);
  EXPECT_EQ(read, whole);
}

TEST(Emitter, StopsTheRunWhenTheReaderIsGone) {
  std::signal(SIGPIPE, SIG_IGN);  // NOLINT(cert-err33-c)
  std::array<int, 2> ends{};
  ASSERT_EQ(pipe(ends.data()), 0);
  close(ends[0]);
  FakeClock clock;
  std::stop_source stop;
  Emitter emitter(ends[1], clock, {}, stop);
  EXPECT_EQ(emitter.health(), Emitter::Health::kGood);
  emitter.log(LogLevel::kInfo, "nobody hears this");
  EXPECT_EQ(emitter.health(), Emitter::Health::kReaderGone);
  EXPECT_TRUE(stop.stop_requested());
  emitter.log(LogLevel::kInfo, "nor this");
  close(ends[1]);
}

TEST(Emitter, NoticesAFullDisk) {
  const int full = open("/dev/full", O_WRONLY);
  ASSERT_GE(full, 0);
  FakeClock clock;
  std::stop_source stop;
  Emitter emitter(full, clock, {}, stop);
  emitter.log(LogLevel::kInfo, "x");
  EXPECT_EQ(emitter.health(), Emitter::Health::kFailed);
  EXPECT_EQ(emitter.error_number(), ENOSPC);
  EXPECT_TRUE(stop.stop_requested());
  close(full);
}

}  // namespace
}  // namespace source_sentry
