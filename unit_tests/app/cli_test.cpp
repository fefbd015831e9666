#include "app/cli.h"

#include <gmock/gmock.h>

#include <sstream>
#include <string>
#include <vector>

namespace source_sentry {
namespace {

using Command = Invocation::Command;

std::optional<Invocation> parse(std::vector<const char*> arguments, int expected_exit = 0,
                                std::string* said = nullptr) {
  arguments.insert(arguments.begin(), "source-sentry");
  int exit_code = 0;
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  const auto invocation =
      parse_command_line(static_cast<int>(arguments.size()), arguments.data(), exit_code);
  testing::internal::GetCapturedStdout();
  const std::string complaint = testing::internal::GetCapturedStderr();
  EXPECT_EQ(exit_code, expected_exit);
  EXPECT_EQ(complaint.empty(), expected_exit == 0) << complaint;
  if (said != nullptr) *said = complaint;
  return invocation;
}

TEST(CommandLine, TakesFlagsInEveryOrderAndSpelling) {
  const std::vector<std::vector<const char*>> kSame = {
      {"read", "--config", "c", "--catalog", "k", "--state", "s"},
      {"read", "--state=s", "--catalog=k", "--config=c"},
      {"read", "--stat", "s", "--conf=c", "--cat", "k"},
      {"read", "--catalog", "k", "--manifest-path", "m", "--config", "c", "--components-path=x",
       "--state", "s"},
  };
  for (const auto& arguments : kSame) {
    const auto invocation = parse(arguments);
    ASSERT_TRUE(invocation);
    EXPECT_EQ(invocation->command, Command::kRead);
    EXPECT_EQ(invocation->config_file, "c");
    EXPECT_EQ(invocation->catalog_file, "k");
    EXPECT_EQ(invocation->state_file, "s");
    EXPECT_FALSE(invocation->debug);
  }
}

/// What the arguments print on stdout.
std::string help_of(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "source-sentry");
  int exit_code = 1;
  testing::internal::CaptureStdout();
  parse_command_line(static_cast<int>(arguments.size()), arguments.data(), exit_code);
  EXPECT_EQ(exit_code, 0);
  return testing::internal::GetCapturedStdout();
}

TEST(CommandLine, CompletesTheFlagsOfTheCommand) {
  EXPECT_TRUE(parse({"read", "--config", "c", "--full"})->full_refresh);
  EXPECT_EQ(parse({"read", "--outp=d"})->output_folder, "d");
  EXPECT_EQ(parse({"--deb", "check", "--o", "x"})->settings.size(), 1U) << "--org; read has more";
  EXPECT_EQ(parse({"config", "--project", "p"})->settings.size(), 1U) << "--projects is another";
  EXPECT_FALSE(parse({"read", "--st", "s"}, 2)) << "--state or --streams";
  EXPECT_FALSE(parse({"check", "--cata", "k"}, 2)) << "a flag of read";
}

TEST(CommandLine, HelpsInLinesThatFit) {
  const std::string help = help_of({"--help"});
  for (const char* part : {"Usage: source-sentry [OPTIONS] [COMMAND]", "as files or as Airbyte",
                           "  read     ", "Examples:", "  source-sentry check --org acme",
                           "Exit status:", "SENTRY_AUTH_TOKEN", "manifest.json"}) {
    EXPECT_THAT(help, testing::HasSubstr(part));
  }
  EXPECT_THAT(help_of({"read", "--help"}), testing::Not(testing::HasSubstr("Examples:")));
  for (const char* command : {"check", "read", "config", "discover", "spec", "completion", "man"}) {
    std::istringstream lines(help + help_of({command, "--help"}));
    for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 80U) << line;
  }
}

