#include <gmock/gmock.h>

#include <set>

#include "fakes/fake_list.h"
#include "fakes/whole_run.h"

namespace source_sentry {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

/// A project, and one of its lists of forty rows, newest first, an hour apart, on one of which the
/// server stumbles whichever way it is asked for.
struct Stumbling {
  std::string list;  // its path
  std::string cursor_key;
  int bad;
  Response failure;
  /// It stumbles over the second of that row, also where the row is on another page.
  bool whole_second = false;

  static Instant when(int row) { return kNow - std::chrono::hours(row + 1); }

  std::string row(int number) const {
    const std::string text = std::to_string(1000 + number);
    const std::string time = format_instant(when(number));
    return R"({"id":")" + text + R"(","version":"v)" + text + R"(",")" + cursor_key + R"(":")" +
           time + "\"}";
  }

  Response operator()(const std::string& target) const {
    constexpr const char* kProject =
        R"({"id":"4507","slug":"web","dateCreated":"2025-01-01T00:00:00Z"})";
    const std::pair<std::string, std::string> end = {
        "link", "<u>; rel=\"next\"; results=\"false\"; cursor=\"0:100:0\""};
    const std::string path = target.substr(0, target.find('?'));
    if (path == list) return page(target);
    constexpr const char* kOther =
        R"({"id":"4508","slug":"api","dateCreated":"2025-01-01T00:00:00Z"})";
    if (path == "projects/acme/web/") return answer(200, kProject);
    if (path == "projects/acme/api/") return answer(200, kOther);
    if (path == "organizations/acme/projects/") {
      return answer(200, "[" + std::string(kProject) + "," + kOther + "]", {end});
    }
    // Today's server without the older routes.
    if (path == "projects/acme/web/issues/") return answer(404, R"({"detail":"Not found."})");
    return answer(200, "[]", {end});
  }

  /// The time behind a word of the search.
  static Instant bound(const std::string& target, const std::string& word, Instant otherwise) {
    const std::size_t at = target.find(word);
    if (at == std::string::npos) return otherwise;
    std::string text = target.substr(at + word.size(), 24);
    for (std::size_t colon; (colon = text.find("%3A")) != std::string::npos;) {
      text.replace(colon, 3, ":");
    }
    return *parse_instant(text.substr(0, 19) + "Z");
  }

  Response page(const std::string& target) const {
    constexpr int kAll = 40;
    constexpr std::size_t kPage = 10;
    const bool search = target.find("lastSeen") != std::string::npos;
    const Instant from = bound(target, search ? "lastSeen%3A%3E%3D" : "start=", Instant::min());
    const Instant to = bound(target, search ? "lastSeen%3A%3C" : "end=", Instant::max());
    const bool cut = to < Instant::max();
    if (whole_second && cut && from <= when(bad) && when(bad) < to) return failure;
    std::vector<int> rows;
    for (int i = 0; i < kAll; ++i) {
      if (when(i) >= from && when(i) < to) rows.push_back(i);
    }
    auto wanted = FakeList::parameters(target);
    const std::string asked = wanted[wanted["per_page"].empty() ? "limit" : "per_page"];
    const std::size_t size =
        asked.empty() ? kPage : std::min<std::size_t>(kPage, std::stoul(asked));
    const std::string cursor = wanted["cursor"];
    const std::size_t first = cursor.empty() ? 0 : std::stoul(cursor.substr(2));
    const std::size_t last = std::min(first + size, rows.size());
    std::string body;
    for (std::size_t i = first; i < last; ++i) {
      if (rows[i] == bad) return failure;
      body += (i > first ? "," : "") + row(rows[i]);
    }
    return answer(200, "[" + body + "]",
                  {{"link", "<u>; rel=\"next\"; results=\"" +
                                std::string(last < rows.size() ? "true" : "false") +
                                "\"; cursor=\"0:" + std::to_string(last) + ":0\""}});
  }
};

struct List {
  std::string stream, path, cursor_key;
};

const std::vector<List>& lists() {
  static const std::vector<List> kLists = {
      {"events", "projects/acme/web/events/", "dateCreated"},
      {"issues", "organizations/acme/issues/", "lastSeen"},
      {"releases", "organizations/acme/releases/", "dateCreated"},
      {"project_keys", "projects/acme/web/keys/", "dateCreated"},
  };
  return kLists;
}

