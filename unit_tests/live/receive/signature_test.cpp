#include "live/receive/signature.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace source_sentry {
namespace {

using namespace std::string_literals;  // NOLINT: bodies with NUL

const std::string kSecret = "s3cr3t-for-tests-only-0123456789abcdef";
const std::string kBody =
    R"({"action":"created","installation":{"uuid":"11111111-2222-3333-4444-555555555555"},)"
    R"("data":{"issue":{"id":"42"}},"actor":{"type":"application","id":"sentry","name":"Sentry"}})";

/// `{"a": "b", ...}`: with a blank behind each comma and colon between members.
std::string with_blanks(const std::string& body) {
  std::string spaced;
  bool in_text = false;
  for (const char c : body) {
    if (c == '"') in_text = !in_text;
    spaced += c;
    if (!in_text && (c == ',' || c == ':')) spaced += ' ';
  }
  return spaced;
}

const std::string kLinkBody =
    R"({"fields":{"title":"Made-up: 500 on \u00fcbersicht","description":"","owner_id":"u-7"},)"
    R"("issueId":42,"installationId":"11111111-2222-3333-4444-555555555555",)"
    R"("webUrl":"https://sentry.example.com/organizations/acme/issues/42/",)"
    R"("project":{"slug":"shop","id":7},"actor":{"type":"user","id":3,"name":"Ada"}})";

struct Vector {
  std::string body;
  std::size_t size;
  std::string signature;
  std::string secret = kSecret;
};

const std::vector<Vector> kVectors = {
    {kBody, 173, "90985d9c944b518a1f92640c0a2543805c952a10718a13f7c085a33c5843df6b"},
    {with_blanks(kBody), 188, "7ed2dc1ed37df03a5f2da91380aedfc85bbd12143fa1845204fbead42578acac"},
    {kBody + "\n", 174, "2b1c1df9ae4c9529a8f45670cd45ba6b19cef292a0c818de3dbb18ce47afe3b3"},
    {"", 0, "6714064f5181dc6ff6c97430f3ad9863a5d683d0c96e765284aa11a1eba495f4"},
    {"{}", 2, "ed43d9811b0806ec693f85b0fa1dd9456e9d06f1ee48b01f1009c8ea191be836"},
    {"{ }", 3, "d81f1de935eb9b4e20d5ed58741a450fa387e35d024bc596b94d0591b7243d05"},
    {R"({"comment":"caf\u00e9 \ud83d\udc40"})", 36,
     "46ed5cb5ac9b0f46daa494f4f8dee7c25c781931aef5511f615b241999808b8e"},
    {"{\"comment\":\"caf\xc3\xa9 \xf0\x9f\x91\x80\"}", 24,
     "0ca6492bc16c01bf9e9ad62a5faa836cc910bac24fc6607f53e60ef7355721ca"},
    {R"({"url":"https:\/\/sentry.io\/x"})", 32,
     "bb8f7c9ee0bfdd780cf39602e4f5b58fa3af431a5ef2129590394bfe11642e73"},
    {R"({"url":"https://sentry.io/x"})", 29,
     "585e9927e2d9ea8c7ff2ac35ae904edf3e24ef7cfb4f47c5ae0304e4f299faa0"},
    {R"({"n":1.0})", 9, "dda1559182c5e23e037529720906a545a51260418ac3fc12b2e97e5207b3b458"},
    {R"({"n":1})", 7, "5a1d6822a93301ee299cfd62ae0d616732d75e2139e9a06e0f83a6377211781f"},
    {R"({"n":1566248777.677,"id":12345678901234567890})", 46,
     "bd5272018a001562d3d8fbb22be7db6b7cc9e91bc8788170c17bcb8cfe0a1dd5"},
    {R"({"a":1,"a":2})", 13, "0fd6571d4904fca840787ebd274ec61140b47795ef0603e5d7e5992d905e6381"},
    {"\xef\xbb\xbf{}", 5, "3571d55e4378a30e8df901c500826c26fa70ada7a43c14554fa112515348121b"},
    {"{\"x\":\"\xff\"}", 9, "bca22f255f6fa65ea0a3e966744b432e41a27e872dfa9cdef178a1b4b745423f"},
    {"{\"x\":\"a\0b\"}"s, 11, "243879772d5a3f560ec7995578657254442d3da75dae671d69666b67196bc5f9"},
    {"{\r\n}", 4, "d2bb019889de103d12eeb49b60a6d84d644af9a470b0f4700c6aba9edc4efb50"},
    {kBody, 173, "9767c91e62488b9bcfdd36e08db611caebf39d7b6c562062f27a25b9156164b7",
     "cl\xc3\xa9-s\xc3\xa9\x63r\xc3\xa8te-\xe2\x9c\x93"},
    {kBody, 173, "e024e7950fb1c3e3470951a7f8a552e026cb7697ecd8468701b2b301041cf247",
     std::string(64, 'k')},
    {kBody, 173, "bd12ea45f0921369459597d15b30f34f4e5d3a0456d4a86ef6b77516d6cdee2a",
     std::string(65, 'k')},
    {"", 0, "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad", ""},
    {kBody, 173, "f088c59b15953a741574ea81c23c93acd39721e5e7caeb218a6fa52610c2d946", ""},
    {kLinkBody, 301, "861b81cbbaa4a94a9b6f50b93c4509598c80b8f82516cd42789f87cb77fa1256"},
};

using Headers = std::vector<std::pair<std::string, std::string>>;

bool is_valid(const Headers& headers, const std::string& body,
              const std::vector<std::string>& secrets = {kSecret}) {
  RequestHead head;
  head.headers = headers;
  return check_signature(head, body, kIntegrationSignatures, secrets).is_valid;
}

const std::string kHook(kHookSignature);
const std::string kApp(kAppSignature);

TEST(Signature, IsThatOfTheBytes) {
  EXPECT_EQ(kVectors.size(), 24U);
  for (const Vector& vector : kVectors) {
    EXPECT_EQ(vector.body.size(), vector.size) << vector.body;
    EXPECT_EQ(hex_of(hmac_sha256(vector.secret, vector.body)), vector.signature) << vector.body;
    const bool accepted = !vector.secret.empty();
    for (const std::string& header : {kHook, kApp}) {
      EXPECT_EQ(is_valid({{header, vector.signature}}, vector.body, {vector.secret}), accepted)
          << vector.body;
    }
  }
}

TEST(Signature, IsThatOfNoOtherBytes) {
  for (const Vector& one : kVectors) {
    for (const Vector& other : kVectors) {
      if (one.body == other.body && one.secret == other.secret) continue;
      EXPECT_FALSE(is_valid({{kHook, one.signature}}, other.body, {other.secret}));
    }
  }
}

TEST(Signature, HasOneForm) {
  const std::string good = kVectors.front().signature;
  std::string upper = good;
  for (char& c : upper) c = static_cast<char>(std::toupper(c));
  for (const std::string& text :
       {upper, good.substr(1), good + "0", " " + good, good + " ", "sha256=" + good, std::string(),
        good.substr(1) + "g", "0x" + good.substr(2), good.substr(1) + "\0"s, good + "," + good,
        good.substr(0, 63) + "B", std::string(64, '0')}) {
    EXPECT_FALSE(is_valid({{kHook, text}}, kBody)) << text;
  }
  EXPECT_FALSE(is_valid({}, kBody));
  EXPECT_FALSE(is_valid({}, ""));
}

TEST(Signature, ComesOnceOrTwiceTheSame) {
  const std::string good = kVectors.front().signature;
  const std::string other = kVectors[1].signature;
  EXPECT_TRUE(is_valid({{kHook, good}, {kApp, good}}, kBody));
  EXPECT_FALSE(is_valid({{kHook, good}, {kApp, other}}, kBody));
  EXPECT_FALSE(is_valid({{kHook, other}, {kApp, good}}, kBody));
  EXPECT_FALSE(is_valid({{kHook, good}, {kApp, ""}}, kBody));
  EXPECT_FALSE(is_valid({{kHook, good}, {kHook, good}}, kBody));
  EXPECT_FALSE(is_valid({{kApp, good}, {kHook, good}, {kApp, good}}, kBody));
  EXPECT_FALSE(is_valid({{"x-servicehook-signature", good}}, kBody));
}

TEST(Signature, MayBeMadeWithAnyOfTheSecrets) {
  const std::string good = kVectors.front().signature;
  EXPECT_TRUE(is_valid({{kHook, good}}, kBody, {"other", kSecret}));
  EXPECT_TRUE(is_valid({{kHook, good}}, kBody, {kSecret, "other"}));
  EXPECT_FALSE(is_valid({{kHook, good}}, kBody, {"other", "another"}));
  EXPECT_FALSE(is_valid({{kHook, good}}, kBody, {}));
  EXPECT_FALSE(is_valid({{kHook, kVectors[22].signature}}, kBody, {"", kSecret}));
}

TEST(Signature, SaysWhereItCame) {
  RequestHead head;
  EXPECT_EQ(check_signature(head, kBody, kIntegrationSignatures, {}).header, "");
  head.headers = {{kApp, kVectors.front().signature}};
  EXPECT_EQ(check_signature(head, kBody, kIntegrationSignatures, {}).header, kAppSignature);
}

TEST(Digests, HaveATextForm) {
  const Digest digest = sha256("abc");
  EXPECT_EQ(hex_of(digest), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(parse_digest(hex_of(digest)), digest);
}

}  // namespace
}  // namespace source_sentry
