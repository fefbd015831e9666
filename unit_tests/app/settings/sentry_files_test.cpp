#include "app/settings/sentry_files.h"

#include <gmock/gmock.h>

namespace source_sentry {
namespace {

using testing::ElementsAre;
using testing::Pair;

TEST(SentryFilesTest, AnIniFileHasSections) {
  EXPECT_THAT(
      read_ini("\xEF\xBB\xBF; mine\r\n[auth]\r\n token = abc=d\r\n\n# more\n[ defaults ]\n"
               "url: https://x.example:9000\norg=\"o\"\noops\n[\nproject='p\n"),
      ElementsAre(Pair(".project", "'p"), Pair("auth.token", "abc=d"), Pair("defaults.org", "o"),
                  Pair("defaults.url", "https://x.example:9000")));
  EXPECT_THAT(read_ini(""), ElementsAre());
}

TEST(SentryFilesTest, PropertiesAreAsJavaWritesThem) {
  EXPECT_THAT(read_properties("#x\n!y\ndefaults.url=https\\://x.example/\ndefaults.org : o\n"
                              "defaults.project p\nauth.token\t=\tt\nempty=\nalone\n"),
              ElementsAre(Pair("alone", ""), Pair("auth.token", "t"), Pair("defaults.org", "o"),
                          Pair("defaults.project", "p"), Pair("defaults.url", "https://x.example/"),
                          Pair("empty", "")));
}

}  // namespace
}  // namespace source_sentry
