#include <gmock/gmock.h>

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/text.h"
#include "fakes/captured_output.h"
#include "fakes/partition_reading.h"
#include "protocol/log_sink.h"

namespace source_sentry {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::UnorderedElementsAre;

using Json = nlohmann::json;

/// What is logged as a warning while it lives.
class Warnings {
 public:
  std::vector<std::string> all() {
    std::vector<std::string> texts;
    for (const Json& line : captured_.lines()) {
      if (line["log"]["level"] == "WARN") texts.push_back(line["log"]["message"]);
    }
    return texts;
  }

 private:
  CapturedOutput captured_;
  LogToEmitter log_{captured_.emitter(), false};
};

/// A list without times, such as that of an organization's teams, in pages of ten.
struct Shelf {
  static constexpr std::size_t kPage = 10;

  explicit Shelf(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) rows["t" + std::to_string(100 + i)] = "as it was";
  }

  Response operator()(const std::string& target) const {
    const std::string cursor = FakeList::parameters(target)["cursor"];
    const std::size_t first = cursor.empty() ? 0 : std::stoul(cursor.substr(2));
    std::string body;
    std::size_t place = 0;
    for (const auto& [id, name] : rows) {
      if (place >= first && place < first + kPage) {
        body += (body.empty() ? "" : ",") + Json({{"id", id}, {"name", name}}).dump();
      }
      ++place;
    }
    const bool more = first + kPage < rows.size();
    return answer(200, "[" + body + "]",
                  {{"link", "<u>; rel=\"next\"; results=\"" + std::string(more ? "true" : "false") +
                                "\"; cursor=\"0:" + std::to_string(first + kPage) + ":0\""}});
  }

  std::map<std::string, std::string> rows;  // names by id
};

PartitionPlan plan(std::vector<std::string> paths = {"teams/"}) {
  PartitionPlan plan;
  for (std::string& path : paths) {
    plan.routes.push_back({.path = std::move(path),
                           .query = "per_page=10",
                           .probe_query = "per_page=1",
                           .rate_group = "default",
                           .what = "the teams",
                           .scopes = "org:read"});
  }
  plan.shape = {.id_key = "id", .page_rows = Shelf::kPage};
  plan.fingerprint = [](std::string_view row, Instant /*now*/) { return fnv1a(row); };
  plan.gone = [](std::string_view id) { return Json({{"id", id}, {"_deleted", true}}).dump(); };
  plan.now = plan.until = kNow;
  return plan;
}

Outcome run(const FakeHttp::Server& server, Case options = {}, const PartitionPlan& of = plan()) {
  options.state_key = "listed";
  return read(of, server, options);
}

/// The records that say that a row is gone.
std::vector<std::string> deleted(const Outcome& got) {
  std::vector<std::string> ids;
  for (const Json& record : got.records) {
    if (record.contains("_deleted")) ids.push_back(record["id"]);
  }
  return ids;
}

/// The rows that the state remembers.
std::size_t known(const Outcome& got) {
  const auto rows = KnownRows::parse(got.last_state["refresh"]["contents"].get<std::string>(),
                                     KnownRows::Width::kWhole);
  return rows ? rows->size() : 0;
}

TEST(ContentsLists, ALaterRunWritesWhatChangedAndWhatIsGone) {
  Shelf shelf(25);
  const Outcome first = run(shelf);
  EXPECT_TRUE(first.finished) << first.error;
  EXPECT_THAT(first.records, SizeIs(25));
  EXPECT_THAT(deleted(first), IsEmpty());
  EXPECT_EQ(first.last_state["listed"], format_instant(kNow)) << "when the list was read";

  const Outcome idle = run(shelf, {.state = first.last_state});
  EXPECT_TRUE(idle.finished) << idle.error;
  EXPECT_THAT(idle.records, IsEmpty());

  shelf.rows["t105"] = "renamed";
  shelf.rows["t200"] = "new";
  shelf.rows.erase("t110");
  const Outcome second = run(shelf, {.state = idle.last_state});
  EXPECT_TRUE(second.finished) << second.error;
  EXPECT_THAT(second.records, UnorderedElementsAre(Json({{"id", "t105"}, {"name", "renamed"}}),
                                                   Json({{"id", "t200"}, {"name", "new"}}),
                                                   Json({{"id", "t110"}, {"_deleted", true}})));
  EXPECT_THAT(run(shelf, {.state = second.last_state}).records, IsEmpty()) << "it is said once";
}

TEST(ContentsLists, WhatIsGoneIsWrittenBeforeTheStateForgetsIt) {
  Shelf shelf(3);
  const Outcome first = run(shelf);
  shelf.rows.erase("t101");
  const Outcome second = run(shelf, {.state = first.last_state});
  ASSERT_THAT(deleted(second), ElementsAre("t101"));
  bool written = false;
  for (const std::string& line : second.story) {
    written = written || line == "RECORD s t101";
    const bool is_state = line.starts_with("STATE");
    EXPECT_TRUE(written || !is_state ||
                line.find(first.last_state["refresh"]["contents"].get<std::string>()) !=
                    std::string::npos)
        << line;
  }
  EXPECT_EQ(known(second), 2U);
}

TEST(ContentsLists, AFullRefreshWritesAllRowsAndNothingElse) {
  Shelf shelf(12);
  const Outcome first = run(shelf);
  shelf.rows.erase("t103");
  const Outcome full = run(shelf, {.state = first.last_state, .full_refresh = true});
  EXPECT_THAT(full.records, SizeIs(11));
  EXPECT_THAT(deleted(full), IsEmpty());
}

