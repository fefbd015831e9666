#include "sentry/answers/scopes.h"

#include <gmock/gmock.h>

#include <fstream>
#include <regex>
#include <sstream>

#include "fakes/fake_clock.h"
#include "fakes/fake_http.h"
#include "sentry/answers/answers.h"
#include "sentry/streams/table.h"

namespace source_sentry {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr char kSentrysWords[] =
    R"({"detail":"You do not have permission to perform this action."})";

std::vector<Route> routes(const StreamSpec& spec) {
  Config config;
  config.organization = "acme";
  FakeClock clock;
  ProjectLookup lookup(config, clock);
  const ProjectFacts facts{"web", "4"};
  const std::vector<std::string> fields;
  return routes_of(spec, {config, facts, clock.now(), lookup, fields});
}

Verdict judge(const Route& route, const Response& response) {
  return make_judge(*parse_base_url("https://sentry.example.com"))(response, route);
}

std::string text_of(const std::string& path) {
  std::stringstream text;
  text << std::ifstream(std::string(PROJECT_ROOT) + "/" + path).rdbuf();
  return text.str();
}

TEST(Scopes, OfReleasesAreThoseOfTheServerThatRefuses) {
  const Route route = routes(*find_stream("releases")).front();
  const Verdict sentry = judge(route, answer(403, kSentrysWords));
  EXPECT_EQ(sentry.scopes, "project:read");
  EXPECT_THAT(sentry.error->message(), HasSubstr("GlitchTip: project:releases"));
  const Verdict glitchtip = judge(route, answer(403, R"({"detail":"Permission denied"})"));
  EXPECT_EQ(glitchtip.scopes, "project:releases");
  EXPECT_THAT(glitchtip.error->message(), Not(HasSubstr("project:read")));
  const Verdict named =
      judge(route,
            answer(403, kSentrysWords,
                   {{"www-authenticate", R"(Bearer error="insufficient_scope", scope="org:ci")"}}));
  EXPECT_EQ(named.scopes, "org:ci");
  EXPECT_THAT(named.error->message(), Not(HasSubstr("project:")));
}

TEST(Scopes, StandInTheDocumentsAsInTheTable) {
  const std::string docs = text_of("docs/airbyte.md");
  for (const StreamSpec& row : stream_table()) {
    if (row.group != kCoreGroup) continue;  // that page has no others
    std::smatch line;
    const std::regex of_stream("\n\\| `" + std::string(row.name) + "` \\|[^\n]*");
    ASSERT_TRUE(std::regex_search(docs, line, of_stream)) << row.name;
    EXPECT_THAT(line.str(), HasSubstr("`" + routes(row).front().scopes + "`"));
  }
  const std::regex all(
      "scopes\\s+`?org:read`?,\\s+`?project:read`?\\s+and\\s+`?event:read`?[^.]*"
      "GlitchTip asks for `?project:releases`? too");
  for (const char* path : {"README.md", "docs/airbyte.md", "schemas/spec.json"}) {
    EXPECT_TRUE(std::regex_search(text_of(path), all)) << path;
  }
}

}  // namespace
}  // namespace source_sentry
