#include "base/json_text.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

namespace source_sentry {
namespace {

std::string nested(std::size_t levels) {
  return std::string(levels, '[') + std::string(levels, ']');
}

TEST(JsonText, GoesSoDeepAndNoDeeper) {
  EXPECT_EQ(too_deep_at(nested(kDeepestJson)), std::nullopt);
  EXPECT_EQ(too_deep_at(nested(kDeepestJson + 1)), kDeepestJson);
  EXPECT_EQ(too_deep_at(nested(100'000)), kDeepestJson);
  EXPECT_FALSE(parse_json(nested(kDeepestJson)).is_discarded());
  EXPECT_TRUE(parse_json(nested(100'000)).is_discarded());
}

TEST(JsonText, CountsNoBracketsInTexts) {
  const std::string text = "[\"\\\"" + std::string(5000, '[') + "\", {}, []]";
  EXPECT_EQ(too_deep_at(text), std::nullopt);
  EXPECT_EQ(parse_json(text).size(), 3U);
  std::string wide = "[";
  for (int i = 0; i < 5000; ++i) wide += "{},";
  EXPECT_EQ(too_deep_at(wide + "[]]"), std::nullopt);
}

TEST(JsonText, TakesWhatIsNoJsonToo) {
  for (const char* text : {"", "]]]]", "\"", "\"\\", "{\"", "nul"}) {
    EXPECT_EQ(too_deep_at(text), std::nullopt) << text;
    EXPECT_TRUE(parse_json(text).is_discarded()) << text;
  }
}

}  // namespace
}  // namespace source_sentry
