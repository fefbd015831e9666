#include "mapping/schema/derived.h"

#include <gtest/gtest.h>

#include <string>

#include "mapping/schema/result_type.h"
#include "mapping/shaped.h"

namespace source_sentry {
namespace {

const auto kSource = nlohmann::ordered_json::parse(R"({"type":"object","properties":{
  "id":{"type":["null","string"]},"lastSeen":{"type":["null","string"],"format":"date-time"},
  "project":{"type":["null","object"],"properties":{"slug":{"type":["null","string"]}}},
  "tags":{"type":["null","array"],"items":{"type":["null","object"],"properties":{"key":{"type":"string"}}}}}})");

std::string properties(const std::string& rest, const std::vector<std::string>& key = {}) {
  const auto stream = stream_of(R"({"name":"s","from":"issues")" + rest + "}");
  return derive_schema(*stream, key, kSource)["properties"].dump();
}

TEST(Derived, TypesFollowTheLastStage) {
  for (const auto& [expression, type] :
       std::vector<std::pair<const char*, const char*>>{{".a | tostring", "string"},
                                                        {R"(.a + "-" + .b)", "string"},
                                                        {R"x("\(.a)")x", "string"},
                                                        {R"(.a | join(","))", "string"},
                                                        {R"(.a | sub("x"; "y"))", "string"},
                                                        {".a | @base64", "string"},
                                                        {".a | length", "number"},
                                                        {".a | tonumber", "number"},
                                                        {"now", "number"},
                                                        {R"(.a | test("x"))", "boolean"},
                                                        {".a == 1", "boolean"},
                                                        {R"(.a["x"] > 1 and .b)", "boolean"},
                                                        {".a | not", "boolean"},
                                                        {"[.a[] | .b]", "array"},
                                                        {".a | map(.b)", "array"},
                                                        {"{a: .b}", "object"},
                                                        {". as $x | {a: $x}", "object"},
                                                        {"to_entries | from_entries", "object"},
                                                        {".a // \"x\"", ""},
                                                        {"if .a then 1 else 2 end", ""},
                                                        {".a[0:2]", ""},
                                                        {"[.a][0]", ""},
                                                        {".a + 1", ""},
                                                        {"reduce .[] as $x (0; . + $x)", ""},
                                                        {R"(.a | . ["x y"])", ""},
                                                        {".a, \"x\"", ""}}) {
    EXPECT_EQ(result_type(expression), type) << expression;
  }
}

TEST(Derived, LeavesHaveTheSourcesTypes) {
  EXPECT_EQ(
      properties(R"(,"map":{"id":".id","seen":".lastSeen","p":{"slug":".project.slug"},"n":".x.y",)"
                 R"("one":1,"k":".tags[0].key","t":".a | tostring"})",
                 {"id"}),
      R"({"id":{"type":"string"},"seen":{"type":["null","string"],"format":"date-time"},)"
      R"("p":{"type":["null","object"],"properties":{"slug":{"type":["null","string"]}}},)"
      R"("n":{"type":["null","boolean","number","string","array","object"]},)"
      R"("one":{"type":["null","number"]},"k":{"type":["null","string"]},)"
      R"("t":{"type":["null","string"]}})");
  EXPECT_EQ(properties(R"(,"items":".tags","item_name":"tag","map":{"k":".tag.key"})"),
            R"({"k":{"type":["null","string"]}})");
  EXPECT_EQ(properties(R"(,"fields":["id","project.slug"])"),
            R"({"id":{"type":["null","string"]},"project":{"type":["null","object"],"properties":)"
            R"({"slug":{"type":["null","string"]}}}})");
  EXPECT_EQ(properties(""), kSource["properties"].dump());
  EXPECT_EQ(properties(R"(,"map":"{id}")", {"id"}), R"({"id":{"type":"string"}})");
  EXPECT_EQ(properties(R"(,"shape":"port","map":{"identifier":".id","blueprint":"\"b\"",)"
                       R"("relations":{"p":".project.slug"}})",
                       {"blueprint", "identifier"}),
            R"({"identifier":{"type":"string"},"blueprint":{"type":"string"},"relations":{"type":)"
            R"(["null","object"],"properties":{"p":{"type":["null","string","array"],"items":)"
            R"({"type":"string"}}}}})");
}

TEST(Derived, KeysAreTheSourcesWhereTheRecordsHoldThem) {
  const auto derived = [](const std::string& rest) {
    const auto stream = stream_of(R"({"name":"s","from":"issues")" + rest + "}");
    const DerivedStream of = derive_stream(*stream, {"id"}, "lastSeen");
    std::string text;
    for (const std::string& key : of.primary_key) text += key + " ";
    return text + "/ " + of.cursor_field;
  };
  EXPECT_EQ(derived(""), "id / lastSeen");
  EXPECT_EQ(derived(R"(,"map":{"id":".id","lastSeen":".lastSeen"})"), "id / lastSeen");
  EXPECT_EQ(derived(R"(,"map":{"id":".id | tostring","seen":".lastSeen"})"), "/ ");
  EXPECT_EQ(
      derived(R"(,"map":{"x":".id","seen":".lastSeen"},"primary_key":["x"],"cursor_field":"seen")"),
      "x / seen");
  EXPECT_EQ(derived(R"(,"fields":["id","lastSeen"])"), "id / lastSeen");
  EXPECT_EQ(derived(R"(,"fields":["project.slug"])"), "/ ");
  EXPECT_EQ(derived(R"(,"items":".tags","map":{"id":".id","lastSeen":".lastSeen"})"), "/ lastSeen");
  EXPECT_EQ(derived(R"(,"map":"{id}")"), "/ ");
}

}  // namespace
}  // namespace source_sentry
