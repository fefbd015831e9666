#include "engine/custom/custom_walk.h"

#include <gmock/gmock.h>

#include "fakes/custom_reading.h"
#include "fakes/fake_list.h"

namespace source_sentry {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr const char* kParents = R"([
  {"name":"P","path":"p/","exclude":".slug == \"api\""},
  {"name":"I","path":"p/{{ P.id }}/i/","for_each":"P"}])";

KnownTargets two_parents() {
  return {{{"p/", answer(200, R"([{"id":"1","slug":"api"},{"id":"2","slug":"web"},
                                  {"id":"3","slug":"lab"}])")},
           {"p/1/i/", answer(200, R"([{"id":"a"}])")},
           {"p/2/i/", answer(200, R"([{"id":"b"},{"id":"c"}])")},
           {"p/3/i/", answer(200, R"([{"id":"c"},{"id":"d"}])")}}};
}

TEST(CustomWalk, ReadsTheChildrenOfThoseParentsThatAreNotExcluded) {
  const Outcome got = read(custom_plan_of(kParents), two_parents());
  EXPECT_TRUE(got.finished) << got.error;
  EXPECT_THAT(got.targets, ElementsAre("p/", "p/2/i/", "p/3/i/"));
  EXPECT_THAT(members_of(got, "id"), ElementsAre("b", "c", "d")) << "c has two parents";
}

TEST(CustomWalk, TakesFromItsParents) {
  const PartitionPlan plan = custom_plan_of(R"([
    {"name":"teams","path":"t/"},
    {"name":"members","path":"t/{{ teams.slug }}/m/","for_each":"teams",
     "inject":{"team":".slug","n":".n"},"primary_key":["team","id"]},
    {"name":"keys","path":"t/{{ teams.slug }}/{{ members.id }}/","for_each":"members",
     "record_id":".key"}])");
  const KnownTargets server{
      {{"t/", answer(200, R"([{"slug":"a/../b c","id":"1","n":1.0},{"slug":"y","id":"2"}])")},
       {"t/a%2F..%2Fb%20c/m/", answer(200, R"([{"id":"7"},{"id":"8","n":"own"}])")},
       {"t/y/m/", answer(200, R"([{"id":"7"}])")},
       {"t/a%2F..%2Fb%20c/7/", answer(200, R"([{"key":"k1"}])")},
       {"t/a%2F..%2Fb%20c/8/", answer(200, R"([{"key":"k2"}])")},
       {"t/y/7/", answer(200, R"([{"key":"k3"}])")}}};
  EXPECT_THAT(members_of(read(plan, server), "key"), ElementsAre("k1", "k2", "k3"));
  PartitionPlan members = plan;
  auto shorter = std::make_shared<CustomPlan>(*plan.custom);
  shorter->streams.pop_back();
  members.custom = shorter;
  const Outcome got = read(members, server);
  EXPECT_THAT(members_of(got, "team"), ElementsAre("a/../b c", "a/../b c", "y"));
  EXPECT_EQ(got.records.at(0).dump(), R"({"id":"7","n":1.0,"team":"a/../b c"})");
  EXPECT_EQ(got.records.at(1)["n"], "own");
}

TEST(CustomWalk, FollowsAddressesThatTheServerGives) {
  const PartitionPlan plan = custom_plan_of(R"([{"name":"x",
    "url":"{% if cursor %}{{cursor}}{% else %}https://sentry.io/api/0/a/?x=1{% endif %}",
    "params":{"full":"yes no"},
    "next":{"from":"header","value":".link.next | if .attributes.results == \"true\" then .target_url else null end"}}])");
  const KnownTargets server{
      {{"a/?x=1&full=yes%20no",
        answer(200, R"([{"id":"1"}])",
               {link_to("http://10.0.0.7/api/0/a/?x=1&full=yes%20no&cursor=0:1:0", "0:1:0")})},
       {"a/?x=1&full=yes%20no&cursor=0:1:0",
        answer(200, "[]", {link_to("https://h/api/0/a/?cursor=0%3A2%3A0", "0:2:0")})},
       {"a/?cursor=0%3A2%3A0",
        answer(200, R"([{"id":"2"}])", {link_to("https://h/api/0/a/?x", "0:3:0", false)})}}};
  const Outcome got = read(plan, server);
  EXPECT_TRUE(got.finished) << got.error;
  EXPECT_THAT(members_of(got, "id"), ElementsAre("1", "2"));
}

