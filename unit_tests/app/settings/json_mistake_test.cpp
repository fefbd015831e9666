#include "app/settings/json_mistake.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>
#include <random>

namespace source_sentry {
namespace {

using testing::HasSubstr;

struct Case {
  std::string text;
  std::string place;  // its line and column
  std::string cause;  // words of it
};

TEST(JsonMistakeTest, NamesThePlaceAndTheLikelyCause) {
  const std::vector<Case> cases = {
      {"{\n  \"a\": 1,\n}", "line 2, column 9", "a comma before a closing bracket"},
      {"[1, 2,]", "line 1, column 6", "a comma before a closing bracket"},
      {"{\"a\": 1, // mine\n}", "line 1, column 10", "a comment"},
      {"{\n# mine\n}", "line 2, column 1", "a comment"},
      {"{'a': 1}", "line 1, column 2", "a single quote"},
      {"{\"ä\": \u201Cb\u201D}", "line 1, column 7", "a typographic quote"},
      {"{a: 1}", "line 1, column 2", "a key without quotes"},
      {"auth_token: x\norganization: y\n", "line 1, column 1", "YAML"},
      {"---\na: b\n", "line 1, column 1", "YAML"},
      {"not json at all", "line 1, column 1", "begins with {"},
      {"{\"a\": 1\n \"b\": 2}", "line 2, column 2", "a comma is missing"},
      {"{\"a\" 1}", "line 1, column 6", "a colon is missing"},
      {"{\"a\" = 1}", "line 1, column 6", "in place of a colon"},
      {"{\"a\": }", "line 1, column 7", "no value"},
      {"{\"a\": True}", "line 1, column 7", "a word without quotes"},
      {"{\"a\": 2026-01-31}", "line 1, column 11", "a comma is missing"},
      {"{\"a\": 007}", "line 1, column 7", "not a number"},
      {"{\n \"a\": {\"b\": 1}", "line 1, column 1", "{ that has no }"},
      {"[[1]", "line 1, column 1", "[ that has no ]"},
      {"{\"a\": [1}", "line 1, column 9", "opened at line 1, column 7"},
      {"{\"a\": \"b,\n\"c\": 1}", "line 1, column 7", "not closed"},
      {"{\"a\": \"b", "line 1, column 7", "not closed"},
      {"{\"a\": \"C:\\Users\"}", "line 1, column 10", "a backslash"},
      {"{\"a\": \"b\tc\"}", "line 1, column 9", "a tab"},
      {"{\"a\": \"\xE9\"}", "line 1, column 8", "not UTF-8"},
      {"{} {}", "line 1, column 4", "more text"},
      {std::string("\xFF\xFE{\0}\0", 6), "line 1, column 1", "UTF-16"},
      {std::string("{\0}\0", 4), "line 1, column 1", "UTF-16"},
  };
  for (const Case& one : cases) {
    const auto mistake = json_mistake(one.text);
    ASSERT_TRUE(mistake) << one.text;
    EXPECT_EQ(place_in(one.text, mistake->at), one.place) << one.text;
    EXPECT_THAT(mistake->cause, HasSubstr(one.cause)) << one.text;
  }
}

TEST(JsonMistakeTest, AgreesWithTheParserWhateverIsChanged) {
  const std::string whole =
      "\xEF\xBB\xBF{\"a\\u00e9\\ud83d\\ude00\": [1, -0.5e+3, true, false, null, {}, []],\n"
      " \"b\": {\"c\": \"\xC3\xA4\\n\"}}";
  EXPECT_FALSE(json_mistake(whole));
  const std::string letters = "\"\\{}[],:0-.eE+ut\n\t '\xC3\xA4/#";
  std::mt19937 random(1);
  const auto below = [&](std::size_t end) { return random() % end; };
  for (int round = 0; round < 20'000; ++round) {
    std::string text = whole;
    for (std::size_t changes = 1 + below(2); changes > 0; --changes) {
      const std::size_t at = 3 + below(text.size() - 3);
      if (below(2) == 0) {
        text.erase(at, 1 + below(3));
      } else {
        text.insert(at, 1, letters[below(letters.size())]);
      }
    }
    ASSERT_EQ(!json_mistake(text), nlohmann::json::accept(text)) << text;
  }
}

TEST(JsonMistakeTest, NeverQuotesTheText) {
  const std::string token = "t0ken";
  for (const std::string& text :
       {"{\"auth_token\": " + token + "}", "{'auth_token': '" + token + "'}",
        "auth_token: " + token, "{\"auth_token\": \"" + token, token}) {
    EXPECT_THAT(json_mistake(text)->cause, testing::Not(HasSubstr(token)));
  }
}

}  // namespace
}  // namespace source_sentry
