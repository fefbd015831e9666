#include "http/link_header.h"

#include <gtest/gtest.h>

namespace source_sentry {
namespace {

TEST(LinkHeader, FindsTheNextCursor) {
  const struct {
    const char* what;
    const char* header;
    bool results;
    const char* cursor;
  } kCases[] = {
      {"today's form",
       R"(<https://sentry.io/api/0/x/?&cursor=0:0:1>; rel="previous"; results="false"; cursor="0:0:1", )"
       R"(<https://sentry.io/api/0/x/?&cursor=0:100:0>; rel="next"; results="true"; cursor="0:100:0")",
       true, "0:100:0"},
      {"the end, which still carries a cursor",
       R"(<u>; rel="previous"; results="true"; cursor="0:0:1", <u>; rel="next"; results="false"; cursor="0:200:0")",
       false, "0:200:0"},
      {"commas, semicolons and quotes inside a URL",
       R"(<https://s/?q=a,b;rel="next";results="true">; rel="previous"; results="true"; cursor="1:0:1", )"
       R"(<https://s/?q=a, b>; rel="next"; results="true"; cursor="1:1:0")",
       true, "1:1:0"},
      {"a string cursor", R"(<u>; rel="next"; results="true"; cursor="My rule, v2:0:0")", true,
       "My rule, v2:0:0"},
      {"old servers end with a semicolon", R"(<u>; rel="next"; results="true"; cursor="9:0:0";)",
       true, "9:0:0"},
      {"GlitchTip prints a Python set",
       R"({'<u>; rel="previous"; results="false", <u>; rel="next"; results="true"; cursor="bz0xMA=="'})",
       true, "bz0xMA=="},
      {"GlitchTip's last page has no cursor", R"({'<u>; rel="next"; results="false"'})", false, ""},
      {"another order, no quotes", R"(<u>;cursor=5:0:0;results=true;rel=next)", true, "5:0:0"},
  };
  for (const auto& one : kCases) {
    const auto next = parse_link_next(one.header);
    ASSERT_TRUE(next) << one.what;
    EXPECT_EQ(next->results, one.results) << one.what;
    EXPECT_EQ(next->cursor, one.cursor) << one.what;
  }
}

TEST(LinkHeader, IsNotGuessed) {
  for (const char* header :
       {"", "garbage", "<u", R"(<u>; rel="previous"; results="true"; cursor="1")",
        R"(<u>; rel="next"; cursor="0:100:0")", R"(<u>; rel="next"; results="tr)"}) {
    EXPECT_FALSE(parse_link_next(header)) << header;
  }
}

}  // namespace
}  // namespace source_sentry
