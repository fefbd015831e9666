#include "sentry/streams/record_secrets.h"

#include <gmock/gmock.h>

#include "fakes/fake_clock.h"
#include "fakes/fake_list.h"

namespace source_sentry {
namespace {

TEST(RecordSecrets, OfAClientKeyAreItsSecretAndThatPartOfItsAddresses) {
  EXPECT_EQ(
      without_secrets(
          R"({"id":"k", "dsn":{"secret":"https://pub:5ecret@h:9/1","public":"https://pub@h:9/1",)"
          R"("cdn":"https://h/js/pub.js","csp":"https://h/?key=5ecret","old":null},)"
          R"("secret" : "5ecret","public":"pub"})"),
      R"({"id":"k", "dsn":{"secret":"https://pub:****@h:9/1","public":"https://pub@h:9/1",)"
      R"("cdn":"https://h/js/pub.js","csp":"https://h/?key=****","old":null},)"
      R"("secret" : "****","public":"pub"})");
}

TEST(RecordSecrets, OfAnAddressAreFoundWithoutTheKeysOwn) {
  EXPECT_EQ(without_secrets(R"({"dsn":{"secret":"https:\/\/pub:5ecret@h\/1","public":"//pub@h"}})"),
            R"({"dsn":{"secret":"https:\/\/pub:****@h\/1","public":"//pub@h"}})");
}

TEST(RecordSecrets, OfAProjectAreItsTokens) {
  EXPECT_EQ(without_secrets(R"({"securityToken":"abc","slug":"s","options":{"a":1,)"
                            R"("sentry:token":"def","sentry:token_header":"X"}})"),
            R"({"securityToken":"****","slug":"s","options":{"a":1,)"
            R"("sentry:token":"****","sentry:token_header":"X"}})");
}

TEST(RecordSecrets, AreMaskedUnderEveryCopyOfAKey) {
  EXPECT_EQ(without_secrets(R"({"secret":"one","secret":"two"})"),
            R"({"secret":"****","secret":"****"})");
}

TEST(RecordSecrets, AreToldAndMaskedOnlyIfWanted) {
  constexpr std::string_view kRecord =
      R"({"secret":"one","securityToken":"two","options":{"sentry:token":"three"},)"
      R"("dsn":{"secret":"https://pub:four@h/1"}})";
  for (const bool mask : {false, true}) {
    std::vector<std::string> found;
    const RecordTransform transform =
        watch_secrets(mask, [&](std::string_view one) { found.emplace_back(one); });
    EXPECT_EQ(transform(kRecord).is_changed(), mask);
    EXPECT_THAT(found, testing::ElementsAre("one", "two", "three", "four"));
  }
}

TEST(RecordSecrets, LeaveARecordAsItIsThatHasNone) {
  EXPECT_FALSE(watch_secrets(true, {})(R"({"id":"1"})").is_changed());
}

TEST(RecordSecrets, AreNotMadeUpWhereThereAreNone) {
  for (const char* record :
       {R"({})", R"({"secret":null,"securityToken":"","options":[],"dsn":"x:y@z"})",
        R"({ "tags" : {"secret":"kept"}, "n":1e400 })", R"({"options":{"sentry:token":null}})"}) {
    EXPECT_EQ(without_secrets(record), record);
  }
}

}  // namespace
}  // namespace source_sentry
