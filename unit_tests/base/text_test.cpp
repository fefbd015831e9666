#include "base/text.h"

#include <gtest/gtest.h>

#include "base/percent.h"

namespace source_sentry {
namespace {

TEST(Excerpt, IsOneLineAndSaysWhereItWasCut) {
  EXPECT_EQ(excerpt("short", 5), "short");
  EXPECT_EQ(excerpt("longer", 5), "longe...");
  EXPECT_EQ(excerpt("two\nlines\t!", 20), "two lines !");
}

TEST(Fnv1a, GivesItsPublishedValues) {
  EXPECT_EQ(fnv1a(""), 0xcbf29ce484222325U);
  EXPECT_EQ(fnv1a("a"), 0xaf63dc4c8601ec8cU);
  EXPECT_EQ(fnv1a("foobar"), 0x85944171f73967e8U);
}

TEST(Percent, IsDecodedAsItWasEncoded) {
  const std::string all = "a/b c%=~\xC3\xA9";
  EXPECT_EQ(percent_decode(percent_encode(all)), all);
  EXPECT_EQ(percent_decode("%2f%2F%zz%4"), "//%zz%4");
}

}  // namespace
}  // namespace source_sentry