TEST(CustomWalk, NeverLeavesItsPath) {
  const PartitionPlan plan =
      custom_plan_of(R"([{"name":"x","path":"{% if cursor %}{{cursor}}{% else %}a/{% endif %}",
    "next":{"from":"body","value":".next"},"iterator":".rows"}])");
  for (const char* next :
       {"https://sentry.example.com/api/0/b/?c=1", "https://evil.example/api/0/b/", "/b/?c=1"}) {
    const KnownTargets server{
        {{"a/", answer(200, R"({"rows":[{"id":"1"}],"next":")" + std::string(next) + "\"}")}}};
    const Outcome got = read(plan, server);
    EXPECT_FALSE(got.finished);
    EXPECT_THAT(got.error, HasSubstr("which is the page of something else")) << next;
    EXPECT_THAT(members_of(got, "id"), ElementsAre("1")) << "the page before is good";
    EXPECT_THAT(got.targets, ElementsAre("a/"));
  }
}

TEST(CustomWalk, FollowsCursorsOfBodies) {
  const PartitionPlan plan = custom_plan_of(R"([{"name":"x","path":"a/?cursor={{ cursor }}",
    "iterator":".rows","record_id":".n","params":{"q":"is:unresolved"},"next":{"from":"body","value":".next"},
    "headers":{"X-Key":"{{ 'k' | secret }}","Authorization":"Bearer {{ 'auth_token' | secret }}"}}])");
  const KnownTargets server{
      {{"a/?cursor=&q=is%3Aunresolved",
        answer(200, R"({"rows":[{"n":9007199254740993}],"next":"c 2"})")},
       {"a/?cursor=c%202&q=is%3Aunresolved", answer(200, R"({"rows":[],"next":"c%3D3"})")},
       {"a/?cursor=c%3D3&q=is%3Aunresolved", answer(200, R"({"rows":[{"n":2}],"next":null})")}}};
  std::vector<std::string> headers;
  const Outcome got = read(plan, server, {}, [&](const Response& response, const Route& route) {
    headers = route.headers;
    return plain_judge(response, route);
  });
  EXPECT_TRUE(got.finished) << got.error;
  EXPECT_THAT(members_of(got, "n"), ElementsAre("9007199254740993", "2"));
  EXPECT_THAT(headers, ElementsAre("X-Key: s3cret")) << "our own token is sent anyway";
}

TEST(CustomWalk, AddsCursorsOfLinks) {
  const PartitionPlan plan = custom_plan_of(
      R"([{"name":"x","path":"a/","page_size":{"parameter":"per_page","value":2}}])");
  const auto link = link_to("https://h/api/0/a/", "0:2:0");
  KnownTargets server{{{"a/?per_page=2", answer(200, R"([{"id":"1"},{"id":"2"}])", {link})},
                       {"a/?per_page=2&cursor=0%3A2%3A0", answer(200, R"([{"id":"3"}])")}}};
  EXPECT_THAT(members_of(read(plan, server), "id"), ElementsAre("1", "2", "3"));
  server.answers["a/?per_page=2"] = answer(200, R"([{"id":"1"},{"id":"2"}])");
  EXPECT_THAT(read(plan, server).error, HasSubstr("no Link header on a full page"));
  const auto broken_off = std::pair("link", R"(<u>; rel="next"; results="true")");
  server.answers["a/?per_page=2"] = answer(200, R"([{"id":"1"}])", {broken_off});
  EXPECT_THAT(read(plan, server).error, HasSubstr("does not say where the list continues"));
}

TEST(CustomWalk, EndsInCirclesAndFailedExpressionsAsErrors) {
  const std::string entry = R"([{"name":"x","path":"a/","iterator":".rows",
    "params":{"c":"{{ cursor }}"},"next":{"from":"body","value":".next + 0"}}])";
  KnownTargets server{{{"a/", answer(200, R"({"rows":[{"id":"1"}],"next":5})")},
                       {"a/?c=5", answer(200, R"({"rows":[{"id":"2"}],"next":6})")},
                       {"a/?c=6", answer(200, R"({"rows":[],"next":5})")}}};
  const Outcome circle = read(custom_plan_of(entry), server);
  EXPECT_THAT(circle.error, HasSubstr("go in a circle: the cursor \"5\" came before"));
  EXPECT_THAT(members_of(circle, "id"), ElementsAre("1", "2"));
  server.answers["a/?c=5"] = answer(200, R"({"rows":[{"id":"2"}],"next":"x"})");
  const Outcome failed = read(custom_plan_of(entry), server);
  EXPECT_THAT(failed.error, HasSubstr("custom_streams[0] \"x\", next.value failed on page 2"));
  EXPECT_THAT(members_of(failed, "id"), ElementsAre("1", "2"));
  server.answers["a/"] = answer(200, R"({"rows":"x"})");
  EXPECT_FALSE(
      read(custom_plan_of(R"([{"name":"x","path":"a/","iterator":".rows.b"}])"), server).finished);
}

