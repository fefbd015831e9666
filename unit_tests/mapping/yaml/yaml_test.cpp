#include "mapping/yaml/yaml.h"

#include <gtest/gtest.h>

#include <chrono>
#include <nlohmann/json.hpp>
#include <string>

#include "fakes/message_of.h"

namespace source_sentry {
namespace {

std::string read(const std::string& text) {
  std::string out;
  for (const auto& document : read_yaml(text, "x")) out += document.dump();
  return out;
}

std::string refusal(const std::string& text) {
  return message_of([&] { read_yaml(text, "port_app_config"); });
}

TEST(Yaml, HasTheTypesOfItsCoreSchema) {
  EXPECT_EQ(
      read("a: true\nb: False\nc: yes\nd: ~\ne:\nf: 12\ng: -3\nh: 0x1F\ni: 1.5\nj: '12'\nk: "
           "\"true\"\n"
           "l: 99999999999999999999\nm: .inf\nn: 18446744073709551615\no: 1e3\np: 1.2.3\nq: on"),
      R"({"a":true,"b":false,"c":"yes","d":null,"e":null,"f":12,"g":-3,"h":31,"i":1.5,"j":"12",)"
      R"("k":"true","l":"99999999999999999999","m":".inf","n":18446744073709551615,"o":1000.0,)"
      R"("p":"1.2.3","q":"on"})");
}

TEST(Yaml, KeepsTheOrderAndTakesSeveralDocuments) {
  EXPECT_EQ(read("---\nz: 1\na:\n- x\n- y:   # note\n    b\n---\n- 2\n  \n"),
            R"({"z":1,"a":["x",{"y":"b"}]}[2])");
  EXPECT_EQ(read(""), "");
  EXPECT_EQ(read("u: https://sentry.io/{{ cursor }}?a=b\nt: |\n  one\n  two\n"),
            R"({"u":"https://sentry.io/{{ cursor }}?a=b","t":"one\ntwo\n"})");
  EXPECT_EQ(read("l:\n- a\nm:\n  - b"), R"({"l":["a"],"m":["b"]})") << "both ways to indent";
}

TEST(Yaml, RefusesAKeyThatComesTwice) {
  EXPECT_EQ(refusal("a: 1\nb:\n  c: 1\n  d: 2\n  c: 3\n"),
            "port_app_config, line 5, column 3: the key \"c\" comes twice.");
  EXPECT_EQ(read("- c: 1\n- c: 2"), R"([{"c":1},{"c":2}])");
}

TEST(Yaml, TakesAliasesThatStaySmall) {
  EXPECT_EQ(read("a: &x {k: 1}\nb: *x\nc:\n  <<: *x\n  l: 2\nd:\n  <<: [*x]\n  k: 3"),
            R"({"a":{"k":1},"b":{"k":1},"c":{"l":2,"k":1},"d":{"k":3}})");
  EXPECT_EQ(refusal("a: &x [*x]"),
            "port_app_config, line 1, column 8: an alias to a value that it is part of.");
  std::string doubling = "a0: &a0 [x, x]\n";
  for (int level = 1; level <= 9; ++level) {
    const std::string before = "*a" + std::to_string(level - 1);
    doubling += "a" + std::to_string(level) + ": &a" + std::to_string(level) + " [" + before +
                ", " + before + "]\n";
  }
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(refusal(doubling), "port_app_config, line 5, column 10: aliases that lead to aliases.");
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(5));
}

TEST(Yaml, HasBounds) {
  EXPECT_EQ(refusal(std::string(65, '[') + std::string(65, ']')),
            "port_app_config, line 1, column 65: nested more than 64 levels deep.");
  EXPECT_EQ(refusal(std::string(kLargestYaml + 1, ' ')), "port_app_config is longer than 1 MiB.");
  std::string values;
  for (int i = 0; i < 100'001; ++i) values += "- a\n";
  EXPECT_EQ(refusal(values), "port_app_config, line 100000, column 3: more than 100,000 values.");
  EXPECT_EQ(refusal("? [a]\n: b"), "port_app_config, line 1, column 3: a key that is not a text.");
}

TEST(Yaml, SaysWhereItIsBrokenAndWhyPerhaps) {
  EXPECT_EQ(refusal("resources:\n  - kind: issue\n      selector:\n        query: 'true'\n"),
            "port_app_config, line 3, column 7: a key is indented deeper than the one above it.");
  EXPECT_EQ(refusal("a:\n\tb: 1\n"),
            "port_app_config, line 2, column 2: a tab in the indentation, "
            "where YAML takes blanks only.");
  EXPECT_EQ(refusal("a: 'x").substr(0, 30), "port_app_config, line 1, colum");
}

TEST(Yaml, WantsUtf8) {
  EXPECT_EQ(refusal("a: K\xf6ln\n"), "port_app_config is not UTF-8, which YAML has to be here.");
}

}  // namespace
}  // namespace source_sentry
