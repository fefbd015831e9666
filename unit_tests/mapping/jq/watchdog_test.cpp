#include "mapping/jq/watchdog.h"

#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <string>

#include "mapping/jq/programs.h"

namespace source_sentry {
namespace {

using std::chrono::milliseconds;

TEST(Watchdog, ReportsWhatJqDoesNotGetDoneWith) {
  std::promise<std::string> said;
  JqWatchdog watchdog([&](const StuckWork& stuck) { said.set_value(stuck.message("map.x")); },
                      milliseconds(50));
  const std::shared_ptr<JqWork> work = watchdog.watch();
  work->about("open_issues", "77001");
  work->begin("def f: f; f");
  auto message = said.get_future();
  ASSERT_EQ(message.wait_for(std::chrono::seconds(30)), std::future_status::ready);
  EXPECT_EQ(message.get(),
            "open_issues, map.x: jq has worked on record 77001 for 0 s, at the expression def f: "
            "f; f. The "
            "run was ended; what was written stands. Change the expression so that it ends.");
}

TEST(Watchdog, SaysNothingOfWhatEnds) {
  std::string said;
  {
    JqWatchdog watchdog([&](const StuckWork& work) { said = work.message(""); },
                        std::chrono::hours(1));
    JqPrograms programs(watchdog.watch());
    programs.about("issues", "1");
    EXPECT_EQ(programs.run("1", JqValue(), [](const JqValue&) { return true; }), "");
  }
  EXPECT_EQ(said, "");
}

}  // namespace
}  // namespace source_sentry