TEST(CommandLine, PrintsTextsThatKnowEveryCommandAndFlag) {
  for (const std::vector<const char*>& arguments : std::vector<std::vector<const char*>>{
           {"man"}, {"completion", "bash"}, {"completion", "zsh"}, {"completion", "fish"}}) {
    const std::string text = help_of(arguments);
    for (const char* part : {"preview", "completion", "progress", "jsonl"}) {
      EXPECT_THAT(text, testing::HasSubstr(part)) << arguments.back();
    }
  }
}

TEST(CommandLine, TakesStreamsInPlaceOfACatalog) {
  using testing::ElementsAre;
  const auto streams = [](std::vector<const char*> arguments) {
    arguments.insert(arguments.begin(), {"read", "--config", "c"});
    return parse(arguments)->streams;
  };
  EXPECT_THAT(streams({}), ElementsAre());
  EXPECT_THAT(streams({"--streams", "issues,!event*"}), ElementsAre("issues", "!event*"));
  EXPECT_THAT(streams({"--streams=issues", "--streams", "events"}),
              ElementsAre("issues", "events"));
  EXPECT_TRUE(parse({"read", "--config", "c", "--full-refresh"})->full_refresh);
  EXPECT_FALSE(parse({"read", "--config", "c", "--catalog", "k"})->full_refresh);
}

TEST(CommandLine, TakesSettingsInTheirOrder) {
  const auto settings = [](std::vector<const char*> arguments) {
    std::string list;
    const auto invocation = parse(std::move(arguments));
    for (const SettingFlag& one : invocation->settings) {
      list += one.flag + ": " + one.key + "=" + one.value + "; ";
    }
    return list;
  };
  EXPECT_EQ(settings({"check", "--org", "o", "--url=u", "--set", "num_workers=7"}),
            "--org: organization=o; --url: hostname=u; --set num_workers: num_workers=7; ");
  EXPECT_EQ(settings({"read", "--projects", "a,!b", "--since", "2026-01-01", "--until=2026-02-01",
                      "--set=shard={\"count\":2}", "--set", "proxy=http://p:1"}),
            "--projects: projects=a,!b; --since: start_date=2026-01-01; --until: "
            "end_date=2026-02-01; --set shard: shard={\"count\":2}; --set proxy: "
            "proxy=http://p:1; ");
  EXPECT_TRUE(parse({"config", "--json"})->json);
}

TEST(CommandLine, RefusesSecretsWithoutRepeatingThem) {
  for (std::vector<const char*> arguments :
       std::vector<std::vector<const char*>>{{"read", "--auth-token", "s3cret"},
                                             {"read", "--auth_token=s3cret"},
                                             {"--token", "s3cret", "check"},
                                             {"config", "--set", "auth_token=s3cret"},
                                             {"read", "--set", "proxy=http://user:s3cret@p:1"},
                                             {"read", "--url", "https://user:s3cret@x.example"},
                                             {"read", "--set", "colour=s3cret"}}) {
    std::string complaint;
    EXPECT_FALSE(parse(arguments, 2, &complaint));
    EXPECT_THAT(complaint, testing::Not(testing::HasSubstr("s3cret")));
    const bool unknown = std::string(arguments.back()).starts_with("colour");
    EXPECT_THAT(complaint, testing::HasSubstr(unknown ? "no key" : "SENTRY_AUTH_TOKEN"));
  }
}

TEST(CommandLine, NamesMistakesInReadingOrderAndWhatWasMeant) {
  const auto complaint = [](std::vector<const char*> arguments) {
    std::string said;
    EXPECT_FALSE(parse(std::move(arguments), 2, &said));
    return said.substr(0, said.find('\n'));
  };
  EXPECT_EQ(complaint({"raed"}), "There is no command \"raed\". Did you mean \"read\"?");
  EXPECT_THAT(complaint({"write"}), testing::HasSubstr("The commands are check, read, "));
  EXPECT_EQ(complaint({"read", "--foo", "bar", "baz"}), "Not expected here: --foo bar baz.");
  EXPECT_EQ(complaint({"read", "--catlog=x"}),
            "Not expected here: --catlog. Did you mean \"--catalog\"?");
  EXPECT_EQ(complaint({"--confg", "c", "check"}),
            "Not expected here: --confg c. Did you mean \"--config\"?");
  EXPECT_EQ(complaint({"check", "sntryu_0123"}), "Not expected here: ****.");
}

