#include "mapping/custom/next_cursor.h"

#include <gtest/gtest.h>

namespace source_sentry {
namespace {

std::string cursor(const char* expression, std::string_view input) {
  JqPrograms programs;
  const NextCursor next = next_cursor(Expression(expression), input, programs);
  if (!next.error.empty()) return "fails: " + next.error;
  return next.cursor ? *next.cursor : "(end)";
}

TEST(NextCursor, IsTextOrANumber) {
  EXPECT_EQ(cursor(".next", R"({"next":"c2"})"), "c2");
  EXPECT_EQ(cursor(".next", R"({"next":9007199254740993})"), "9007199254740993");
  EXPECT_EQ(cursor(".start + .max", R"({"start":50,"max":50})"), "100");
  for (const char* end : {R"({"next":null})", R"({"next":""})", R"({"next":false})", "{}"}) {
    EXPECT_EQ(cursor(".next", end), "(end)") << end;
  }
  EXPECT_EQ(cursor("empty", "{}"), "(end)");
  EXPECT_EQ(cursor("if .rows == [] then null else (.start + .max) | tostring end",
                   R"({"rows":[],"start":50,"max":50})"),
            "(end)");
}

TEST(NextCursor, OfAnotherKindIsAnError) {
  EXPECT_EQ(cursor(".next", R"({"next":true})"),
            "fails: the cursor is neither text nor a number, but boolean");
  EXPECT_EQ(cursor(".next", R"({"next":["a"]})"),
            "fails: the cursor is neither text nor a number, but array");
  EXPECT_EQ(cursor(".a + 1", R"({"a":"x"})"),
            "fails: string (\"x\") and number (1) cannot be added");
}

TEST(NextCursor, OfHeadersSeesLinksByTheirRelation) {
  const std::string input = headers_as_json(
      {{"link", R"(<https://s/api/0/a/?x=1,2&cursor=0:0:1>; rel="previous"; results="false"; )"
                R"(cursor="0:0:1")"},
       {"link", R"(<https://s/api/0/a/?cursor=0:100:0>; rel="next"; results="true"; )"
                R"(cursor="0:100:0")"},
       {"x-hits", "250"},
       {"vary", "a"},
       {"vary", "b"}});
  EXPECT_EQ(
      input,
      R"({"link":{"previous":{"target_url":"https://s/api/0/a/?x=1,2&cursor=0:0:1","attributes":)"
      R"({"rel":"previous","results":"false","cursor":"0:0:1"}},"next":{"target_url":)"
      R"("https://s/api/0/a/?cursor=0:100:0","attributes":{"rel":"next","results":"true",)"
      R"("cursor":"0:100:0"}}},"x-hits":"250","vary":"a, b"})");
  const char* const seed =
      R"(.link.next | if .attributes.results == "true" then .target_url else null end)";
  EXPECT_EQ(cursor(seed, input), "https://s/api/0/a/?cursor=0:100:0");
  EXPECT_EQ(cursor(seed, headers_as_json({{"x", "y"}})), "(end)");
  EXPECT_EQ(headers_as_json({{"link", "garbage, <a; rel=next>, <b>; rel=next; q"}}),
            R"({"link":{"next":{"target_url":"b","attributes":{"rel":"next","q":""}}}})");
  EXPECT_EQ(headers_as_json({{"x", "\xff"}}), "{\"x\":\"\xEF\xBF\xBD\"}");
}

}  // namespace
}  // namespace source_sentry
