#include "sentry/config.h"

#include <gmock/gmock.h>

#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "sentry/config_keys.h"
#include "sentry/embedded.h"
#include "sentry/stream_groups.h"

namespace source_sentry {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;
using Json = nlohmann::json;

Json valid() {
  return {{"auth_token", "sntryu_abc"}, {"organization", "acme"}, {"project", "web"}};
}

Json with(const char* key, Json value) {
  Json document = valid();
  document[key] = std::move(value);
  return document;
}

std::string refusal(const Json& document, bool in_cloud = false) {
  try {
    read_config(document, in_cloud);
  } catch (const ConnectorError& error) {
    EXPECT_EQ(error.kind(), FailureKind::kConfig);
    return error.message();
  }
  return "accepted";
}

TEST(Config, ReadsTheOfficialKeys) {
  Json document = valid();
  document["hostname"] = "http://sentry.internal:9000/prefix/";
  document["discover_fields"] = {"title"};
  document["num_workers"] = 7;
  document["unknown"] = {{"a", 1}};
  const Config config = read_config(document, false);
  EXPECT_EQ(config.auth_token, "sntryu_abc");
  EXPECT_EQ(config.num_workers, 7U);
  EXPECT_EQ(config.api_base(), "http://sentry.internal:9000/prefix/api/0/");
  EXPECT_EQ(config.organization_path(), "organizations/acme/");
  EXPECT_EQ(config.project_path("web"), "projects/acme/web/");
}

TEST(Config, HasTheDefaultsThatTheFormShows) {
  for (const Json& document : {valid(), with("hostname", ""), with("hostname", nullptr),
                               with("num_workers", nullptr), with("discover_fields", nullptr)}) {
    const Config config = read_config(document, false);
    EXPECT_EQ(config.api_base(), "https://sentry.io/api/0/");
    EXPECT_EQ(config.num_workers, 5U);
    EXPECT_EQ(config.child_budget, 20'000U);
  }
}

TEST(Config, TheFormHasATitleAGroupAndAPlaceForEveryKey) {
  const Json spec = Json::parse(embedded_schema("spec"))["connectionSpecification"];
  std::set<std::string> groups;
  std::set<int> places;
  for (const Json& group : spec["groups"]) groups.insert(group["id"].get<std::string>());
  for (const auto& [key, about] : spec["properties"].items()) {
    EXPECT_FALSE(about["title"].get<std::string>().empty()) << key;
    EXPECT_FALSE(about["description"].get<std::string>().empty()) << key;
    EXPECT_TRUE(groups.contains(about["group"])) << key;
    EXPECT_TRUE(places.insert(about["order"].get<int>()).second) << key;
  }
}

TEST(Config, TellsOfAllThatIsWrongAtOnce) {
  const Json document = {{"organization", ""}, {"start_date", "soon"}, {"num_workers", 99}};
  EXPECT_EQ(refusal(document),
            "Config validation error: 'auth_token' is a required property: an auth token made in "
            "Sentry. 'organization' is empty: put the organization's slug there. 'start_date' is "
            "\"soon\", which is not a date. Write it as 2024-01-31 or 2024-01-31T12:00:00Z. "
            "'num_workers' must be a whole number from 1 to 20, not 99.");
}

TEST(Config, TellsMistypedKeysFromOthers) {
  EXPECT_EQ(mistyped_keys(with("colour", "red")), std::nullopt);
  EXPECT_EQ(mistyped_keys(with("_projects", "x")), std::nullopt) << "the platform's own";
  EXPECT_EQ(mistyped_keys(with("projcts", Json::array())),
            "The configuration's key projcts is unknown and has no effect. Did you mean projects?");
}

TEST(Config, TellsOfKeysThatItDoesNotKnow) {
  EXPECT_EQ(unknown_keys(valid()), std::nullopt);
  EXPECT_EQ(unknown_keys(with("__injected", 1)), std::nullopt) << "the platform's own";
  EXPECT_THAT(unknown_keys(with("Start-Date", "2026-01-01")),
              testing::Optional(HasSubstr("Start-Date (did you mean start_date?)")));
  EXPECT_THAT(unknown_keys(with("colour", "red")),
              testing::Optional(HasSubstr("ignored: colour.")));
}

TEST(Config, ReadsOneProjectOrMany) {
  EXPECT_TRUE(read_config(valid(), false).single_project());
  Json all = valid();
  all.erase("project");
  EXPECT_FALSE(read_config(all, false).single_project());
  EXPECT_TRUE(read_config(with("projects", Json::array()), false).single_project());
  const Config many = read_config(with("projects", {" web-* ", "!web-old"}), false);
  EXPECT_FALSE(many.single_project());
  EXPECT_EQ(many.projects, (std::vector<std::string>{"web-*", "!web-old"}));
}

TEST(Config, ReadsTimesSharesAndShards) {
  Json document = valid();
  document["start_date"] = "2026-01-01";
  document["end_date"] = "2026-01-31T12:00:00Z";
  document["lookback_window"] = "PT1H";
  document["max_rate_share"] = 25;
  document["child_budget"] = 500;
  document["shard"] = {{"index", 2}, {"count", 8}};
  const Config config = read_config(document, false);
  EXPECT_EQ(format_instant(*config.start_date), "2026-01-01T00:00:00.000000Z");
  EXPECT_EQ(format_instant(*config.end_date), "2026-01-31T12:00:00.000000Z");
  EXPECT_EQ(config.lookback_window, std::chrono::hours(1));
  EXPECT_DOUBLE_EQ(config.max_rate_share, 0.25);
  EXPECT_EQ(config.child_budget, 500U);
  EXPECT_EQ(config.shard.index, 2U);
  EXPECT_EQ(config.shard.count, 8U);
}

TEST(Config, TakesPastedTextsWithSpaces) {
  const Config config = read_config(with("auth_token", " sntryu_abc\n"), false);
  EXPECT_EQ(config.auth_token, "sntryu_abc");
  EXPECT_EQ(read_config(with("organization", "my org"), false).organization_path(),
            "organizations/my%20org/");
}

TEST(Config, NamesWhatIsMissingOrWrongAndWhatWasExpected) {
  for (const char* key : {"auth_token", "organization"}) {
    Json document = valid();
    document.erase(key);
    const std::string quoted = "'" + std::string(key) + "'";
    EXPECT_THAT(refusal(document), AllOf(StartsWith("Config validation error: "), HasSubstr(quoted),
                                         HasSubstr("is a required property")));
    EXPECT_THAT(refusal(with(key, nullptr)), HasSubstr("is a required property"));
    EXPECT_THAT(refusal(with(key, "  ")), AllOf(HasSubstr(quoted), HasSubstr("is empty")));
    EXPECT_THAT(refusal(with(key, 7)),
                AllOf(HasSubstr(quoted), HasSubstr("must be a string"), HasSubstr("not a number")));
  }
  EXPECT_FALSE(read_config(with("project", "  "), false).single_project()) << "as forms leave it";
  EXPECT_THAT(refusal(with("project", 7)), HasSubstr("must be a string"));
  EXPECT_THAT(refusal(with("projects", "web")), HasSubstr("must be a list of project slugs"));
  EXPECT_THAT(refusal(with("projects", {"web", 7})), HasSubstr("it holds a number"));
  EXPECT_THAT(refusal(with("projects", {""})), HasSubstr("it holds an empty one"));
  EXPECT_THAT(refusal(with("projects", {"a/b"})), HasSubstr("an address with slashes"));
  EXPECT_THAT(refusal(with("start_date", "yesterday")),
              HasSubstr("\"yesterday\", which is not a date"));
  EXPECT_THAT(refusal({{"auth_token", "t"},
                       {"organization", "acme"},
                       {"start_date", "2026-02-01"},
                       {"end_date", "2026-01-01"}}),
              HasSubstr("must be later than start_date"));
  EXPECT_THAT(refusal(with("lookback_window", "10m")), HasSubstr("not a duration of whole weeks"));
  EXPECT_THAT(refusal(with("issues_refresh", "daily")),
              AllOf(HasSubstr("'issues_refresh'"), HasSubstr("not a duration of whole weeks")));
  EXPECT_THAT(refusal(with("issues_refresh", "PT0S")), HasSubstr("must be longer than zero"));
  EXPECT_THAT(refusal(with("releases_refresh", 30)), HasSubstr("must be a string"));
  EXPECT_THAT(refusal(with("max_rate_share", 0)), HasSubstr("from 1 to 100, not 0"));
  EXPECT_THAT(refusal(with("child_budget", 0)), HasSubstr("from 1 to 1000000000, not 0"));
  EXPECT_THAT(refusal(with("shard", 3)), HasSubstr("must be an object"));
  EXPECT_THAT(refusal(with("shard", {{"index", 8}, {"count", 8}})),
              HasSubstr("from 0 to 7, not 8"));
  EXPECT_THAT(refusal(with("project", "https://acme.sentry.io/projects/web/")),
              HasSubstr("not an address"));
  EXPECT_THAT(refusal(with("auth_token", "two words")), HasSubstr("'auth_token' holds spaces"));
  EXPECT_THAT(refusal(with("hostname", "ftp://x")), HasSubstr("'hostname' is \"ftp://x\""));
  EXPECT_THAT(refusal(with("hostname", Json::array())), HasSubstr("not a list"));
  EXPECT_EQ(read_config(with("num_workers", 7.0), false).num_workers, 7U);
  EXPECT_EQ(read_config(with("max_rate_share", 5e1), false).max_rate_share, 0.5);
  EXPECT_EQ(read_config(with("shard", {{"index", 1.0}, {"count", 2.0}}), false).shard.index, 1U);
  EXPECT_THAT(refusal(with("num_workers", 1e300)), HasSubstr("not 1e+300"));
  EXPECT_THAT(refusal(with("num_workers", "5")), HasSubstr("from 1 to 20, not a string"));
  EXPECT_THAT(refusal(with("num_workers", 0)), HasSubstr("not 0"));
  EXPECT_THAT(refusal(with("num_workers", -1)), HasSubstr("not -1"));
  EXPECT_THAT(refusal(with("num_workers", 21)), HasSubstr("not 21"));
  EXPECT_THAT(refusal(with("num_workers", 2.5)), HasSubstr("not a number with a fraction"));
  EXPECT_THAT(refusal(with("num_workers", true)), HasSubstr("not true or false"));
  EXPECT_THAT(refusal(with("discover_fields", "title")), HasSubstr("must be a list"));
  EXPECT_THAT(refusal(Json::array()), HasSubstr("must be a JSON object"));
}

TEST(Config, TakesCertificatesAsTextOrFile) {
  const std::string pem = "-----BEGIN CERTIFICATE-----\nMIID\n-----END CERTIFICATE-----\n";
  const auto read = [](const std::string& value) {
    return read_config(with("ca_certificates", value), false).ca_certificates;
  };
  EXPECT_EQ(read(""), "");
  EXPECT_EQ(read(pem), pem);
  const std::string path = testing::TempDir() + "/ca.pem";
  std::ofstream(path) << pem;
  EXPECT_EQ(read(path), pem);
  EXPECT_THAT(refusal(with("ca_certificates", path), true), HasSubstr("on Airbyte Cloud"));
  EXPECT_EQ(refusal(with("ca_certificates", pem), true), "accepted");
  std::ofstream(path) << "nothing";
  EXPECT_THAT(refusal(with("ca_certificates", path)), HasSubstr("holds no certificate"));
  EXPECT_THAT(refusal(with("ca_certificates", "/nowhere/ca.pem")),
              HasSubstr("/nowhere/ca.pem, which cannot be read"));
  EXPECT_THAT(refusal(with("ca_certificates", "/dev/zero")), HasSubstr("not a regular file"));
  EXPECT_THAT(refusal(with("ca_certificates", testing::TempDir())), HasSubstr("cannot be read"));
  EXPECT_THAT(refusal(with("ca_certificates", pem.substr(0, 40))), HasSubstr("no complete"));
  EXPECT_THAT(refusal(with("ca_certificates", true)), HasSubstr("must be a string"));
}

TEST(Config, TakesAProxy) {
  const auto read = [](const char* value) {
    return read_config(with("proxy", value), false).proxy;
  };
  EXPECT_FALSE(read(""));
  EXPECT_EQ(read("socks5h://me:pa55@proxy:1080")->address, "proxy:1080");
  EXPECT_THAT(refusal(with("proxy", "proxy:1"), true), HasSubstr("on Airbyte Cloud"));
}

TEST(Config, NeverShowsALogin) {
  for (const char* key : {"hostname", "proxy"}) {
    for (const char* url : {"ftp://me:pa55@host", "http://me:pa/55@host:x", "me:pa55@", "@pa55@"}) {
      EXPECT_THAT(refusal(with(key, url)),
                  AllOf(HasSubstr(std::string("'") + key), HasSubstr("****@"),
                        testing::Not(HasSubstr("me:")), testing::Not(HasSubstr("55"))))
          << url;
    }
  }
}

TEST(Config, MasksSecretsOnlyWhenAsked) {
  EXPECT_FALSE(read_config(valid(), false).mask_secrets);
  EXPECT_TRUE(read_config(with("mask_secrets", true), false).mask_secrets);
  EXPECT_THAT(refusal(with("mask_secrets", "yes")), HasSubstr("must be true or false"));
}

TEST(Config, ChoosesGroupsOfStreams) {
  const auto groups = [](const Json& value) {
    return read_config(with("stream_groups", value), false).stream_groups;
  };
  for (const Json& none : {Json(), Json::array()}) {
    EXPECT_THAT(groups(none), ElementsAre("core")) << none;
  }
  EXPECT_THAT(read_config(valid(), false).stream_groups, ElementsAre("core"));
  EXPECT_THAT(groups({" people ", "issues"}), ElementsAre("people", "issues"));
  EXPECT_THAT(groups({"all"}), ElementsAre("all"));
  for (const std::string_view group : kStreamGroups) {
    EXPECT_THAT(groups({group}), ElementsAre(std::string(group)));
    EXPECT_TRUE(has_group({"all"}, group));
    EXPECT_TRUE(has_group({"x", std::string(group)}, group));
    EXPECT_FALSE(has_group({"x"}, group));
  }
  const std::pair<Json, const char*> kWrong[] = {{"core", "not a string"},
                                                 {{{"core", true}}, "not an object"},
                                                 {{"core", 7}, "it holds a number"},
                                                 {{"core", "Teams"}, "it holds \"Teams\""},
                                                 {{""}, "it holds \"\""}};
  for (const auto& [value, wrong] : kWrong) {
    EXPECT_THAT(refusal(with("stream_groups", value)),
                AllOf(HasSubstr("'stream_groups' must be a list of groups"),
                      HasSubstr("all, core, people"), HasSubstr(wrong)))
        << value;
  }
}

TEST(Config, LeavesFieldsOutByALineOrByAListForEachStream) {
  using Excluded = std::map<std::string, std::vector<std::string>>;
  const auto excluded = [](const Json& value) {
    return read_config(with("exclude_fields", value), false).excluded_fields;
  };
  EXPECT_EQ(read_config(valid(), false).excluded_fields, Excluded());
  EXPECT_EQ(excluded(nullptr), Excluded());
  EXPECT_EQ(excluded(Json::array()), Excluded());
  const Excluded wanted = {{"events", {"user", "a.b"}}, {"teams", {"avatar"}}};
  EXPECT_EQ(excluded({" events.user ", "teams.avatar", "events.a.b"}), wanted);
  EXPECT_EQ(excluded({{"events", {"user", "a.b"}}, {"teams", {"avatar"}}}), wanted);
  const std::pair<Json, const char*> kWrong[] = {
      {"events.user", "it is a string"},
      {7, "it is a number"},
      {{"events.user", 7}, "it holds a number"},
      {{"events"}, "it holds \"events\""},
      {{".user"}, "it holds \".user\""},
      {{"events."}, "it holds \"events.\""},
      {{{"events", "user"}}, "what it says of events is not a list"},
      {{{"events", {7}}}, "it holds a number"}};
  for (const auto& [value, wrong] : kWrong) {
    EXPECT_THAT(refusal(with("exclude_fields", value)),
                AllOf(HasSubstr("'exclude_fields' must be a list of fields with their streams"),
                      HasSubstr(wrong)))
        << value;
  }
}

TEST(Config, NamesTheTagsWhoseValuesAreRead) {
  const auto keys = [](const Json& value) {
    return read_config(with("tag_keys", value), false).tag_keys;
  };
  EXPECT_THAT(read_config(valid(), false).tag_keys, ElementsAre("environment"));
  EXPECT_THAT(keys(nullptr), ElementsAre("environment"));
  EXPECT_THAT(keys(Json::array()), ElementsAre("environment"));
  EXPECT_THAT(keys({" user ", "os.name"}), ElementsAre("user", "os.name"));
  EXPECT_THAT(keys({"*"}), ElementsAre("*"));
  const std::pair<Json, const char*> kWrong[] = {{"user", "not a string"},
                                                 {{{"user", 1}}, "not an object"},
                                                 {{"user", nullptr}, "it holds null"},
                                                 {{"user", " "}, "it holds an empty one"}};
  for (const auto& [value, wrong] : kWrong) {
    EXPECT_THAT(refusal(with("tag_keys", value)),
                AllOf(HasSubstr("'tag_keys' must be a list of keys of tags"), HasSubstr(wrong)))
        << value;
  }
}

TEST(Config, AllowsReadsThatWriteOnlyWhenAsked) {
  EXPECT_FALSE(read_config(valid(), false).allow_writing_reads);
  EXPECT_TRUE(read_config(with("allow_writing_reads", true), false).allow_writing_reads);
  for (const Json& wrong : {Json("true"), Json(1), Json::array()}) {
    EXPECT_THAT(refusal(with("allow_writing_reads", wrong)),
                HasSubstr("'allow_writing_reads' must be true or false"))
        << wrong;
  }
}

/// What belongs to no region answers on sentry.io itself; the token goes to no other host than the
/// configured one and that.
TEST(Config, KnowsWhereSentryIoAnswersForAllRegions) {
  struct Host {
    const char* name;
    bool on_sentry_io;
    const char* control;
  };
  const Host kHosts[] = {
      {"", true, "https://sentry.io/api/0/"},
      {"sentry.io", true, "https://sentry.io/api/0/"},
      {"de.sentry.io", true, "https://sentry.io/api/0/"},
      {"https://ACME.sentry.io/", true, "https://sentry.io/api/0/"},
      {"sentry.example.com", false, "https://sentry.example.com/api/0/"},
      {"evilsentry.io", false, "https://evilsentry.io/api/0/"},
      {"sentry.io.example.com", false, "https://sentry.io.example.com/api/0/"},
      {"sentry.example.com/sentry.io", false, "https://sentry.example.com/sentry.io/api/0/"},
      {"http://sentry.io", true, "http://sentry.io/api/0/"},
      {"sentry.io:8443", true, "https://sentry.io:8443/api/0/"},
      {"de.sentry.io/proxy", true, "https://de.sentry.io/proxy/api/0/"},
  };
  for (const auto& [name, on_sentry_io, control] : kHosts) {
    const Config config = read_config(with("hostname", name), false);
    EXPECT_EQ(config.on_sentry_io(), on_sentry_io) << name;
    EXPECT_EQ(config.control_base(), control) << name;
  }
}

TEST(Config, NeverPrintsTheToken) {
  EXPECT_THAT(refusal(with("auth_token", "se cret")), testing::Not(HasSubstr("se cret")));
}

TEST(Config, KeepsToPublicHttpsOnAirbyteCloud) {
  for (const char* host : {"http://sentry.example.com", "localhost:9000", "https://127.0.0.1",
                           "10.1.2.3", "192.168.0.1", "172.20.0.1", "169.254.169.254", "[::1]"}) {
    EXPECT_THAT(refusal(with("hostname", host), true), HasSubstr("on Airbyte Cloud")) << host;
    EXPECT_EQ(refusal(with("hostname", host), false), "accepted") << host;
  }
  EXPECT_EQ(refusal(with("hostname", "172.33.0.1"), true), "accepted");
  EXPECT_EQ(refusal(valid(), true), "accepted");
}

TEST(Config, KnowsItsSecretsEvenWhenItIsNotValid) {
  EXPECT_EQ(secrets_of(R"({"auth_token":" abcdef ","organization":7})"_json).redact("x abcdef y"),
            "x **** y");
  const Secrets secrets = secrets_of(
      R"({"proxy":"http://me:pa55@proxy:3128","hostname":"https://you:word@sentry.io"})"_json);
  EXPECT_EQ(secrets.redact("http://me:pa55@proxy:3128 pa55 you:word word proxy:3128"),
            "**** **** **** **** proxy:3128");
  EXPECT_EQ(secrets_of(R"({"secrets":[{"name":"k","value":"hunter2"},7,{"value":3}]})"_json)
                .redact("x hunter2 y"),
            "x **** y");
  EXPECT_EQ(secrets_of("7"_json).redact("x"), "x");
}

}  // namespace
}  // namespace source_sentry