/// What the server does not show for a reason of its own is not gone.
TEST(ContentsLists, AListThatIsRefusedOrFailsInItsMiddleSaysNothingOfWhatIsGone) {
  const Shelf shelf(25);
  const Outcome first = run(shelf);
  Shelf less = shelf;
  for (const char* id : {"t100", "t124"}) less.rows.erase(id);
  for (const int status : {401, 403, 404, 500}) {
    for (const bool at_once : {true, false}) {
      const Outcome failed = run(
          [&](const std::string& target) {
            const bool later = target.find("cursor=") != std::string::npos;
            return at_once || later ? answer(status, "") : less(target);
          },
          {.state = first.last_state});
      EXPECT_FALSE(failed.finished) << status;
      EXPECT_THAT(failed.error, HasSubstr(std::to_string(status)));
      EXPECT_THAT(deleted(failed), IsEmpty()) << status;
      EXPECT_EQ(known(failed), 25U) << status;
      const Outcome next = run(less, {.state = failed.last_state});
      EXPECT_TRUE(next.finished) << next.error;
      EXPECT_THAT(deleted(next), ElementsAre("t100", "t124")) << status;
    }
  }
}

TEST(ContentsLists, AListThatIsSuddenlyEmptySaysSoAndForgetsNothing) {
  Shelf shelf(12);
  const Outcome first = run(shelf);
  const Shelf none(0);
  Warnings warnings;
  const Outcome empty = run(none, {.state = first.last_state});
  EXPECT_TRUE(empty.finished) << empty.error;
  EXPECT_THAT(empty.records, IsEmpty());
  EXPECT_EQ(known(empty), 12U);
  EXPECT_THAT(warnings.all(), ElementsAre(HasSubstr("is empty now")));
  shelf.rows.erase("t104");
  const Outcome back = run(shelf, {.state = empty.last_state});
  EXPECT_THAT(back.records, ElementsAre(Json({{"id", "t104"}, {"_deleted", true}})));
}

/// Many lists of an organization never had a row.
TEST(ContentsLists, AListThatWasNeverAnythingButEmptyIsNothingToWarnOf) {
  const Shelf none(0);
  Warnings warnings;
  const Outcome first = run(none);
  const Outcome second = run(none, {.state = first.last_state});
  const Outcome third = run(none, {.state = second.last_state});
  for (const Outcome* got : {&first, &second, &third}) {
    EXPECT_TRUE(got->finished) << got->error;
    EXPECT_EQ(got->requests, 1U) << "nothing else is asked for";
  }
  EXPECT_THAT(warnings.all(), IsEmpty());
  const Shelf one(1);
  EXPECT_THAT(run(one, {.state = third.last_state}).records, SizeIs(1));
}

TEST(ContentsLists, AKilledRunThatIsResumedFindsNothingGone) {
  const Shelf shelf(95);
  const Outcome first = run(shelf);
  Shelf changed = shelf;
  for (auto& [id, name] : changed.rows) name = "another";
  for (const Json& state : {Json(), first.last_state}) {
    for (const int requests : {1, 4, 9}) {
      const Outcome killed = run(changed, {.state = state, .die_after_requests = requests});
      EXPECT_FALSE(killed.finished);
      const Outcome resumed = run(changed, {.state = killed.last_state});
      EXPECT_TRUE(resumed.finished) << resumed.error;
      EXPECT_THAT(deleted(killed), IsEmpty()) << requests;
      EXPECT_THAT(deleted(resumed), IsEmpty()) << requests;
      EXPECT_EQ(known(resumed), 95U);
      std::map<std::string, int> both = killed.ids;
      for (const auto& [id, count] : resumed.ids) both[id] += count;
      EXPECT_THAT(both, SizeIs(95)) << "each row is written in its new form";
      EXPECT_LT(killed.records.size() + resumed.records.size(), 95U + 2 * Shelf::kPage)
          << "what was written is not written again";
    }
  }
}

/// A route for servers that lack the preferred one, which shows fewer rows.
TEST(ContentsLists, WhatAnotherRouteDoesNotShowIsNotGone) {
  const Shelf shelf(12);
  Shelf fewer = shelf;
  fewer.rows.erase("t107");
  const PartitionPlan both = plan({"teams/", "old/"});
  const auto old_server = [&](const std::string& target) {
    return target.starts_with("teams/") ? answer(404, "") : fewer(target);
  };
  const Outcome first = run(shelf, {}, both);
  const Outcome second = run(old_server, {.state = first.last_state}, both);
  EXPECT_TRUE(second.finished) << second.error;
  EXPECT_THAT(second.records, IsEmpty());
  fewer.rows.erase("t103");
  const Outcome third = run(old_server, {.state = second.last_state}, both);
  EXPECT_THAT(deleted(third), ElementsAre("t103")) << "by the same route as before";
}

/// A row that cannot be read is not one that is gone, and what is gone beside it is said later.
TEST(ContentsLists, WithARowThatCannotBeReadNothingIsGoneYet) {
  Shelf shelf(12);
  const Outcome first = run(shelf);
  shelf.rows.erase("t102");
  const Outcome holed = run(
      [&](const std::string& target) {
        Response page = shelf(target);
        const Json row = {{"id", "t105"}, {"name", "as it was"}};
        const std::size_t at = page.body.find(row.dump());
        if (at != std::string::npos) page.body.replace(at, row.dump().size(), "null");
        return page;
      },
      {.state = first.last_state});
  EXPECT_FALSE(holed.finished);
  EXPECT_THAT(deleted(holed), IsEmpty());
  const Outcome next = run(shelf, {.state = holed.last_state});
  EXPECT_TRUE(next.finished) << next.error;
  EXPECT_THAT(deleted(next), ElementsAre("t102"));
}

}  // namespace
}  // namespace source_sentry
