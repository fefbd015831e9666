#include "app/terminal/console.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "fakes/captured_output.h"
#include "fakes/captured_text.h"

namespace source_sentry {
namespace {

const ConnectorError kGone(FailureKind::kTransient, "The server is gone.", "HTTP 502");

/// All that can be said, to a console of that form.
std::string said(Console::Form form) {
  CapturedText captured;
  Console console(captured.fd(), form, [] { return TerminalSize(); });
  console.log(LogLevel::kDebug, "a detail");
  console.log(LogLevel::kInfo, "news");
  console.log(LogLevel::kWarn, "beware");
  console.log(LogLevel::kFatal, "The server is gone.");
  console.error(kGone, "events");
  console.error(kGone, "");
  console.say(LogLevel::kInfo, "the answer");
  return captured.text();
}

TEST(Console, SpeaksInWords) {
  const std::string always =
      "warning: beware\nerror: events: The server is gone.\nerror: The server is gone.\n"
      "the answer\n";
  EXPECT_EQ(said({}), always);
  EXPECT_EQ(said({.infos = true}), "news\n" + always);
  const std::string all = said({.infos = true, .debug = true});
  EXPECT_TRUE(all.starts_with("debug: a detail\nnews\nwarning: beware\n")) << all;
  EXPECT_NE(all.find("debug: events: HTTP 502\n"), all.npos) << all;
}

TEST(Console, ColoursOnlyTheBeginning) {
  const std::string text = said({.colour = true});
  EXPECT_TRUE(
      text.starts_with("\x1b[1;33mwarning:\x1b[0m beware\n\x1b[1;31merror:\x1b[0m events: "))
      << text;
  EXPECT_TRUE(text.ends_with("the answer\n"));
}

TEST(Console, SpeaksInObjects) {
  std::istringstream lines(said({.json = true}));
  std::string line;
  ASSERT_TRUE(std::getline(lines, line));
  EXPECT_EQ(line, R"({"level":"warning","message":"beware"})");
  ASSERT_TRUE(std::getline(lines, line));
  EXPECT_EQ(line, R"({"level":"error","stream":"events","message":"The server is gone."})");
}

TEST(Console, KeepsTheLinesThatChangeBelowAllOthers) {
  CapturedText captured;
  TerminalSize size{10, 5};
  Console console(captured.fd(), {}, [&] { return size; });
  const auto show = [&](std::vector<std::string> lines) {
    console.show([&](const TerminalSize&) { return lines; });
  };
  show({"one", "two"});
  console.line("above");
  size.columns = 3;
  show({"three"});
  size.columns = 4;
  show({});
  console.line("end");
  EXPECT_EQ(captured.text(),
            "one\ntwo\n"
            "\r\x1b[2A\x1b[Jabove\none\ntwo\n"
            "\r\x1b[2A\x1b[Jthree\n"
            "\r\x1b[2A\x1b[J"  // "thre" and "e"
            "end\n");
}

TEST(Console, IsToldNoSecretsAndNoControls) {
  Secrets secrets;
  secrets.add("s3cret-t0ken");
  CapturedOutput output(secrets);
  CapturedText captured;
  Console console(captured.fd(), {.infos = true}, [] { return TerminalSize(); });
  output.emitter().address(console, false);
  const std::string bad = "It said s3cret-t0ken and \x1b[2J, \nand pa55word.";
  output.emitter().hide("pa55word");
  output.emitter().log(LogLevel::kInfo, bad);
  output.emitter().error(ConnectorError(FailureKind::kSystem, bad), "events");
  output.emitter().tell(LogLevel::kWarn, bad);
  const std::string clean = "It said **** and  [2J,  and ****.\n";
  EXPECT_EQ(captured.text(), clean + "error: events: " + clean + "warning: " + clean);
  EXPECT_EQ(output.lines().size(), 2U) << "the protocol says it as well, but for the answer";
}

TEST(Console, MayBeAlone) {
  CapturedOutput output;
  CapturedText captured;
  Console console(captured.fd(), {}, [] { return TerminalSize(); });
  output.emitter().address(console, true);
  output.emitter().log(LogLevel::kWarn, "beware");
  output.emitter().error(kGone);
  output.emitter().last_line("the end\n");
  EXPECT_EQ(output.text(), "");
  EXPECT_EQ(captured.text(), "warning: beware\nerror: The server is gone.\n");
}

}  // namespace
}  // namespace source_sentry
