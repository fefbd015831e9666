#include "sandbox/api/glitchtip.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sandbox/api/auth.h"
#include "sandbox/quirks.h"

namespace sandbox {
namespace {

using testing::HasSubstr;
using testing::Not;

const PageLinks kLastPage = {{5, 0, true}, true, {9, 2, false}, false};

TEST(Glitchtip, CursorsAreBase64) {
  const std::string text = glitchtip_cursor({1768479001066860, 3, false});
  EXPECT_THAT(text, Not(HasSubstr(":")));
  const auto read = parse_glitchtip_cursor(text);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->text(), "1768479001066860:3:0");
  EXPECT_FALSE(parse_glitchtip_cursor("1768479001066860:3:0"));
}

TEST(Glitchtip, TheLinkOf2025IsASetWithoutCursorsWhereNothingFollows) {
  const std::string link = glitchtip_link("http://u/", "limit=2", kLastPage, true);
  EXPECT_TRUE(link.starts_with("{'<") && link.ends_with("'}")) << link;
  EXPECT_THAT(link, HasSubstr(R"(<http://u/?limit=2>; rel="next"; results="false"')"));
  const std::string older = glitchtip_link("http://u/", "limit=2", kLastPage, false);
  EXPECT_TRUE(older.starts_with("<")) << older;
  EXPECT_THAT(older, HasSubstr(R"(rel="next"; results="false"; cursor=")"));
}

TEST(Glitchtip, RefusesInItsOwnWords) {
  Answer answer = insufficient_scope(std::vector<std::string_view>{"org:read"});
  reword_as_glitchtip(answer);
  EXPECT_EQ(answer.body, R"({"detail":"Permission denied"})");
  EXPECT_TRUE(answer.headers.empty());
}

TEST(Glitchtip, OnlyThatOf2025RefusesSentrysSorts) {
  for (const auto& [preset, refuses] : {std::pair("glitchtip-3", false), {"glitchtip-5", true}}) {
    Quirks quirks;
    quirks.add(find_quirks(preset));
    EXPECT_TRUE(quirks.has(Quirk::kGlitchtip)) << preset;
    EXPECT_EQ(quirks.has(Quirk::kGlitchtipSorts), refuses) << preset;
    EXPECT_EQ(quirks.has(Quirk::kGlitchtipLink), refuses) << preset;
  }
}

}  // namespace
}  // namespace sandbox
