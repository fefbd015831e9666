#include "sentry/answers/successor.h"

#include <gtest/gtest.h>

namespace source_sentry {
namespace {

TEST(Successor, IsAmongTheRoutesThatWeKnowOrNone) {
  const std::vector<std::string> paths = {"organizations/acme/issues/",
                                          "projects/acme/web/issues/"};
  const auto named = [&](std::string_view path) { return successor_among(path, paths); };
  EXPECT_EQ(named("/api/0/organizations/:org/issues/"), paths[0]);
  EXPECT_EQ(named("/api/0/organizations/{organization_id_or_slug}/issues/"), paths[0]);
  EXPECT_EQ(named("/api/0/projects/:org/:project/issues/"), paths[1]);
  EXPECT_EQ(named("/api/0/organizations/acme/issues"), paths[0]);
  for (const char* other :
       {"", "/", "/api/0/", "/api/0/organizations/:org/events/", "/api/0/organizations/:org/",
        "/api/0/organizations/:org/issues/:id/", "organizations/:org/issues/",
        "https://evil.example/api/0/organizations/:org/issues/",
        "/api/0/organizations/globex/issues/"}) {
    EXPECT_EQ(named(other), "") << other;
  }
  EXPECT_EQ(successor_among("/api/0/organizations/:org/issues/", {}), "");
}

}  // namespace
}  // namespace source_sentry
