#include "live/receive/endpoint.h"

#include <gtest/gtest.h>

#include <string>

#include "fakes/message_of.h"

namespace source_sentry {
namespace {

using Kind = Delivery::Kind;

const std::string kToken = "0123456789abcdef0123456789abcdef";

std::string judged(const Endpoint& endpoint) {
  return message_of([&] { require_usable({endpoint}); });
}

TEST(Endpoint, NeedsASecret) {
  for (const Kind kind : {Kind::kIntegration, Kind::kServiceHook}) {
    const Endpoint endpoint{.name = "a", .path = "/", .kind = kind, .secrets = {"x"}};
    EXPECT_EQ(judged(endpoint), "nothing was wrong");
    for (const std::vector<std::string>& secrets :
         {std::vector<std::string>{}, {""}, {"x", ""}, {"", "x"}}) {
      Endpoint open = endpoint;
      open.secrets = secrets;
      EXPECT_TRUE(judged(open).starts_with("The endpoint \"a\" has no secret, so that anyone"));
    }
  }
}

TEST(Endpoint, OfTheOldPluginNeedsATokenThatCannotBeGuessed) {
  const auto with = [](const std::string& token) {
    return judged({.name = "old", .path = "/old", .kind = Kind::kLegacy, .secrets = {token}});
  };
  EXPECT_EQ(with(kToken), "nothing was wrong");
  EXPECT_EQ(with("AbCdEfGhIjKlMnOpQr_-12"), "nothing was wrong");
  for (const std::string& token :
       {std::string(), kToken.substr(1), std::string("ABCDEFABCDEF0123456789"),
        std::string("AbCdEfGhIjKlMnOpQr_-1"), std::string(32, 'a'), kToken + "/", kToken + " "}) {
    EXPECT_TRUE(with(token).starts_with("The endpoint \"old\" takes webhooks that nobody signs"))
        << token;
  }
}

TEST(Endpoint, HasAPathOfItsOwn) {
  EXPECT_EQ(message_of([] {
              require_usable({{.name = "a", .path = "/x", .secrets = {"s"}},
                              {.name = "b", .path = "/x", .secrets = {"t"}}});
            }),
            "The endpoint \"b\" has the path of another one. Give each a path of its own.");
  for (const char* path : {"", "x", "/a b", "/a?b", "/a#b", "/\xc3\xa9"}) {
    EXPECT_TRUE(judged({.name = "a", .path = path, .secrets = {"s"}})
                    .starts_with("The endpoint \"a\" has no path"))
        << path;
  }
}

TEST(Endpoint, IsFoundByTheExactBytesOfItsPath) {
  const std::vector<Endpoint> endpoints = {
      {.name = "root", .path = "/", .secrets = {"s"}},
      {.name = "deep", .path = "/a/b", .secrets = {"s"}},
      {.name = "old", .path = "/", .kind = Kind::kLegacy, .secrets = {"other", kToken}},
      {.name = "older", .path = "/old", .kind = Kind::kLegacy, .secrets = {kToken}}};
  const auto found = [&](const std::string& path) {
    const Endpoint* const endpoint = find_endpoint(endpoints, path);
    return endpoint == nullptr ? "" : endpoint->name;
  };
  EXPECT_EQ(found("/"), "root");
  EXPECT_EQ(found("/a/b"), "deep");
  EXPECT_EQ(found("/" + kToken), "old");
  EXPECT_EQ(found("/other"), "old");
  EXPECT_EQ(found("/old/" + kToken), "older");
  for (const std::string& path :
       {std::string(), std::string("//"), std::string("/a/b/"), std::string("/a//b"),
        std::string("/A/b"), std::string("/a/%62"), std::string("/a/./b"), std::string("/old"),
        "/old/" + kToken + "/", "/old/" + kToken.substr(1), "//" + kToken}) {
    EXPECT_EQ(found(path), "") << path;
  }
}

}  // namespace
}  // namespace source_sentry
