#include "sandbox/world/world.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

#include "sandbox/world/builder.h"

namespace sandbox {
namespace {

World small_world(std::uint64_t seed) {
  WorldPlan plan;
  plan.seed = seed;
  plan.events = 700;
  plan.issues = 90;
  plan.releases = 30;
  plan.start = 1'768'566'600;
  return World(build_world(plan));
}

TEST(EventIds, LeadBackToTheirSerial) {
  for (const std::uint32_t serial : {0U, 1U, 77U, 4'000'000'000U}) {
    const EventId id = event_id(9, serial);
    EXPECT_EQ(event_serial(9, id), serial);
    EXPECT_EQ(parse_event_id(id.text()), id);
    EXPECT_EQ(id.text()[12], '4');
    EXPECT_EQ(event_serial(10, id), std::nullopt);
  }
  EXPECT_FALSE(parse_event_id("123"));
  EXPECT_FALSE(parse_event_id(std::string(33, 'a')));
}

TEST(World, IsAFunctionOfItsPlan) {
  const World one = small_world(1);
  const World same = small_world(1);
  const World other = small_world(2);
  const auto& events = one.project(0).events;
  ASSERT_EQ(events, same.project(0).events);
  EXPECT_EQ(one.time_of(events[5]), same.time_of(events[5]));
  EXPECT_FALSE(one.id_of(events[5]) == other.id_of(events[5]));
}

TEST(World, HasExactlyWhatWasAskedFor) {
  const World world = small_world(3);
  std::size_t events = 0;
  std::size_t issues = 0;
  for (const Index p : world.organization(0).projects) {
    events += world.project(p).events.size();
    issues += world.project(p).issues.size();
    for (const Index i : world.project(p).issues) EXPECT_FALSE(world.issue(i).events.empty());
  }
  EXPECT_EQ(events, 700U);
  EXPECT_EQ(issues, 90U);
  EXPECT_EQ(world.organization(0).releases.size(), 30U);
}

TEST(World, KeepsItsOrdersWhenEventsAreAdded) {
  World world = small_world(4);
  const Second middle = world.event(world.project(0).events[100]).at;
  const auto added =
      world.add_events(0, std::nullopt, IssueKind::kError, middle, to_instant(middle), 50);
  const auto& events = world.project(0).events;
  EXPECT_TRUE(std::is_sorted(events.begin(), events.end(), [&](Index a, Index b) {
    const Second at = world.event(a).at;
    const Second other = world.event(b).at;
    return at != other ? at < other : world.id_of(a) < world.id_of(b);
  }));
  EXPECT_GE(world.events_between(world.project(0), middle, middle + 1).size(), 51U);
  EXPECT_EQ(world.issue(added.issue).events.size(), 50U);
  const std::size_t before = events.size();
  world.delete_issue(added.issue);
  EXPECT_EQ(world.project(0).events.size(), before - 50);
  EXPECT_FALSE(world.find_issue(world.issue(added.issue).id));
}

TEST(World, KnowsWhenLateEventsArrived) {
  World world = small_world(6);
  const Index early = world.project(0).events[100];
  EXPECT_LT(world.received_at(early) - world.time_of(early), std::chrono::seconds(5));
  const Instant now = to_instant(1'768'566'600);
  const Issue& issue = world.issue(world.event(early).issue);
  const Second last = issue.last_at;
  const auto added =
      world.add_events(0, world.event(early).issue, IssueKind::kError, issue.first_at - 60, now, 1);
  EXPECT_EQ(world.received_at(added.serials[0]), now);
  EXPECT_EQ(world.issue(added.issue).events.front(), added.serials[0]);
  EXPECT_EQ(world.event(added.serials[0]).at, world.issue(added.issue).first_at);
  EXPECT_EQ(world.issue(added.issue).last_at, last);
}

TEST(World, GivesAMergedIssuesEventsToTheOther) {
  World world = small_world(7);
  const Index from = world.project(0).issues.at(0);
  const Index into = world.project(0).issues.at(1);
  const std::size_t issues = world.project(0).issues.size();
  const std::size_t events = world.issue(from).events.size() + world.issue(into).events.size();
  const Second first = std::min(world.issue(from).first_at, world.issue(into).first_at);
  const Second last = std::max(world.issue(from).last_at, world.issue(into).last_at);
  const Index serial = world.issue(from).events.front();
  world.merge_issue(from, into);
  EXPECT_FALSE(world.find_issue(world.issue(from).id));
  EXPECT_EQ(world.project(0).issues.size(), issues - 1);
  EXPECT_EQ(world.issue(into).events.size(), events);
  EXPECT_EQ(world.issue(into).first_at, first);
  EXPECT_EQ(world.issue(into).last_at, last);
  EXPECT_EQ(world.event(serial).issue, into);
}

TEST(World, RemembersFormerSlugs) {
  World world = small_world(5);
  world.rename_project(0, "shop");
  world.rename_project(0, "store");
  EXPECT_EQ(world.renamed_to(0, "web"), "store");
  EXPECT_EQ(world.renamed_to(0, "shop"), "store");
  EXPECT_EQ(world.find_project(0, "store"), 0U);
  EXPECT_FALSE(world.find_project(0, "web"));
}

}  // namespace
}  // namespace sandbox
