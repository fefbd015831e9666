#include "app/settings/settings.h"

#include <gmock/gmock.h>

#include "fakes/temporary_folder.h"

namespace source_sentry {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using Command = Invocation::Command;

/// A machine with an environment and files, where a person is in /work/app and at home in /home/me.
class SettingsTest : public testing::Test {
 protected:
  /// "key=value (source), ..." of all that is set.
  std::string settings(Command command = Command::kRead) {
    invocation_.command = command;
    const ConfigFile config(invocation_.config_file);
    const Settings settings(invocation_, config, sources());
    warnings_ = settings.warnings();
    std::string list;
    try {
      for (const auto& [key, value] : settings.document().items()) {
        const auto* source = settings.source_of(key);
        list += key + "=" + (value.is_string() ? value.get<std::string>() : value.dump()) + " (" +
                (source == nullptr ? "" : source->name) + ") ";
      }
    } catch (const ConnectorError& error) {
      return error.message();
    }
    return list;
  }

  void config(const std::string& text) {
    put(folder_.path() / "c.json", text);
    invocation_.config_file = (folder_.path() / "c.json").string();
    names_ = " (" + invocation_.config_file + ") ";
  }

  SettingSources sources() const {
    const auto value_in = [](const auto& map, const std::string& key) {
      const auto found = map.find(key);
      return found == map.end() ? std::nullopt : std::optional(found->second);
    };
    return {[this, value_in](const std::string& name) {
              return value_in(variables_, name).value_or("");
            },
            [this, value_in](const std::string& path) { return value_in(files_, path); },
            "/work/app", "/home/me"};
  }

