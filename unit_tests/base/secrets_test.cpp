#include "base/secrets.h"

#include <gtest/gtest.h>

#include "base/text.h"

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

TEST(Secrets, KnowsTheFormsThatOthersWrite) {
  Secrets secrets;
  secrets.add("a/b+c");
  EXPECT_EQ(secrets.redact("a%2fb%2bc, a%2Fb%2Bc, a\\/b+c"), "****, ****, ****");
}

TEST(Secrets, ReplacesTheBeginningOfOneWhereATextWasCut) {
  Secrets secrets;
  secrets.add("sntryu_a/b");
  const std::string text = "x sntryu_a/b y";
  for (std::size_t most = 0; most <= text.size(); ++most) {
    const std::string clean = secrets.redact("(" + excerpt(text, most) + ")");
    EXPECT_EQ(clean.find("snt"), std::string::npos) << clean;
  }
  EXPECT_EQ(secrets.redact("x snt... y sntryu_... z..."), "x ****... y ****... z...");
  EXPECT_EQ(secrets.redact(excerpt("sntryu_a%2Fb", 10)), "****...");
}

TEST(Secrets, KnowsTheLoginOfAnAddress) {
  Secrets secrets;
  secrets.add_login_of("http://user:p%40ss@proxy:3128");
  secrets.add_login_of("http://nobody");
  EXPECT_EQ(secrets.redact("user:p%40ss, p%40ss, p@ss, user, proxy:3128"),
            "****, ****, ****, user, proxy:3128");
}

TEST(Secrets, LeavesTextsWithoutSecretsAlone) {
  Secrets secrets;
  secrets.add("");
  secrets.add("ab");
  EXPECT_EQ(secrets.redact("abstract"), "abstract");
}

}  // namespace
}  // namespace source_sentry
