#include "mapping/shape/mapped_stream.h"

#include <gtest/gtest.h>

#include <string>

#include "fakes/message_of.h"
#include "mapping/shaped.h"

namespace source_sentry {
namespace {

std::string refusal(const std::string& entry) {
  return message_of([&] {
    JqPrograms programs;
    check_expressions(*stream_of(entry), programs);
  });
}

TEST(MappedStream, IsRefusedWithItsPlace) {
  EXPECT_EQ(refusal(R"({"name":"s","from":"isues"})"),
            "mapped_streams[0].from: there is no stream \"isues\"; did you mean \"issues\"?");
  EXPECT_EQ(refusal(R"({"name":"s","from":"zzz"})"),
            "mapped_streams[0].from: there is no stream \"zzz\".");
  EXPECT_EQ(refusal(R"({"name":"1s","from":"issues"})"),
            "mapped_streams[0].name must be letters, digits and _, at most 63, and begin with no "
            "digit.");
  EXPECT_EQ(refusal(R"({"name":"s","from":"issues","selct":"."})"),
            "mapped_streams[0]: there is no key \"selct\".");
  EXPECT_EQ(refusal(R"({"name":"s","from":"issues","map":{"a":"."},"fields":["a"]})"),
            "mapped_streams[0] has map and fields; give one.");
  EXPECT_EQ(refusal(R"({"name":"s","from":"issues","map":{"a":"."},"primary_key":["nope"]})"),
            "mapped_streams[0] \"s\".primary_key: the records have no member \"nope\".");
  EXPECT_EQ(
      refusal(R"({"name":"s","from":"issues","map":{"d":{"days":".id + tostrng"}}})"),
      "mapped_streams[0] \"s\", leaf \"map.d.days\": jq does not know tostrng/0 (line 1, column "
      "7 of: .id + tostrng).");
  EXPECT_EQ(refusal(R"({"name":"s","from":"issues","fields":["a..b"]})"),
            "mapped_streams[0].fields: \"a..b\" is not a dotted path like project.slug.");
  EXPECT_EQ(refusal(R"({"name":"s","from":"issues","schema":"[]"})"),
            "mapped_streams[0] \"s\".schema must be a JSON schema of type object.");
  EXPECT_EQ(
      refusal(R"({"name":"s","from":"issues","cursor_field":"c","schema":{"type":"object"}})"),
      "mapped_streams[0] \"s\".schema must name \"c\", its key or cursor.");
}

TEST(MappedStream, TellsEveryMistake) {
  EXPECT_EQ(
      refusal(R"({"name":"1","from":"isues","nope":1,"select":5,"items":[],"fields":["..",1],
                        "cursor_field":2,"schema":"x"})"),
      "mapped_streams[0]: there is no key \"nope\". mapped_streams[0].name must be letters, "
      "digits and _, at most 63, and begin with no digit. mapped_streams[0].from: there is no "
      "stream \"isues\"; did you mean \"issues\"? mapped_streams[0].select must be a jq "
      "expression, or a list of them. mapped_streams[0].items must be a string. "
      "mapped_streams[0].fields: \"..\" is not a dotted path like project.slug. "
      "mapped_streams[0].fields: 1 is not a dotted path like project.slug. "
      "mapped_streams[0].cursor_field must be a string. mapped_streams[0].schema must be a "
      "JSON schema of type object.");
  EXPECT_EQ(
      refusal(R"({"name":"s","from":"issues","select":"nope","map":{"a":".a |","b":"no"}})"),
      "mapped_streams[0] \"s\", select: jq does not know nope/0 (line 1, column 1 of: nope). "
      "mapped_streams[0] \"s\", leaf \"map.a\": the expression ends too early for jq (line 1, "
      "column 4 of: .a |). mapped_streams[0] \"s\", leaf \"map.b\": jq does not know no/0 "
      "(line 1, column 1 of: no).");
  std::string map;
  for (int i = 0; i < 25; ++i) map += ",\"m" + std::to_string(i) + "\":\"no\"";
  const std::string many = refusal(R"({"name":"s","from":"issues","map":{)" + map.substr(1) + "}}");
  EXPECT_NE(many.find("map.m19"), many.npos);
  EXPECT_EQ(many.find("map.m20"), many.npos);
  EXPECT_TRUE(many.ends_with(" And 5 more.")) << many;
}

TEST(MappedStream, GuessesWhereItemsAre) {
  const auto place = [](const char* expression) {
    const auto path = place_of_items(expression);
    std::string text;
    if (!path) return text;
    for (const auto& step : path->steps()) text += "." + std::get<std::string>(step);
    return text;
  };
  EXPECT_EQ(place(".a.b // []"), ".a.b");
  EXPECT_EQ(place("(.a // [])"), ".a");
  EXPECT_EQ(place("(.a // []) | map(.x)"), ".a");
  EXPECT_EQ(place(".a[]"), ".a");
  EXPECT_EQ(place(". as $r | .a"), ".a");
  EXPECT_EQ(place(". | $x | .a | .b"), ".a");
  EXPECT_EQ(place(R"(.["a"]["b"])"), ".a.b");
  for (const char* nowhere : {"[.a,.b]", "map(.x)", "to_entries", ".", "..", "$x"}) {
    EXPECT_EQ(place(nowhere), "") << nowhere;
  }
}

}  // namespace
}  // namespace source_sentry
