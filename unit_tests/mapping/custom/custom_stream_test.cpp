#include "mapping/custom/custom_stream.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "fakes/message_of.h"

namespace source_sentry {
namespace {

using Json = nlohmann::ordered_json;

std::vector<std::shared_ptr<const CustomStream>> streams(const std::string& entries) {
  const CustomSources sources{.parents = {"projects", "issues", "releases"},
                              .secrets = {{"k", "s3cret"}, {"auth_token", "t0ken"}},
                              .own_token = "t0ken"};
  return read_custom_streams(Json::parse(entries), sources);
}

std::string refusal_of(const std::string& entries) {
  return message_of([&] { streams(entries); });
}

/// Of the only stream, which has these members besides a name and a path.
std::string refused(const std::string& members) {
  return refusal_of(R"([{"name":"x","path":"a/",)" + members + "}]");
}

TEST(CustomStream, HasUsualValues) {
  const auto read =
      streams(R"([{"name":"teams","path":"organizations/{{ organization }}/teams/"}])");
  const CustomStream& teams = *read.at(0);
  EXPECT_EQ(teams.place, "custom_streams[0] \"teams\"");
  EXPECT_EQ(teams.kind, "teams");
  EXPECT_EQ(teams.rule.iterator.text() + " " + teams.rule.record_id.text(), ". .id");
  EXPECT_EQ(teams.next.from, NextRule::From::kLink);
  EXPECT_EQ(teams.primary_key, std::vector<std::string>{"id"});
  EXPECT_FALSE(teams.missing_fails);
  const auto composed = streams(R"([{"name":"x","path":"a/","record_id":".a + .b"}])");
  EXPECT_EQ(composed.at(0)->primary_key, std::vector<std::string>{"_external_id"});
}

TEST(CustomStream, TellsEveryMistake) {
  EXPECT_EQ(refusal_of(R"([
      {"name":"1","path":"a/","nope":1,"iterator":5,"headers":{"Host":"x","Cookie":"y"}},
      {"name":"b","path":"{{ x.id }}/","for_each":"zzz","record_id":[]},
      {"name":"c","path":"{{ b.nope }}/{{ z }}/","for_each":"b"},
      {"name":"d","path":"{{ e }}/","params":{"p":"{{ f }}"}}])"),
            "custom_streams[0]: there is no key \"nope\". custom_streams[0].name must be letters, "
            "digits and _, at most 63, and begin with no digit. "
            "custom_streams[0].headers: the header Host is not the configuration's to set. "
            "custom_streams[0].headers: the header Cookie is not the configuration's to set. "
            "custom_streams[0].iterator must be a string. custom_streams[1].record_id must be a "
            "string. custom_streams[3].path: {{ e }} has no meaning there (organization, project, "
            "cursor, start, end). custom_streams[3].params.p: {{ f }} has no meaning there "
            "(organization, project, cursor, start, end).");
}

TEST(CustomStream, LeadsToItsParents) {
  const auto read = streams(R"([
    {"name":"c","path":"{{ a.id }}/{{ b.id }}/{{ projects.slug }}/","for_each":"b"},
    {"name":"b","path":"b/","for_each":"a","inject":{"of":".slug"}},
    {"name":"a","path":"a/","for_each":"projects"}])");
  const auto chain = chain_of(read.at(0));
  ASSERT_EQ(chain.size(), 3U);
  EXPECT_EQ(chain[0]->name + chain[1]->name + chain[2]->name, "abc");
  EXPECT_EQ(chain[0]->listed_parent, "projects");
}

TEST(CustomStream, ChainsMustEnd) {
  const std::string circle =
      R"([{"name":"a","path":"a/","for_each":"b"},{"name":"b","path":"b/","for_each":"a"}])";
  EXPECT_EQ(refusal_of(circle),
            "custom_streams[0].for_each: a circle, or more than 4 parents. "
            "custom_streams[1].for_each: a circle, or more than 4 parents.");
  EXPECT_EQ(refused(R"("for_each":"x")"),
            "custom_streams[0].for_each: a circle, or more than 4 parents.");
  Json deep = Json::array({{{"name", "s0"}, {"path", "a/"}, {"for_each", "projects"}}});
  for (int at = 1; at <= 3; ++at) {
    deep.push_back({{"name", "s" + std::to_string(at)},
                    {"path", "a/"},
                    {"for_each", "s" + std::to_string(at - 1)}});
  }
  EXPECT_EQ(refusal_of(deep.dump()), "nothing was wrong");
  deep.push_back({{"name", "s4"}, {"path", "a/"}, {"for_each", "s3"}});
  EXPECT_EQ(refusal_of(deep.dump()),
            "custom_streams[4].for_each: a circle, or more than 4 parents.");
  EXPECT_EQ(refused(R"("for_each":"teamz")"),
            "custom_streams[0].for_each: \"teamz\" is neither a custom stream nor one of projects, "
            "issues, releases.");
}

