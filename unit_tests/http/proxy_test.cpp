#include "http/proxy.h"

#include <gtest/gtest.h>

#include <map>

namespace source_sentry {
namespace {

TEST(Proxy, IsTakenApart) {
  const auto plain = parse_proxy(" proxy.example.com:3128 ");
  ASSERT_TRUE(plain);
  EXPECT_EQ(plain->url, "proxy.example.com:3128");
  EXPECT_EQ(plain->scheme, "http");
  EXPECT_EQ(plain->address, "proxy.example.com:3128");
  const auto full = parse_proxy("SOCKS5h://user:p@ss@[::1]:1080/");
  ASSERT_TRUE(full);
  EXPECT_TRUE(full->is_socks());
  EXPECT_EQ(full->address, "[::1]:1080");
}

TEST(Proxy, IsRefusedWhereItIsNone) {
  for (const char* text : {"", "http://", "ftp://proxy", "http://user:pass@", "http://two words",
                           "http://proxy:0", "http://proxy:99999", "://proxy", "http://@"}) {
    EXPECT_FALSE(parse_proxy(text)) << text;
  }
}

std::string named(std::map<std::string, std::string> variables, const char* server) {
  return proxy_from([&](const char* name) { return variables[name]; }, *parse_base_url(server));
}

TEST(Proxy, OfTheEnvironmentGoesByTheServersScheme) {
  EXPECT_EQ(named({}, "sentry.io"), "");
  EXPECT_EQ(named({{"https_proxy", "a"}, {"HTTPS_PROXY", "b"}, {"all_proxy", "c"}}, "sentry.io"),
            "a");
  EXPECT_EQ(named({{"HTTPS_PROXY", "b"}, {"http_proxy", "c"}}, "sentry.io"), "b");
  EXPECT_EQ(named({{"ALL_PROXY", "d"}}, "sentry.io"), "d");
  EXPECT_EQ(named({{"http_proxy", "a"}, {"https_proxy", "b"}}, "http://sentry.internal"), "a");
  EXPECT_EQ(named({{"HTTP_PROXY", "a"}}, "http://sentry.internal"), "")
      << "a web server sets this one from a request";
  EXPECT_EQ(named({{"https_proxy", "a"}, {"no_proxy", "sentry.io"}}, "sentry.io:443"), "");
  EXPECT_EQ(named({{"https_proxy", "a"}, {"NO_PROXY", "::1"}}, "https://[::1]:9000"), "");
}

TEST(Proxy, IsNotAskedForWhatNoProxyNames) {
  for (const char* list :
       {"*", "a,sentry.example.com", "example.com", ".example.com", "x  EXAMPLE.com.", "x,\tcom"}) {
    EXPECT_TRUE(goes_directly(list, "Sentry.example.com")) << list;
  }
  for (const char* list : {"", ",", ".", "ample.com", "sentry.example.com.org",
                           "www.sentry.example", "**", "10.0.0.0/8", "sentry.example.com:443"}) {
    EXPECT_FALSE(goes_directly(list, "sentry.example.com")) << list;
  }
}

TEST(Proxy, IsNotAskedForNetworksThatNoProxyNames) {
  for (const char* list : {"10.1.2.3", "10.0.0.0/8", "10.1.2.0/23", "0.0.0.0/0", "10.1.2.3/32"}) {
    EXPECT_TRUE(goes_directly(list, "10.1.2.3")) << list;
  }
  for (const char* list : {"10.1.2.4", "11.0.0.0/8", "10.1.4.0/23", "10.0.0.0/33", "10.0.0.0/x",
                           "10.0.0.0/", "::/0"}) {
    EXPECT_FALSE(goes_directly(list, "10.1.2.3")) << list;
  }
  EXPECT_TRUE(goes_directly("fd00::/8", "fd12::1"));
  EXPECT_TRUE(goes_directly("[fd12::1]", "fd12::1"));
  EXPECT_FALSE(goes_directly("fe80::/10", "fd12::1"));
}

}  // namespace
}  // namespace source_sentry
