#include "http/base_url.h"

#include <gtest/gtest.h>

namespace source_sentry {
namespace {

TEST(BaseUrl, TakesWhatPeoplePaste) {
  const struct {
    const char* pasted;
    const char* url;
  } kCases[] = {
      {"sentry.io", "https://sentry.io"},
      {"  de.sentry.io\n", "https://de.sentry.io"},
      {"acme.sentry.io/", "https://acme.sentry.io"},
      {"localhost:9000", "https://localhost:9000"},
      {"http://sentry.internal:9000", "http://sentry.internal:9000"},
      {"https://example.com/sentry/", "https://example.com/sentry"},
      {"https://example.com/a/b//", "https://example.com/a/b"},
      {"HTTPS://Sentry.Example.COM/", "https://sentry.example.com"},
      {"https://sentry.io/api/0/", "https://sentry.io"},
      {"https://example.com/sentry/api/0", "https://example.com/sentry"},
      {"https://acme.sentry.io/?project=1#top", "https://acme.sentry.io"},
      {"127.0.0.1:8080", "https://127.0.0.1:8080"},
      {"http://[::1]:9000/", "http://[::1]:9000"},
  };
  for (const auto& one : kCases) {
    const auto url = parse_base_url(one.pasted);
    ASSERT_TRUE(url) << one.pasted;
    EXPECT_EQ(url->text(), one.url) << one.pasted;
  }
}

TEST(BaseUrl, RefusesWhatIsNoAddress) {
  for (const char* pasted :
       {"", "   ", "https://", "ftp://sentry.io", "sentry.io:port", "user@sentry.io",
        "https://sentry.io/a b", "sentry io", "http://[::1"}) {
    EXPECT_FALSE(parse_base_url(pasted)) << pasted;
  }
}

TEST(BaseUrl, KnowsTheHostWithoutItsPort) {
  EXPECT_EQ(parse_base_url("localhost:9000")->hostname(), "localhost");
  EXPECT_EQ(parse_base_url("http://[::1]:9000")->hostname(), "[::1]");
}

}  // namespace
}  // namespace source_sentry
