#include "sentry/streams/custom/custom_spec.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "fakes/message_of.h"
#include "fakes/whole_run.h"
#include "sentry/streams/table.h"

namespace source_sentry {
namespace {

using Json = nlohmann::ordered_json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsSupersetOf;

Config config_of(const nlohmann::json& changes) {
  nlohmann::json document = {
      {"auth_token", "t0ken"}, {"organization", "acme"}, {"hostname", "sentry.example.com"}};
  document.update(changes);
  return read_config(document, false);
}

Config with_entries(const char* entries) {
  return config_of({{"custom_streams", nlohmann::json::parse(entries)}});
}

constexpr const char* kTeams = R"([
  {"name":"my_teams","path":"organizations/{{ organization }}/teams/","record_id":".slug"},
  {"name":"my_members","path":"teams/{{ organization }}/{{ my_teams.slug }}/members/",
   "for_each":"my_teams","inject":{"team":".slug"},"primary_key":["team","id"],
   "cursor_field":"dateCreated","start_param":"start"}])";

TEST(CustomSpec, IsInTheCatalog) {
  const Config config = with_entries(kTeams);
  const StreamTable table(config);
  const Json teams = catalog_entry(*table.find("my_teams"), config);
  EXPECT_EQ(teams["source_defined_primary_key"].dump(), R"([["slug"]])");
  EXPECT_EQ(teams["supported_sync_modes"].dump(), R"(["full_refresh"])");
  EXPECT_EQ(teams["json_schema"]["properties"].dump(), R"({"slug":{"type":["string","integer"]}})");
  const Json members = catalog_entry(*table.find("my_members"), config);
  EXPECT_EQ(members["source_defined_primary_key"].dump(), R"([["team"],["id"]])");
  EXPECT_EQ(members["supported_sync_modes"].dump(), R"(["full_refresh","incremental"])");
  EXPECT_EQ(members["default_cursor_field"].dump(), R"(["dateCreated"])");
  EXPECT_TRUE(is_offered(*table.find("my_teams"), config)) << "whatever the groups are";
}

TEST(CustomSpec, CanBeTheSourceOfMappedStreams) {
  const Config config =
      config_of({{"custom_streams", nlohmann::json::parse(R"([{"name":"x","path":"a/"}])")},
                 {"mapped_streams",
                  nlohmann::json::parse(R"([{"name":"y","from":"x","map":{"n":".id"}}])")}});
  const StreamTable table(config);
  ASSERT_NE(table.find("y"), nullptr);
  EXPECT_EQ(table.find("y")->custom, table.find("x")->custom);
}

TEST(CustomSpec, IsRefusedWhereItLeadsElsewhere) {
  const auto refusal = [](const char* entries) {
    const Config config = with_entries(entries);
    return message_of([&] { const StreamTable table(config); });
  };
  EXPECT_EQ(refusal(R"([{"name":"x","url":"https://evil.example/api/0/x/"}])"),
            "custom_streams[0].url: https://evil.example/api/0/x/ is not on "
            "https://sentry.example.com. A custom stream reads the configured server only.");
  EXPECT_THAT(refusal(R"([{"name":"x","path":"../x/"}])"),
              HasSubstr("custom_streams[0].path: ../x/ has a part of dots."));
  EXPECT_THAT(refusal(R"([{"name":"issues","path":"x/"}])"),
              HasSubstr("'custom_streams[0].name' is \"issues\""));
  const Config elsewhere = with_entries(R"([{"name":"x","url":"https://sentry.io/api/0/x/"}])");
  EXPECT_THAT(StreamTable(elsewhere).definitions().notes,
              ElementsAre("custom_streams[0] \"x\" names sentry.io, and is read from "
                          "https://sentry.example.com, the configured server."));
}

TEST(CustomSpec, OfOpsLevelPushesWhereAsked) {
  constexpr const char* kExtract =
      "extractors:\n- external_kind: issues\n  external_id: .id\n  http_polling:\n"
      "    method: GET\n    url: a/\n";
  const Config config = config_of({{"opslevel_extract", kExtract}, {"opslevel_output", "push"}});
  const StreamTable table(config);
  const StreamSpec* spec = table.find("opslevel_issues");
  ASSERT_NE(spec, nullptr);
  const Json entry = catalog_entry(*spec, config);
  EXPECT_FALSE(entry.contains("source_defined_primary_key"));
  EXPECT_TRUE(entry["json_schema"]["properties"].contains("external_kind"));
}

/// Whole runs: a server that knows the organization's project `web`, and these targets.
FakeHttp::Server server_of(std::map<std::string, Response> known) {
  return [known = std::move(known)](const std::string& target) {
    if (const auto found = known.find(target); found != known.end()) return found->second;
    if (target.starts_with("organizations/acme/projects/")) {
      return answer(200, "[" + std::string(kWeb) + "]", {kEnd});
    }
    const bool is_document =
        target.starts_with("projects/acme/web/?") || target == "projects/acme/web/";
    return is_document ? answer(200, kWeb) : answer(200, "[]", {kEnd});
  };
}

TEST(CustomSpec, IsReadWithEverythingElse) {
  const WholeRun run(
      {{"custom_streams", nlohmann::json::parse(R"([
          {"name":"x","path":"x/{{ projects.slug }}/","for_each":"projects"}])")},
       {"mapped_streams", nlohmann::json::parse(R"([{"name":"y","from":"x","map":{"n":".id"}}])")}},
      server_of({{"x/web/", answer(200, R"([{"id":"7"}])", {kEnd})}}));
  EXPECT_THAT(run.failed_streams(), ElementsAre());
  EXPECT_THAT(run.records, IsSupersetOf({"x 7", "y ?"}));
}

TEST(CustomSpec, FailsAlone) {
  const WholeRun run(
      {{"custom_streams",
        nlohmann::json::parse(R"([{"name":"x","path":"x/"},{"name":"z","path":"z/"}])")}},
      server_of({{"x/", answer(403, R"({"detail":"no"})")}}));
  EXPECT_THAT(run.failed_streams(), ElementsAre("x"));
  EXPECT_THAT(run.errors.at(0).second, HasSubstr("The token may not read the custom stream x. Give "
                                                 "it the scope that this address needs"));
}

}  // namespace
}  // namespace source_sentry