TEST(CustomWalk, GoesOnWithoutParentsThatAreGone) {
  KnownTargets server = two_parents();
  server.answers.erase("p/2/i/");
  const Outcome got = read(custom_plan_of(kParents), server);
  EXPECT_TRUE(got.finished) << got.error;
  EXPECT_THAT(members_of(got, "id"), ElementsAre("c", "d"));
  std::string strict = kParents;
  strict.replace(strict.find("\"for_each\""), 10, R"("on_missing":"fail","for_each")");
  const Outcome failed = read(custom_plan_of(strict), server);
  EXPECT_FALSE(failed.finished);
  EXPECT_THAT(members_of(failed, "id"), ElementsAre("c", "d"));
}

TEST(CustomWalk, DoesNotTakeAWrongPathForParentsThatAreGone) {
  std::string parents;
  for (int id = 0; id < 12; ++id) {
    parents += (id > 0 ? "," : "") + std::string(R"({"id":")") + std::to_string(id) + "\"}";
  }
  KnownTargets server{{{"p/", answer(200, "[" + parents + "]")}}};
  const Outcome none = read(custom_plan_of(kParents), server);
  EXPECT_THAT(none.error, HasSubstr("So it is for all 12 parents."));
  server.answers["p/11/i/"] = answer(200, R"([{"id":"a"}])");
  EXPECT_THAT(members_of(read(custom_plan_of(kParents), server), "id"), ElementsAre("a"));
}

TEST(CustomWalk, IsIncompleteWithoutWhatIsRefused) {
  for (const int status : {403, 500}) {
    KnownTargets server = two_parents();
    server.answers["p/2/i/"] = answer(status, R"({"detail":"no"})");
    const Outcome got = read(custom_plan_of(kParents), server);
    EXPECT_FALSE(got.finished);
    EXPECT_THAT(got.error, HasSubstr("the custom stream I for P 2"));
    EXPECT_THAT(members_of(got, "id"), ElementsAre("c", "d")) << status;
  }
  KnownTargets closed = two_parents();
  closed.answers["p/"] = answer(403, "");
  EXPECT_THAT(read(custom_plan_of(kParents), closed).error, HasSubstr("403"));
}

TEST(CustomWalk, AsksForRowsOfOtherLists) {
  const PartitionPlan plan = custom_plan_of(
      R"([{"name":"x","path":"a/{{ projects.slug }}/","for_each":"projects","inject":{"of":".id"}}])");
  const KnownTargets server{
      {{"projects/?per_page=2",
        answer(200, R"([{"id":"1","slug":"api"},{"id":"2"}])", {link_to("u", "0:2:0")})},
       {"projects/?per_page=2&cursor=0%3A2%3A0", answer(200, R"([{"id":"3","slug":"lab"}])")},
       {"a/api/", answer(200, R"({"id":"a"})")},
       {"a/lab/", answer(200, R"([{"id":"b"}])")}}};
  const Outcome got = read(plan, server);
  EXPECT_THAT(members_of(got, "id"), ElementsAre("a", "b"));
  EXPECT_THAT(members_of(got, "of"), ElementsAre("1", "3"));
  EXPECT_THAT(got.error, HasSubstr("{{ projects.slug }} is not in the record of projects"));
}

TEST(CustomWalk, AsksForNarrowerWindowsOfParentsThatAreTooMuchAtOnce) {
  PartitionPlan plan =
      custom_plan_of(R"([{"name":"x","path":"a/{{ projects.id }}/","for_each":"projects"}])");
  const FakeList list = list_of(60, 10);  // one a minute
  auto custom = std::make_shared<CustomPlan>(*plan.custom);
  custom->parents.front().routes = list.plan(kNow).routes;
  custom->parents.front().window = Window{kNow - std::chrono::hours(2), kNow};
  plan.custom = custom;
  std::size_t too_wide = 0;
  const Outcome got = read(plan, [&](const std::string& target) {
    if (target.starts_with("a/")) {
      return answer(200, R"({"id":")" + target.substr(2, target.size() - 3) + R"("})");
    }
    auto asked = FakeList::parameters(target);
    const bool is_wide =
        *parse_instant(asked["end"]) - *parse_instant(asked["start"]) > std::chrono::minutes(20);
    // Some pages of a window may have come before it is too much.
    if (is_wide && (asked["cursor"].empty() ? ++too_wide % 2 == 0 : true)) return answer(413, "");
    return list(target);
  });
  EXPECT_TRUE(got.finished) << got.error;
  EXPECT_EQ(members_of(got, "id").size(), 60U) << "each once";
  EXPECT_GT(too_wide, 2U);
}