TEST(CustomStream, IsRefusedWithItsPlace) {
  EXPECT_EQ(refused(R"("methods":"GET")"), "custom_streams[0]: there is no key \"methods\".");
  EXPECT_EQ(refused(R"("method":"POST")"),
            "custom_streams[0].method: POST is not done; a source only reads, by GET.");
  EXPECT_EQ(refused(R"("url":"b/")"), "custom_streams[0] must have a path, or a url.");
  EXPECT_EQ(refusal_of(R"([{"name":"x","path":"a/"},{"name":"x","path":"b/"}])"),
            "custom_streams[1].name: there is a custom stream \"x\" already.");
  EXPECT_EQ(refusal_of(R"([{"name":"1x","path":"a/"}])"),
            "custom_streams[0].name must be letters, digits and _, at most 63, and begin with no "
            "digit.");
  EXPECT_EQ(refused(R"("inject":{"a":".b"})"),
            "custom_streams[0].inject needs a for_each, whose records it takes from.");
  EXPECT_EQ(refused(R"("for_each":"projects","inject":{"a":".b + 1"})"),
            "custom_streams[0].inject.a must be a plain path, like .slug.");
  EXPECT_EQ(refused(R"("on_missing":"retry")"),
            "custom_streams[0].on_missing must be skip or fail.");
  EXPECT_EQ(refused(R"("page_size":{"parameter":"per_page"})"),
            "custom_streams[0].page_size must be an object like {\"parameter\": \"per_page\", "
            "\"value\": 100}.");
  EXPECT_EQ(refused(R"("cursor_field":"date")"),
            "custom_streams[0].cursor_field needs a start_param, or {{ start }} in the address.");
  EXPECT_EQ(refused(R"("start_param":"start")"),
            "custom_streams[0].cursor_field must name the member whose newest value a later run "
            "begins at.");
  EXPECT_EQ(refused(R"("primary_key":["a"],"schema":{"type":"object"})"),
            "custom_streams[0].schema must name \"a\", its key or cursor.");
}

TEST(CustomStream, SaysHowItsPagesFollow) {
  EXPECT_EQ(refused(R"("next":{"from":"payload"})"),
            "custom_streams[0].next.from must be link, header, body or none.");
  EXPECT_EQ(refused(R"("next":{},"page_size":{},"on_missing":null)"), "nothing was wrong");
  EXPECT_EQ(refused(R"("next":{"from":"body"})"),
            "custom_streams[0].next.value must be a jq expression that gives the cursor.");
  EXPECT_EQ(refused(R"("next":{"from":"link","value":".a"})"),
            "custom_streams[0].next: there is no key \"value\" there.");
  EXPECT_EQ(
      refused(R"("next":{"from":"body","value":".a"})"),
      "custom_streams[0].next: neither the address nor a parameter has a {{ cursor }}, so the "
      "next page cannot be asked for.");
  EXPECT_EQ(refused(R"("next":{"from":"body","value":".a"},"params":{"c":"{{ cursor }}"})"),
            "nothing was wrong");
}

TEST(CustomStream, NamesOnlyWhatIsKnown) {
  EXPECT_EQ(refusal_of(R"([{"name":"x","path":"a/{{ teams.slug }}/"}])"),
            "custom_streams[0].path: {{ teams.slug }} has no meaning there (organization, project, "
            "cursor, start, end).");
  EXPECT_EQ(refusal_of(R"([{"name":"x","path":"a/{{ project }}/"}])"),
            "custom_streams[0].path: {{ project }} has no value, since the configuration names no "
            "single project. Write the slug, or use for_each: projects.");
  EXPECT_EQ(refusal_of(R"([{"name":"x","path":"a/{{ 'k' | secret }}/"}])"),
            "custom_streams[0].path: a secret belongs into a header and not into an address, which "
            "logs show.");
  EXPECT_EQ(refused(R"("params":{"a":"{{ 'k' | secret }}"})"),
            "custom_streams[0].params.a: a secret belongs into a header and not into an address, "
            "which logs show.");
}

TEST(CustomStream, HasNoHeadersOfTheConnection) {
  for (const char* name : {"Host", "cookie", "Content-Type", "Transfer-Encoding", "Connection",
                           "TE", "Upgrade", "Proxy-Authorization", "Accept-Encoding"}) {
    EXPECT_EQ(refused(R"("headers":{")" + std::string(name) + R"(":"a"})"),
              "custom_streams[0].headers: the header " + std::string(name) +
                  " is not the configuration's to set.");
  }
  EXPECT_EQ(refused(R"("headers":{"a b":"c"})"),
            "custom_streams[0].headers: \"a b\" is not the name of a header.");
  EXPECT_EQ(refused(R"("headers":{"X-Key":"{{ 'nope' | secret }}"})"),
            "custom_streams[0].headers.X-Key: there is no secret \"nope\". Add it to secrets, with "
            "its value.");
}

TEST(CustomStream, IdentifiesItselfBySecretsOnly) {
  const auto authorization = [](const std::string& value) {
    return refused(R"("headers":{"Authorization":")" + value + R"("})");
  };
  for (const char* good : {"Bearer {{ 'k' | secret }}", "{{ 'k' | secret }}",
                           "Bearer {{ 'auth_token' | secret }}", "Bearer t0ken"}) {
    EXPECT_EQ(authorization(good), "nothing was wrong") << good;
  }
  for (const char* bad : {"Bearer other", "Bearer {{ organization }}",
                          "Bearer {{ 'k' | secret }}{{ 'k' | secret }}", "x {{ 'k' | secret }}"}) {
    EXPECT_EQ(authorization(bad),
              "custom_streams[0].headers.Authorization must be \"Bearer {{ 'NAME' | secret }}\": a "
              "secret, or the configuration's own token, and nothing else.")
        << bad;
  }
}

TEST(CustomStream, HasItsExpressionsChecked) {
  JqPrograms programs;
  const auto read = streams(R"([{"name":"x","path":"a/","exclude":".id | nope"}])");
  EXPECT_EQ(message_of([&] { check_expressions(*read.at(0), programs); }).substr(0, 55),
            "custom_streams[0] \"x\", exclude: jq does not know nope/0");
}

}  // namespace
}  // namespace source_sentry
