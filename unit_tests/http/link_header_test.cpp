#include "http/link_header.h"

#include <gtest/gtest.h>

namespace source_sentry {
namespace {

using Follows = NextPage::Follows;

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
      {"another's entries before it",
       R"(</a.css>; rel=preload; as=style, <u>; rel="next"; results="true"; cursor="7:0:0")", true,
       "7:0:0"},
      {"another's next page, which is none of the list",
       R"(<two.html>; rel="next", <u>; rel="next"; results="true"; cursor="7:0:0")", true, "7:0:0"},
      {"another's text in quotes",
       R"(<a>; rel=help; title="<b>; rel=next", <u>; rel="next"; results="true"; cursor="7:0:0")",
       true, "7:0:0"},
      {"other cases", R"(<u>; REL="Next"; Results="TRUE"; Cursor="aB=:0:0")", true, "aB=:0:0"},
      {"the end in another case", R"(<u>; rel="NEXT"; results="False"; cursor="")", false, ""},
      {"white space around everything",
       "<u>\t; rel = \" next \" ;\tresults = \"true \" ; cursor = \" 1:2:0 \" ", true, "1:2:0"},
      {"several relations", R"(<u>; rel="prefetch next"; results="true"; cursor="1:2:0")", true,
       "1:2:0"},
      {"a search in a URL that nobody has encoded",
       R"(<u?query=lastSeen:>=1 lastSeen:<2&cursor=>; rel="next"; results="true"; cursor="1:2:0")",
       true, "1:2:0"},
      {"another order, no quotes", R"(<u>;cursor=5:0:0;results=true;rel=next)", true, "5:0:0"},
      {"the other quotes", R"(<u>; rel='next'; results='true'; cursor='a;b "0:1:0')", true,
       R"(a;b "0:1:0)"},
  };
  for (const auto& one : kCases) {
    const NextPage next = parse_link_next(one.header);
    EXPECT_EQ(next.follows, one.results ? Follows::kMore : Follows::kNothing) << one.what;
    EXPECT_EQ(next.cursor, one.cursor) << one.what;
  }
}

TEST(LinkHeader, IsNotGuessed) {
  for (
      const char* header :
      {"",
       " ",
       "garbage",
       "<u",
       R"(<u>; rel="previous"; results="true"; cursor="1")",
       R"(<u>; rel="next"; cursor="0:100:0")",
       R"(<u>; rel="next"; results="tr)",
       R"(<u>; rel="next"; results="maybe"; cursor="0:100:0")",
       R"(<u>; rel="next")",
       R"(<u>; rel="next"; results="true"; cursor="")",
       R"(<u>; rel="next"; results="true"; cursor="  ")",
       R"(<u>; rel="next"; results="true")",
       R"(<u>; rel="next"; results="true"; cursor="0:100:0)",
       R"(<u>; rel="next"; results="false"; cursor="1", <u>; rel="next"; results="true"; cursor="2")",
       R"(<a>; rel=preload, <u>; rel="previous"; results="false"; cursor="0:0:1")",
       R"({'<u>; rel="next"; results="true"'})",
       R"(<u>; rel='next; results='true')",
       R"(<u>; rel=""; cursor="0:1:0")",
       "<u>; as=style",
       "<u>"}) {
    EXPECT_EQ(parse_link_next(header).follows, Follows::kUnclear) << header;
  }
}

TEST(LinkHeader, OfSomebodyElseSaysNothingOfPages) {
  for (const char* header :
       {"</style.css>; rel=preload; as=style", R"(<a>; rel="preload", <b>; rel="preconnect")",
        R"(<a>; rel="canonical"; title="<b>; rel=next; results=true")"}) {
    EXPECT_EQ(parse_link_next(header).follows, Follows::kUnsaid) << header;
  }
}

}  // namespace
}  // namespace source_sentry
