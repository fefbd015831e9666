#include "app/terminal/indented_json.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace source_sentry {
namespace {

TEST(IndentedJson, HasALineForEachMember) {
  EXPECT_EQ(indented_json(R"({"a":[1, {}],"b" : {"c":"x,{}:[\"\\"},"d":[ ],"e":null})"),
            "{\n"
            "  \"a\": [\n"
            "    1,\n"
            "    {}\n"
            "  ],\n"
            "  \"b\": {\n"
            "    \"c\": \"x,{}:[\\\"\\\\\"\n"
            "  },\n"
            "  \"d\": [],\n"
            "  \"e\": null\n"
            "}");
  EXPECT_EQ(indented_json("7"), "7");
}

/// Numbers past 64 bits, digits of fractions and texts stay as they came.
TEST(IndentedJson, ChangesNoValue) {
  EXPECT_EQ(indented_json(R"([12345678901234567890123, 1.10, 1E400, "é€😀"])"),
            "[\n  12345678901234567890123,\n  1.10,\n  1E400,\n  \"é€😀\"\n]");
}

TEST(IndentedJson, EscapesWhatATerminalWouldObey) {
  const std::string tricky =
      "[\"\xC2\x9B"
      "31m \xE2\x80\xAE \x7f \xC3\xA9\"]";
  const std::string shown = indented_json(tricky);
  EXPECT_EQ(shown, "[\n  \"\\u009b31m \\u202e \\u007f \xC3\xA9\"\n]");
  EXPECT_EQ(nlohmann::json::parse(shown), nlohmann::json::parse(tricky));
}

}  // namespace
}  // namespace source_sentry
