#include "protocol/log_sink.h"

#include <gtest/gtest.h>
#include <spdlog/spdlog.h>

#include "fakes/captured_output.h"

namespace source_sentry {
namespace {

TEST(LogToEmitter, PassesOnWhatIsLogged) {
  CapturedOutput captured;
  const LogToEmitter log(captured.emitter(), false);
  spdlog::debug("not wanted");
  spdlog::info("to {}", "know");
  spdlog::warn("to mind");
  const auto lines = captured.lines();
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_EQ(lines[0]["log"]["message"], "to know");
  EXPECT_EQ(lines[1]["log"]["level"], "WARN");
}

TEST(LogToEmitter, SaysOnceWhatSeveralWorkersMeetAtTheSameTime) {
  CapturedOutput captured;
  const LogToEmitter log(captured.emitter(), false);
  for (int worker = 0; worker < 5; ++worker) spdlog::warn("The server is gone. Attempt 2 of 6.");
  spdlog::warn("The server is gone. Attempt 3 of 6.");
  const auto lines = captured.lines();
  ASSERT_EQ(lines.size(), 3U);
  EXPECT_EQ(lines[0]["log"]["message"], "The server is gone. Attempt 2 of 6.");
  EXPECT_NE(lines[1]["log"]["message"].get<std::string>().find("Skipped 4"), std::string::npos);
  EXPECT_EQ(lines[2]["log"]["message"], "The server is gone. Attempt 3 of 6.");
}

}  // namespace
}  // namespace source_sentry
