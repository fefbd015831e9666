#include <gtest/gtest.h>

#include "live/notion/text/case_fold.h"
#include "live/notion/text/utf8.h"

namespace source_sentry {
namespace {

TEST(Utf8, CutsBetweenCodePoints) {
  EXPECT_EQ(utf16_units("a\u00e9\U0001F440"), 4U);
  EXPECT_EQ(pieces_of("ab\U0001F440cd", 3), (std::vector<std::string>{"ab", "\U0001F440c", "d"}));
  EXPECT_EQ(pieces_of("", 3), std::vector<std::string>{});
  EXPECT_EQ(first_units("a\U0001F440", 2), "a");
  EXPECT_EQ(first_units("abc", 9), "abc");
}

TEST(Utf8, ReadsWhatIsNone) {
  for (const std::string text : {"\xff", "\xc3", "\xf0\x9f\x91", "\xe2\x28\xa1", "\x80"}) {
    EXPECT_GE(utf16_units(text), 1U);
    std::string joined;
    for (const std::string& piece : pieces_of(text, 1)) joined += piece;
    EXPECT_EQ(joined, text);
  }
}

TEST(CaseFold, KnowsLettersOfNames) {
  EXPECT_EQ(case_folded("ADA \u00c4\u00d6\u00dc\u00df"), "ada \u00e4\u00f6\u00fc\u00df");
  EXPECT_EQ(case_folded("\u0141\u00d3D\u0179 \u0106"), "\u0142\u00f3d\u017a \u0107");
  EXPECT_EQ(case_folded("\u0418\u0412\u0410\u041d \u0401"), "\u0438\u0432\u0430\u043d \u0451");
  EXPECT_EQ(case_folded("\u0391\u03a3\u03c2 \u038c"), "\u03b1\u03c3\u03c3 \u03cc");
  EXPECT_EQ(case_folded("\u0178\u1ea4 \u00d7 \u6f22\U0001F440"),
            "\u00ff\u1ea5 \u00d7 \u6f22\U0001F440");
}

}  // namespace
}  // namespace source_sentry