  TemporaryFolder folder_;
  Invocation invocation_;
  std::map<std::string, std::string> variables_, files_;
  std::vector<std::string> warnings_;
  std::string names_;  // how values of the configuration file are shown
};

TEST_F(SettingsTest, TheFirstSourceThatHasAKeyCounts) {
  files_["/home/me/.sentryclirc"] =
      "[auth]\ntoken=home\n[defaults]\norg=home\nproject=home\nurl=home\n";
  EXPECT_EQ(settings(),
            "auth_token=home (/home/me/.sentryclirc) hostname=home (/home/me/.sentryclirc) "
            "organization=home (/home/me/.sentryclirc) project=home (/home/me/.sentryclirc) ");
  files_["/work/.sentryclirc"] = "[defaults]\nproject=folder\norg=folder\n";
  files_["/work/app/sentry.properties"] = "defaults.org=properties\n";
  variables_ = {{"SENTRY_AUTH_TOKEN", "variable"}, {"SENTRY_ORG", ""}};
  EXPECT_EQ(settings(),
            "auth_token=variable (SENTRY_AUTH_TOKEN) hostname=home (/home/me/.sentryclirc) "
            "organization=properties (/work/app/sentry.properties) "
            "project=folder (/work/.sentryclirc) ");
  config(R"({"auth_token":"config","organization":null,"num_workers":3})");
  invocation_.settings = {{"--org", "organization", "first"}, {"--org", "organization", "flag"}};
  EXPECT_EQ(settings(), "auth_token=config" + names_ +
                            "hostname=home (/home/me/.sentryclirc) num_workers=3" + names_ +
                            "organization=flag (--org) project=folder (/work/.sentryclirc) ");
}

TEST_F(SettingsTest, AirbytesWayLooksAtNothingElse) {
  variables_ = {{"SENTRY_AUTH_TOKEN", "x"},
                {"SENTRY_PROJECT", "x"},
                {"SENTRY_URL", "x"},
                {"SENTRY_PROPERTIES", "/x"}};
  files_["/work/app/.sentryclirc"] = "[defaults]\nurl=x\n";
  config(R"({"organization":"o"})");
  const std::string alone = "organization=o" + names_;
  EXPECT_EQ(settings(Command::kCheck), alone);
  EXPECT_EQ(settings(Command::kDiscover), alone);
  invocation_.catalog_file = "k";
  EXPECT_EQ(settings(), alone);
  EXPECT_THAT(warnings_, IsEmpty());
  config("7");
  EXPECT_EQ(settings(), "=7 () ") << "what is wrong with it is told as ever";
}

TEST_F(SettingsTest, FlagsBecomeWhatTheirKeysWant) {
  const auto value = [&](const std::string& key, const std::string& text) {
    invocation_.settings = {{"--set", key, text}};
    return settings();
  };
  EXPECT_EQ(value("num_workers", "7"), "num_workers=7 (--set) ");
  EXPECT_EQ(value("mask_secrets", "true"), "mask_secrets=true (--set) ");
  EXPECT_EQ(value("projects", "web-*, !web-old"), R"(projects=["web-*","!web-old"] (--set) )");
  EXPECT_EQ(value("projects", R"(["a,b"])"), R"(projects=["a,b"] (--set) )");
  EXPECT_EQ(value("shard", R"({"index":0,"count":2})"), R"(shard={"count":2,"index":0} (--set) )");
  EXPECT_EQ(value("project", "7"), "project=7 (--set) ");
  const std::string wrong = value("num_workers", "many");
  EXPECT_EQ(wrong, "num_workers=many (--set) ") << "the check of the configuration says it";
}

TEST_F(SettingsTest, WhatIsNotTextIsToldWithItsPlace) {
  invocation_.settings = {{"--projects", "projects", "a,caf\xE9"}};
  EXPECT_THAT(settings(), HasSubstr("setting projects from --projects is not text in UTF-8"));
  invocation_.settings.clear();
  variables_ = {{"SENTRY_ORG", "caf\xE9"}};
  EXPECT_THAT(settings(), HasSubstr("organization from SENTRY_ORG is not text"));
}

TEST_F(SettingsTest, OneProjectAndSeveralAreOneSetting) {
  variables_ = {{"SENTRY_PROJECT", "variable"}};
  config(R"({"project":"old","projects":["*"]})");
  EXPECT_EQ(settings(), "project=old" + names_ + R"(projects=["*"])" + names_);
  invocation_.settings = {{"--project", "project", "web"}};
  EXPECT_EQ(settings(), "project=web (--project) ");
  invocation_.settings = {{"--projects", "projects", "web"}};
  EXPECT_EQ(settings(), R"(projects=["web"] (--projects) )");
}

TEST_F(SettingsTest, AnAddressThatCameWithAFolderGetsNoTokenFromElsewhere) {
  const std::string evil = "[defaults]\nurl=https://u:p4ssw0rd@evil.example\n";
  const auto refused = AllOf(HasSubstr("is not sent"), HasSubstr("****@evil.example"),
                             HasSubstr("/work/.sentryclirc"), Not(HasSubstr("p4ssw0rd")));
  files_["/work/.sentryclirc"] = evil;
  EXPECT_THAT(settings(), HasSubstr("evil")) << "no token, nothing to lose";
  files_["/home/me/.sentryclirc"] = "[auth]\ntoken=t\n";
  EXPECT_THAT(settings(), refused);
  variables_ = {{"SENTRY_AUTH_TOKEN", "t"}};
  EXPECT_THAT(settings(), refused);
  variables_ = {};
  files_["/work/app/sentry.properties"] = "auth.token=t\n";
  EXPECT_THAT(settings(), refused) << "two folders may be two people's";
  config(R"({"auth_token":"t"})");
  EXPECT_THAT(settings(), refused);
  // Those that a person has chosen.
  invocation_.settings = {{"--url", "hostname", "mine"}};
  EXPECT_THAT(settings(), HasSubstr("hostname=mine"));
  invocation_ = {};
  files_ = {{"/work/.sentryclirc", evil + "[auth]\ntoken=theirs\n"}};
  EXPECT_THAT(settings(), HasSubstr("auth_token=theirs"));
  files_ = {{"/work/.sentryclirc", "[defaults]\nurl=https://sentry.io/\n"}};
  variables_ = {{"SENTRY_AUTH_TOKEN", "t"}};
  EXPECT_THAT(settings(), HasSubstr("sentry.io")) << "that is where it goes anyway";
  files_ = {{"/home/me/.sentryclirc", evil}};
  EXPECT_THAT(settings(), HasSubstr("hostname="));
  files_ = {{"/x.properties", "defaults.url=https://mine.example"}};
  variables_["SENTRY_PROPERTIES"] = "/x.properties";
  EXPECT_THAT(settings(), HasSubstr("hostname=https://mine.example (/x.properties)"));
}

TEST_F(SettingsTest, FilesAreLookedForWhereSentryCliLooks) {
  files_["/.sentryclirc"] = "[defaults]\norg=root\n";
  EXPECT_THAT(settings(), HasSubstr("organization=root"));
  files_["/work/sentrycli.ini"] = "[defaults]\norg=ini\n";
  EXPECT_THAT(settings(), HasSubstr("organization=ini"));
  files_["/work/.sentryclirc"] = "[defaults]\nproject=p\n";
  EXPECT_EQ(settings(), "project=p (/work/.sentryclirc) ") << "the first one, and only that";
  variables_["SENTRY_PROPERTIES"] = "/gone";
  settings();
  EXPECT_THAT(warnings_, ElementsAre(HasSubstr("/gone")));
}

TEST_F(SettingsTest, NothingAtAllIsTold) {
  const ConfigFile config("");
  invocation_.command = Command::kRead;
  EXPECT_TRUE(Settings(invocation_, config, sources()).empty());
  variables_ = {{"SENTRY_ORG", "o"}};
  EXPECT_FALSE(Settings(invocation_, config, sources()).empty());
}

}  // namespace
}  // namespace source_sentry