/// Every way in which a server may fail on what holds something bad.
const std::vector<std::pair<std::string, Response>>& failures() {
  static const std::vector<std::pair<std::string, Response>> kFailures = {
      {"500", answer(500, "")},
      {"502", answer(502, "")},
      {"503", answer(503, "")},
      {"504", answer(504, "")},
      {"524", answer(524, "")},
      {"closed", broken(TransportProblem::kBroken)},
      {"silent", broken(TransportProblem::kTimeout)},
      {"cut off", answer(200, R"([{"id":"1)")},
      {"HTML inside", answer(200, "[<html><body>Oops</body></html>]")},
      {"no list", answer(200, R"({"detail":"Oops"})")},
      {"nothing", answer(200, "")},
      // Refusals of that row alone: by the server, or by a firewall that minds its words.
      {"400", answer(400, R"({"detail":"Oops"})")},
      {"403", answer(403, R"({"detail":"You do not have permission to perform this action."})")},
      {"403 of a firewall", answer(403, "<html><body>Blocked</body></html>")},
      {"404", answer(404, R"({"detail":"Not found."})")},
      {"404 without a word", answer(404, "")},
      {"422", answer(422, R"({"detail":[{"msg":"Oops"}]})")},
      {"a web page", answer(200, "<html><body>Attention required</body></html>")}};
  return kFailures;
}

/// The records of the stream, and what is told of its failure.
std::pair<std::set<std::string>, std::string> outcome_of(const WholeRun& run,
                                                         const std::string& stream) {
  std::set<std::string> got;
  for (const std::string& record : run.records) {
    if (record.starts_with(stream + " ")) got.insert(record);
  }
  const auto why = run.failed.find(stream);
  return {std::move(got), why == run.failed.end() ? "" : why->second};
}

TEST(BadRows, CostNoOtherRowInAnyStream) {
  for (const List& list : lists()) {
    for (const auto& [name, failure] : failures()) {
      for (const int bad : {0, 17, 39}) {  // the newest, one of the middle, the oldest
        const WholeRun run({{"project", "web"}},
                           Stumbling{list.path, list.cursor_key, bad, failure});
        const std::string what = list.stream + " " + name + " " + std::to_string(bad);
        EXPECT_THAT(run.failed_streams(), ElementsAre(list.stream)) << what;
        const auto [got, told] = outcome_of(run, list.stream);
        EXPECT_EQ(got.size(), 39U) << what << ": " << told;
        EXPECT_FALSE(got.contains(list.stream + " " + std::to_string(1000 + bad))) << what;
        EXPECT_THAT(told, HasSubstr("Nothing else was left out.")) << what;
        EXPECT_LT(run.requests, 400U) << what;
      }
    }
  }
}

/// Of several projects the token may lack some, which is refused with the same words.
TEST(BadRows, CostNoOtherRowOfOneProjectAmongSeveral) {
  const Response forbidden =
      answer(403, R"({"detail":"You do not have permission to perform this action."})");
  for (const List& list : lists()) {
    // Releases are the organization's. Issues are asked for together, and by themselves only where
    // that is refused: what a project costs then that the token lacks is promised.
    if (list.stream == "releases" || list.stream == "issues") continue;
    for (const int bad : {0, 17, 39}) {
      Stumbling server{list.path, list.cursor_key, bad, forbidden};
      const WholeRun run(nullptr, server);
      const std::string what = list.stream + " " + std::to_string(bad);
      const auto [got, told] = outcome_of(run, list.stream);
      EXPECT_EQ(got.size(), 39U) << what << ": " << told;
      EXPECT_THAT(told, HasSubstr("Nothing else was left out.")) << what;
    }
  }
}

TEST(BadRows, CostOnlyTheirSecondWhereItFailsAsAWhole) {
  for (const List& list : lists()) {
    if (list.stream == "project_keys") continue;  // has no windows anywhere
    for (const auto& [name, failure] : failures()) {
      const int bad = 17;
      const WholeRun run({{"project", "web"}},
                         Stumbling{list.path, list.cursor_key, bad, failure, true});
      const std::string what = list.stream + " " + name;
      const auto [got, told] = outcome_of(run, list.stream);
      EXPECT_THAT(run.failed_streams(), ElementsAre(list.stream)) << what;
      EXPECT_EQ(got.size(), 39U) << what;
      EXPECT_THAT(told, HasSubstr("Nothing else was left out.")) << what;
      if (list.stream != "releases") {
        const Instant second = Stumbling::when(bad);
        EXPECT_THAT(told, HasSubstr("So 1 window of ")) << what;
        EXPECT_THAT(told, HasSubstr(format_seconds(second) + "Z to " +
                                    format_seconds(second + std::chrono::seconds(1)) + "Z"))
            << what;
      }
      EXPECT_LT(run.requests, 400U) << what;
    }
  }
}

}  // namespace
}  // namespace source_sentry
