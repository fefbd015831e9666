#include "base/secrets.h"

#include <gtest/gtest.h>

namespace source_sentry {
namespace {

TEST(Secrets, ReplacesEveryOccurrenceLongestFirst) {
  Secrets secrets;
  secrets.add("abc");
  secrets.add("abcdef");
  EXPECT_EQ(secrets.redact("x abcdef y abc z abcdef"), "x **** y **** z ****");
}

TEST(Secrets, ReplacesThePercentEncodedFormToo) {
  Secrets secrets;
  secrets.add("a/b c=");
  EXPECT_EQ(secrets.redact("GET /?t=a%2Fb%20c%3D and a/b c="), "GET /?t=**** and ****");
}

TEST(Secrets, LeavesTextsWithoutSecretsAlone) {
  Secrets secrets;
  secrets.add("");
  secrets.add("ab");
  EXPECT_EQ(secrets.redact("abstract"), "abstract");
}

}  // namespace
}  // namespace source_sentry
