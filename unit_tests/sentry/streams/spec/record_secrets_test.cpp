#include "sentry/streams/spec/record_secrets.h"

#include <gmock/gmock.h>

#include <string>
#include <utility>
#include <vector>

#include "fakes/fake_clock.h"
#include "fakes/fake_list.h"

namespace source_sentry {
namespace {

using testing::ElementsAre;

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

/// What a record becomes, and what is told of it.
std::pair<std::string, std::vector<std::string>> masked(std::string_view record) {
  std::vector<std::string> found;
  std::string text =
      without_secrets(record, [&](std::string_view one) { found.emplace_back(one); });
  return {text, found};
}

TEST(RecordSecrets, OfAnAppAndItsInstallationAreItsSecretAndItsCode) {
  const auto [record, found] = masked(
      R"({"uuid":"u", "clientId":"c","clientSecret" : "s3","code":"c0de","status":"installed"})");
  EXPECT_EQ(record, R"({"uuid":"u", "clientId":"c","clientSecret" : "****","code":"****",)"
                    R"("status":"installed"})");
  EXPECT_THAT(found, ElementsAre("s3", "c0de"));
}

TEST(RecordSecrets, OfHeadersAreTheirValues) {
  const auto [texts, found] = masked(
      R"({"webhookHeaders":["Authorization: Bearer t0k:en","X-Empty:","b4re"],"name":"n: x"})");
  EXPECT_EQ(texts, R"({"webhookHeaders":["Authorization:****","X-Empty:","****"],)"
                   R"("name":"n: x"})");
  EXPECT_THAT(found, ElementsAre("Bearer t0k:en", "b4re"));

  const auto [pairs, found_in_pairs] = masked(
      R"({"headers":[["Authorization","Bearer t0ken"],["X",""],["a","b","c"],null],"id":1})");
  EXPECT_EQ(pairs, R"({"headers":[["Authorization","****"],["X",""],["a","b","c"],null],"id":1})");
  EXPECT_THAT(found_in_pairs, ElementsAre("Bearer t0ken"));
}

TEST(RecordSecrets, OfAnIntegrationAreTheSettingsThatSoundLikeOnesAtAnyDepth) {
  const auto [record, found] =
      masked(R"({"id":"1","configData":{"integration_key":"k1","channel":"#a","on":true,)"
             R"("table":[{"service":"s","apiToken":"k2"},["x",{"PASSWORD":"k3"}],7],)"
             R"("deep":{"clientSecret":"k4","key":null,"keys":["a"]}},"key":"an issue's"})");
  EXPECT_EQ(record,
            R"({"id":"1","configData":{"integration_key":"****","channel":"#a","on":true,)"
            R"("table":[{"service":"s","apiToken":"****"},["x",{"PASSWORD":"****"}],7],)"
            R"("deep":{"clientSecret":"****","key":null,"keys":["a"]}},"key":"an issue's"})");
  EXPECT_THAT(found, ElementsAre("k1", "k2", "k3", "k4"));
}

TEST(RecordSecrets, OfAForwarderAreTheSettingsThatSoundLikeOnesAlsoOfItsProjects) {
  const auto [record, found] = masked(
      R"({"id":"1","provider":"sqs","config":{"region":"eu","access_key":"k1","secret_key":"k2",)"
      R"("queue_url":"https://q"},"projectConfigs":[{"id":"2","overrides":{"write_key":"k3"},)"
      R"("effectiveConfig":{"token":"k4","index":"main"},"project":{"slug":"s"}}]})");
  EXPECT_EQ(record, R"({"id":"1","provider":"sqs","config":{"region":"eu","access_key":"****",)"
                    R"("secret_key":"****","queue_url":"https://q"},"projectConfigs":[{"id":"2",)"
                    R"("overrides":{"write_key":"****"},"effectiveConfig":{"token":"****",)"
                    R"("index":"main"},"project":{"slug":"s"}}]})");
  EXPECT_THAT(found, ElementsAre("k1", "k2", "k3", "k4"));
}

TEST(RecordSecrets, OfAnApiKeyIsTheKey) {
  const auto [record, found] =
      masked(R"({"id":"1","label":"old","key":"a1b2","scope_list":["org:read"],"status":0})");
  EXPECT_EQ(record,
            R"({"id":"1","label":"old","key":"****","scope_list":["org:read"],"status":0})");
  EXPECT_THAT(found, ElementsAre("a1b2"));
  EXPECT_EQ(without_secrets(R"({"key":"a1b2","allowed_origins":""})"),
            R"({"key":"****","allowed_origins":""})");
}

TEST(RecordSecrets, OfAPluginIsTheSignatureInItsAddressForReleases) {
  const auto [record, found] =
      masked(R"({"id":"heroku","doc":"<pre>curl https://s.example/api/hooks/release/heroku/7/)"
             R"(0af9/</pre> or /hooks/release/heroku/7/1be8","slug":"heroku"})");
  EXPECT_EQ(record, R"({"id":"heroku","doc":"<pre>curl https://s.example/api/hooks/release/heroku/)"
                    R"(7/****/</pre> or /hooks/release/heroku/7/****","slug":"heroku"})");
  EXPECT_THAT(found, ElementsAre("0af9", "1be8"));

  const auto [project, found_there] = masked(
      R"({"plugins":[{"id":"a","doc":""},null,{"doc":"/hooks/release/b/7/2cd7/"}],"doc":null})");
  EXPECT_EQ(
      project,
      R"({"plugins":[{"id":"a","doc":""},null,{"doc":"/hooks/release/b/7/****/"}],"doc":null})");
  EXPECT_THAT(found_there, ElementsAre("2cd7"));
}

/// White space and escapes too, so that a record is only changed where it holds a secret.
TEST(RecordSecrets, LeaveEveryOtherByteAsItCame) {
  for (const char* record :
       {R"({ "webhookHeaders" : [ ] , "n" : 1.50 })", R"({"headers":[ ["X", ""] , null ]})",
        R"({"webhookHeaders":null,"headers":{"a":"b"}})", R"({"headers":"a: b"})",
        R"({"configData":{ "list" : [ 1, [ ] , {"a" : "\u00e9"} ] }})",
        R"({"configData":[ "x" , "y" ]})", R"({"configData":null})",
        R"({"doc":"see /hooks/release/","plugins":{}})", R"({"doc":"/hooks/release/a/","key":"k"})",
        R"({"doc":"/hooks/release/a/1/ then","plugins":[ 1 , [ ] , { "doc" : 2 } ]})"}) {
    EXPECT_EQ(without_secrets(record), record);
  }
  EXPECT_EQ(without_secrets(R"({"webhookHeaders":[ "A: b" , null , "C:d" ]})"),
            R"({"webhookHeaders":[ "A:****" , null , "C:****" ]})");
  EXPECT_EQ(without_secrets(R"({"headers":[ [ "A" , "b" ] , [ "C" , "" ] ]})"),
            R"({"headers":[ [ "A" , "****" ] , [ "C" , "" ] ]})");
  EXPECT_EQ(without_secrets(R"({"configData":{"a":[ {"key" : "k"} , 1 ]}})"),
            R"({"configData":{"a":[ {"key" : "****"} , 1 ]}})");
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
    EXPECT_THAT(found, ElementsAre("one", "two", "three", "four"));
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
