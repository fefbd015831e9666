#include "base/secrets/login.h"

#include <gtest/gtest.h>

namespace source_sentry {
namespace {

TEST(Login, StandsBetweenSchemeAndHost) {
  EXPECT_EQ(login_of("http://user:pass@host:1/path"), "user:pass");
  EXPECT_EQ(login_of("user:p@ss@host"), "user:p@ss");
  EXPECT_EQ(login_of("https://token@host"), "token");
  EXPECT_EQ(login_of("https://host/a@b?c=d@e"), "");
  EXPECT_EQ(login_of("host"), "");
  EXPECT_EQ(login_of(""), "");
}

TEST(Login, IsNotShownToPeople) {
  EXPECT_EQ(without_login("http://user:pass@host:1/path"), "http://****@host:1/path");
  EXPECT_EQ(without_login("user:pa/ss@host"), "****@host");
  EXPECT_EQ(without_login("nonsense://u:p@h@ost"), "nonsense://****@ost");
  EXPECT_EQ(without_login("a@b://c"), "****@b://c");
  EXPECT_EQ(without_login("https://host"), "https://host");
}

}  // namespace
}  // namespace source_sentry
