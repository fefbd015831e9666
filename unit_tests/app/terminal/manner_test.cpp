#include "app/terminal/manner.h"

#include <gtest/gtest.h>

#include <vector>

namespace source_sentry {
namespace {

using Form = ProgressForm;

/// Each test's own Invocation of `read`, with what it is given.
Invocation read(const std::string& output = "", const std::string& progress = "") {
  Invocation invocation;
  invocation.command = Invocation::Command::kRead;
  invocation.output_folder = output;
  invocation.progress = progress;
  return invocation;
}

Surroundings on(bool stdout_is_terminal, bool stderr_is_terminal, const char* term = "xterm") {
  return {stdout_is_terminal, stderr_is_terminal, term, false};
}

TEST(Manner, APlatformHearsTheProtocolAlone) {
  for (const bool terminal : {false, true}) {
    for (const char* progress : {"", "off"}) {
      const Manner manner = manner_of(read("", progress), on(false, terminal));
      EXPECT_FALSE(manner.person);
      EXPECT_FALSE(manner.alone || manner.colour || manner.infos);
      EXPECT_EQ(manner.progress, Form::kNone);
    }
  }
}

TEST(Manner, WhoAsksForAnExitCodeHearsTheReason) {
  Invocation check;
  check.command = Invocation::Command::kCheck;
  EXPECT_FALSE(manner_of(check, on(false, true)).person);
  check.exit_code = true;
  EXPECT_TRUE(manner_of(check, on(false, false)).person);
}

TEST(Manner, ShowsProgressWhereItCanBeSeen) {
  struct Case {
    const char* output;
    const char* progress;
    Surroundings around;
    Form form;
  };
  const std::vector<Case> kCases = {
      {"out", "", on(false, true), Form::kBar},
      {"out", "", on(true, true), Form::kBar},
      {"out", "", on(false, false), Form::kNone},  // a cron job wants the summary alone
      {"out", "", on(true, false), Form::kNone},
      {"out", "", on(true, true, "dumb"), Form::kPlain},
      {"out", "", on(true, true, ""), Form::kPlain},
      {"out", "off", on(true, true), Form::kNone},
      {"out", "auto", on(true, true), Form::kBar},
      {"out", "bar", on(false, false), Form::kPlain},
      {"out", "json", on(true, true), Form::kJson},
      {"out", "plain", on(true, true), Form::kPlain},
      {"", "auto", on(false, true), Form::kBar},
      {"", "auto", on(false, false), Form::kNone},
      // Records would run over it.
      {"", "", on(true, true), Form::kNone},
      {"", "bar", on(true, true), Form::kPlain},
  };
  for (const Case& one : kCases) {
    const Manner manner = manner_of(read(one.output, one.progress), one.around);
    EXPECT_TRUE(manner.person);
    EXPECT_EQ(manner.alone, std::string(one.output) == "out");
    EXPECT_EQ(manner.progress, one.form) << one.output << " " << one.progress;
  }
}

TEST(Manner, ColoursOnlyATerminalThatMayBeColoured) {
  EXPECT_TRUE(manner_of(read("out"), on(false, true)).colour);
  EXPECT_FALSE(manner_of(read("out"), on(true, false)).colour);
  EXPECT_FALSE(manner_of(read("out"), on(true, true, "dumb")).colour);
  Surroundings without = on(true, true);
  without.no_color = true;
  EXPECT_FALSE(manner_of(read("out"), without).colour);
  EXPECT_EQ(manner_of(read("out"), without).progress, Form::kBar);
}

TEST(Manner, ACheckOnATerminalIsSpokenToAPersonAsWell) {
  Invocation check;
  check.command = Invocation::Command::kCheck;
  const Manner manner = manner_of(check, on(true, true));
  EXPECT_TRUE(manner.person && manner.infos && !manner.alone);
  EXPECT_EQ(manner.progress, Form::kNone);
}

}  // namespace
}  // namespace source_sentry
