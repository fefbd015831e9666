#include "sentry/streams/custom/address.h"

#include <gtest/gtest.h>

#include "fakes/message_of.h"

namespace source_sentry {
namespace {

const BaseUrl kServer{"https", "sentry.example.com:9000", "/prefix"};

std::string target(std::string_view address, bool given = false) {
  std::string found;
  const std::string wrong = message_of([&] { found = below_api(address, kServer, given); });
  return wrong == "nothing was wrong" ? found : wrong;
}

TEST(CustomAddress, IsCutToWhatIsBelowTheApi) {
  EXPECT_EQ(target("organizations/acme/teams/"), "organizations/acme/teams/");
  EXPECT_EQ(target(" /api/0/projects/?a=b "), "projects/?a=b");
  EXPECT_EQ(target("/projects/"), "projects/");
  EXPECT_EQ(target("https://sentry.io/api/0/projects/"), "projects/");
  EXPECT_EQ(target("https://US.sentry.io/api/0/a/api/0/b/?x=/api/0/"), "a/api/0/b/?x=/api/0/");
  EXPECT_EQ(target("http://sentry.example.com/prefix/api/0/a/"), "a/");
  EXPECT_EQ(target("a/?q=is:unresolved b\xC3\xA4"), "a/?q=is:unresolved%20b%C3%A4");
  EXPECT_EQ(target("https://10.0.0.7/api/0/a/?cursor=1:2:3", true), "a/?cursor=1:2:3");
}

TEST(CustomAddress, LeadsNowhereElse) {
  EXPECT_EQ(target("https://evil.example/api/0/x/"),
            "https://evil.example/api/0/x/ is not on https://sentry.example.com:9000/prefix. A "
            "custom stream reads the configured server only.");
  for (const char* host : {"evilsentry.io", "sentry.io.evil.example", "10.0.0.7", "[::1]"}) {
    EXPECT_NE(target("https://" + std::string(host) + "/api/0/x/").find("is not on"),
              std::string::npos)
        << host;
  }
  EXPECT_EQ(target("https://sentry.io@evil.example/api/0/x/"),
            "there is a login in the address, which does not belong there.");
  EXPECT_NE(target("ftp://sentry.io/api/0/x/").find("no address of http"), std::string::npos);
  EXPECT_NE(target("https://sentry.io/x/?/api/0/").find("has no /api/0/"), std::string::npos);
}

TEST(CustomAddress, HasNoPartsThatMeanSomethingElse) {
  for (const char* bad : {"a/../b/", "a/./b/", "../a/", "a/%2e%2E/b/", "a//b/", "//evil.example/a/",
                          "https://sentry.io/api/0//a/"}) {
    const std::string why = target(bad);
    EXPECT_TRUE(why.find("of dots") != why.npos || why.find("empty part") != why.npos) << why;
  }
  for (const char* bad : {"a\\b/", "a/#b", "a/\nb"}) {
    EXPECT_NE(target(bad).find("a backslash or a control character"), std::string::npos) << bad;
  }
  EXPECT_NE(target("").find("has no path"), std::string::npos);
  EXPECT_NE(target("https://sentry.io/api/0/").find("has no path"), std::string::npos);
  EXPECT_EQ(target("a/a%2F..%2Fb%20c/"), "a/a%2F..%2Fb%20c/") << "one part";
}

TEST(CustomAddress, TellsWhereItMeansAnother) {
  EXPECT_TRUE(means_other_server("https://sentry.io/api/0/a/", kServer));
  EXPECT_FALSE(means_other_server("https://sentry.example.com/api/0/a/", kServer));
  EXPECT_FALSE(means_other_server("a/", kServer));
  EXPECT_FALSE(means_other_server("https://sentry.io/api/0/a/", {"https", "sentry.io", ""}));
}

}  // namespace
}  // namespace source_sentry