TEST(CommandLine, KnowsTheCommandsForPeople) {
  using testing::ElementsAre;
  const auto streams = parse({"streams", "issues", "project*", "--json"});
  EXPECT_EQ(streams->command, Command::kStreams);
  EXPECT_THAT(streams->streams, ElementsAre("issues", "project*"));
  EXPECT_TRUE(streams->json);
  const auto preview = parse({"preview", "issues", "-n", "3"});
  EXPECT_EQ(preview->command, Command::kPreview);
  EXPECT_EQ(preview->records, 3U);
  EXPECT_FALSE(parse({"preview"}, 2));
  EXPECT_TRUE(parse({"preview", "--translated"})->translated);
  EXPECT_EQ(parse({"preview", "open", "--record", "-"})->record_file, "-");
  EXPECT_FALSE(parse({"preview", "issues", "-n", "0"}, 2));
  const auto plan = parse({"plan", "--streams", "issues", "--output", "d", "--org", "o"});
  EXPECT_EQ(plan->command, Command::kPlan);
  EXPECT_EQ(plan->output_folder, "d");
}

TEST(CommandLine, KnowsTheFourCommands) {
  EXPECT_EQ(parse({"spec"})->command, Command::kSpec);
  EXPECT_EQ(parse({"check", "--config", "c"})->command, Command::kCheck);
  EXPECT_EQ(parse({"discover", "--config", "c"})->command, Command::kDiscover);
  EXPECT_EQ(parse({"read", "--config", "c", "--catalog", "k"})->state_file, "");
  EXPECT_TRUE(parse({"spec", "--debug"})->debug);
  EXPECT_TRUE(parse({"--debug", "spec"})->debug);
  EXPECT_FALSE(parse({}, 1)) << "it prints its help";
}

TEST(CommandLine, RefusesWithTwo) {
  EXPECT_FALSE(parse({"write"}, 2));
  EXPECT_FALSE(parse({"read", "--config", "c", "--streams", "issues", "--catalog", "k"}, 2));
  EXPECT_FALSE(parse({"spec", "--nonsense"}, 2));
  EXPECT_FALSE(parse({"read", "--c", "x"}, 2)) << "short for more than one flag";
  EXPECT_FALSE(parse({"check", "--config"}, 2));
}

TEST(CommandLine, TakesNoVariableThatIsNotSetForAnOptionThatIsNotThere) {
  for (const char* flag :
       {"--config", "--catalog", "--state", "--output", "--project", "--since"}) {
    std::string said;
    EXPECT_FALSE(parse({"read", flag, ""}, 2, &said)) << flag;
    EXPECT_THAT(said, testing::HasSubstr(std::string(flag) + ": must not be empty"));
  }
}

TEST(CommandLine, SaysHowFilesAreWrittenOnlyWhereThereAreFiles) {
  for (const char* flag :
       {"--format=csv", "--compress=zstd", "--partition-by=day", "--rotate=1d", "--dedupe"}) {
    EXPECT_FALSE(parse({"read", "--config", "c", flag}, 2)) << flag;
    EXPECT_TRUE(parse({"read", "--config", "c", "--output", "d", flag})) << flag;
  }
  std::string said;
  EXPECT_FALSE(parse({"read", "--config", "c", "--output", "d", "--rotate", "256M"}, 2, &said));
  EXPECT_THAT(said, testing::HasSubstr("--rotate: must be a size or a time such as 256MB"));
}

TEST(CommandLine, HelpsAndEndsWell) {
  EXPECT_FALSE(parse({"--help"}));
  EXPECT_FALSE(parse({"read", "-h"}));
  EXPECT_FALSE(parse({"--version"}));
}

}  // namespace
}  // namespace source_sentry