TEST(CustomWalk, LeavesOutWhatHasNoId) {
  const std::string entry = R"([{"name":"x","path":"a/","record_id":".id + \"-\" + .slug"}])";
  KnownTargets server{{{"a/", answer(200, R"([{"id":"1","slug":"a"},{"x":1,"id":[]},7])")}}};
  EXPECT_THAT(members_of(read(custom_plan_of(entry), server), "_external_id"), ElementsAre("1-a"));
  server.answers["a/"] = answer(200, R"([{"id":[],"slug":"a"}])");
  EXPECT_THAT(read(custom_plan_of(entry), server).error,
              HasSubstr("record_id gives nothing for any of 1 record"));
}

TEST(CustomWalk, AsksAgainForWhatIsNotValid) {
  std::size_t asked = 0;
  const auto server = [&](const std::string&) {
    return answer(200, ++asked < 3 ? "[{\"id\":" : R"([{"id":"1"}])");
  };
  const Outcome got = read(custom_plan_of(R"([{"name":"x","path":"a/"}])"), server);
  EXPECT_THAT(members_of(got, "id"), ElementsAre("1"));
  asked = 0;
  const Outcome bad = read(custom_plan_of(R"([{"name":"x","path":"a/"}])"),
                           [&](const std::string&) { return answer(200, "\"text\""); });
  EXPECT_THAT(bad.error, HasSubstr("is not valid"));
}

TEST(CustomWalk, BeginsAtTheSavedTime) {
  const std::string entry = R"([{"name":"x","path":"a/","cursor_field":"date",
    "start_param":"start","end_param":"end"}])";
  PartitionPlan plan = custom_plan_of(entry);
  plan.lookback = std::chrono::hours(1);
  const KnownTargets server{
      {{"a/", answer(200, R"([{"id":"1","date":"2026-01-14T10:00:00Z"},
                              {"id":"2","date":"2026-01-15T10:00:00.5Z"},{"id":"3"}])")},
       {"a/?start=2026-01-15T09%3A00%3A00Z&end=2026-01-15T12%3A00%3A00Z", answer(200, "[]")}}};
  const Outcome first = read(plan, server);
  EXPECT_TRUE(first.finished) << first.error;
  EXPECT_EQ(first.last_state["date"], "2026-01-15T10:00:00.500000Z") << first.last_state;
  const Outcome second = read(plan, server, {.state = first.last_state});
  EXPECT_TRUE(second.finished) << second.error;
  EXPECT_THAT(second.targets,
              ElementsAre("a/?start=2026-01-15T09%3A00%3A00Z&end=2026-01-15T12%3A00%3A00Z"));
  EXPECT_EQ(second.last_state["date"], first.last_state["date"]);
}

TEST(CustomWalk, MovesItsStateOnlyOverWhatIsRead) {
  const PartitionPlan plan = custom_plan_of(R"([
    {"name":"P","path":"p/"},
    {"name":"I","path":"p/{{ P.id }}/i/","for_each":"P","cursor_field":"date","start_param":"start"}])");
  KnownTargets server = two_parents();
  server.answers["p/1/i/"] = answer(200, R"([{"id":"a","date":"2026-01-15T10:00:00Z"}])");
  server.answers["p/2/i/"] = answer(403, "");
  const Outcome got = read(plan, server);
  EXPECT_FALSE(got.finished);
  EXPECT_EQ(got.last_state["date"], "1900-01-01T00:00:00.000000Z");
}

TEST(CustomWalk, WritesPushes) {
  PartitionPlan plan = custom_plan_of(R"([{"name":"x","path":"a/"}])");
  auto pushes = std::make_shared<CustomPlan>(*plan.custom);
  pushes->push_kind = "sentry_team";
  plan.custom = pushes;
  const Outcome got = read(plan, KnownTargets{{{"a/", answer(200, R"([{"x":1.0,"id":"a"}])")}}});
  EXPECT_EQ(got.records.at(0).dump(),
            R"({"data":[{"id":"a","x":1.0}],"external_kind":"sentry_team"})");
}

}  // namespace
}  // namespace source_sentry
