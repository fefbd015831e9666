#include "engine/read/list_look.h"

#include <gtest/gtest.h>

#include "fakes/fake_clock.h"
#include "fakes/fake_list.h"

namespace source_sentry {
namespace {

using std::chrono::hours;

/// Looks at a list of two rows a page, of which those are meant that are called "ours".
struct Looking {
  explicit Looking(const FakeHttp::Server& server) : http(server) {
    plan.shape.page_rows = 2;
    plan.routes[0].is_meant = [](std::string_view row) {
      return row.find("ours") != std::string_view::npos;
    };
  }

  ListLook look(bool to_end) {
    Fetcher fetcher(http, judge, pacer, clock, {});
    const Route& route = plan.routes[0];
    return look_at_list(fetcher, plan, route, {.query = route.query, .to_end = to_end});
  }

  PartitionPlan plan = FakeList().plan(kNow);
  FakeHttp http;
  Judge judge = plain_judge;
  Pacer pacer;
  FakeClock clock;
};

FakeList list_of(const std::vector<std::string>& ids) {
  FakeList list;
  list.page_size = 2;
  for (const std::string& id : ids) {
    list.rows.push_back({id, kNow - hours(list.rows.size() + 1)});
  }
  return list;
}

TEST(ListLook, CountsRowsOfWhatWasAskedForAlone) {
  struct Sight {
    std::vector<std::string> ids;
    bool to_end;
    std::optional<Instant> newest;
    std::size_t requests;
  };
  for (const Sight& sight :
       {Sight{{}, false, {}, 1}, Sight{{"ours"}, false, kNow - hours(1), 1},
        Sight{{"x", "ours"}, false, kNow - hours(2), 1}, Sight{{"x", "y", "ours"}, false, {}, 1},
        Sight{{"x", "y", "ours"}, true, kNow - hours(3), 2}, Sight{{"x", "y", "z"}, true, {}, 2}}) {
    Looking looking(list_of(sight.ids));
    const ListLook seen = looking.look(sight.to_end);
    const std::string where = testing::PrintToString(sight.ids);
    EXPECT_FALSE(seen.refusal) << where;
    EXPECT_EQ(seen.has_row, sight.newest.has_value()) << where;
    EXPECT_EQ(seen.newest, sight.newest) << where;
    EXPECT_EQ(looking.http.targets().size(), sight.requests) << where;
  }
}

TEST(ListLook, SaysWhyAListIsRefused) {
  Looking looking([](const std::string&) { return answer(403, "{}"); });
  const ListLook seen = looking.look(true);
  ASSERT_TRUE(seen.refusal);
  EXPECT_FALSE(seen.has_row);
  EXPECT_THROW(seen.or_throw(), ConnectorError);
}

}  // namespace
}  // namespace source_sentry
