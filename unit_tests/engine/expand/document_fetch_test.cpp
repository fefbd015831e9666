#include "engine/expand/document_fetch.h"

#include <gmock/gmock.h>

#include <atomic>
#include <future>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "fakes/fake_clock.h"
#include "fakes/fake_http.h"
#include "fakes/fake_list.h"

namespace source_sentry {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::string document(const std::string& id) { return R"({"eventID":")" + id + "\"}"; }

/// Fetches the records that these rows name from a server in a function.
class DocumentFetchTest : public testing::Test {
 protected:
  void fetch(const std::vector<std::string>& ids, const FakeHttp::Server& server) {
    FakeHttp list = FakeHttp::script({});
    Fetcher fetcher(list, judge_, pacer_, clock_, stop_.get_token());
    fetcher.lend([&](bool) {
      return lent_.emplace_back(std::make_shared<FakeHttp>([&](const std::string& target) {
        ++requests_[target];
        return server(target);
      }));
    });
    const RowShape shape{.id_key = "eventID"};
    const DocumentFetch::RouteOf route_of = [](const RecordView& row) {
      const std::string id(row.id);
      return id == "none" ? std::nullopt
                          : std::optional(Route{.path = id + "/", .what = "the event " + id});
    };
    std::vector<RecordView> rows;
    for (const std::string& id : ids) rows.push_back({id, id, {}});
    DocumentFetch details(shape, route_of, fetcher, cache_);
    details.run(rows, [&](const RecordView& row, const DocumentFetch::Answer& answer) {
      if (answer.whole) {
        written_.emplace_back(answer.whole->id);
      } else if (!answer.error) {
        needless_.emplace_back(row.id);
      } else if (answer.gone) {
        gone_.emplace_back(row.id);
      } else if (answer.refused) {
        refused_.emplace_back(row.id);
      } else {
        failed_.push_back(std::string(row.id) + ": " + answer.error->message());
      }
    });
  }

  DocumentCache* cache_ = nullptr;
  Judge judge_ = plain_judge;
  Pacer pacer_;
  FakeClock clock_;
  std::stop_source stop_;
  std::vector<std::shared_ptr<FakeHttp>> lent_;
  std::map<std::string, int> requests_;
  std::vector<std::string> written_, needless_, failed_, refused_, gone_;
};

TEST_F(DocumentFetchTest, HandsOutRecordsInTheOrderOfTheirRows) {
  fetch({"e1", "e2", "e3"}, [](const std::string& target) {
    return target == "e2/" ? answer(404, "") : answer(200, document(target.substr(0, 2)));
  });
  EXPECT_THAT(written_, ElementsAre("e1", "e3"));
  EXPECT_THAT(gone_, ElementsAre("e2"));
}

// A firewall in front of the server may mind the words of one record.
TEST_F(DocumentFetchTest, WhatSomethingInFrontRefusesIsNotGone) {
  judge_ = [](const Response& response, const Route& route) {
    Verdict verdict = plain_judge(response, route);
    verdict.before_server = response.body.starts_with('<');
    return verdict;
  };
  fetch({"e1", "e2"}, [](const std::string& target) {
    return target == "e2/" ? answer(404, "<html>Blocked</html>") : answer(200, document("e1"));
  });
  EXPECT_THAT(refused_, ElementsAre("e2"));
  EXPECT_THAT(gone_, IsEmpty());
}

// A cache, or a connection whose answers are one off, gives another one's document.
TEST_F(DocumentFetchTest, ABodyOfAnotherRecordIsAskedForAgain) {
  fetch({"e1", "e2", "e3"}, [&](const std::string& target) {
    const bool wrong = target == "e3/" && requests_[target] == 1;
    return answer(200, document(wrong ? "e2" : target.substr(0, 2)));
  });
  EXPECT_THAT(written_, ElementsAre("e1", "e2", "e3"));
  EXPECT_EQ(requests_["e3/"], 2);
  EXPECT_THAT(failed_, IsEmpty());
}

TEST_F(DocumentFetchTest, OneThatStaysAnotherRecordsIsNeverWritten) {
  fetch({"e1", "e2", "e3"}, [](const std::string& target) {
    return answer(200, document(target == "e3/" ? "e2" : target.substr(0, 2)));
  });
  EXPECT_THAT(written_, ElementsAre("e1", "e2"));
  EXPECT_THAT(failed_, ElementsAre(testing::AllOf(HasSubstr("e3: "), HasSubstr("another id"))));
  EXPECT_EQ(requests_["e3/"], 3);
}

TEST_F(DocumentFetchTest, AUuidIsTheSameHoweverItIsWritten) {
  fetch({"ab12cd34ab12cd34ab12cd34ab12cd34"}, [](const std::string&) {
    return answer(200, document("AB12CD34-AB12-CD34-AB12-CD34AB12CD34"));
  });
  EXPECT_THAT(written_, ElementsAre("AB12CD34-AB12-CD34-AB12-CD34AB12CD34"));
}

/// What came before the stop is handed out, and nothing behind the first that did not come; what
/// was under way is taken back, and every client comes back.
TEST_F(DocumentFetchTest, AStopEndsItAtTheFirstRecordThatHasNotCome) {
  const auto stop_at_third = [&](const std::string& target) {
    if (target == "e3/") stop_.request_stop();
    return answer(200, document(target.substr(0, 2)));
  };
  EXPECT_THROW(fetch({"e1", "e2", "e3", "e4", "e5"}, stop_at_third), Stopped);
  EXPECT_THAT(written_, ElementsAre("e1", "e2"));
  EXPECT_THAT(failed_, IsEmpty());
  EXPECT_THAT(gone_, IsEmpty());
  std::size_t asked = 0;
  int cancelled = 0;
  for (const auto& client : lent_) {
    EXPECT_EQ(client.use_count(), 1);
    asked += client->targets().size();
    cancelled += client->cancelled();
  }
  EXPECT_EQ(asked, 5U);
  EXPECT_EQ(cancelled, 2);
}

/// As pages that are not valid JSON: once nothing else has come for long, one attempt is enough.
TEST_F(DocumentFetchTest, AServerThatGivesGarbageForAllIsNotAskedThreeTimesForEach) {
  std::vector<std::string> ids;
  for (int i = 10; i < 60; ++i) ids.push_back("e" + std::to_string(i));
  fetch(ids, [](const std::string&) { return answer(200, R"({"eventID":)"); });
  EXPECT_EQ(failed_.size(), ids.size());
  int requests = 0;
  for (const auto& [target, count] : requests_) requests += count;
  EXPECT_LT(requests, 80);
}

TEST_F(DocumentFetchTest, WhatNeedsNoneKeepsItsPlace) {
  fetch({"e1", "none", "e2"},
        [&](const std::string& target) { return answer(200, document(target.substr(0, 2))); });
  EXPECT_THAT(written_, ElementsAre("e1", "e2"));
  EXPECT_THAT(needless_, ElementsAre("none"));
}

/// A reader of these rows on a thread of its own. Gives what it was handed out.
std::vector<std::string> read_through(DocumentCache& cache, const std::vector<std::string>& ids,
                                      const FakeHttp::Server& server, const std::stop_token& stop) {
  FakeHttp list = FakeHttp::script({});
  const Judge judge = plain_judge;
  Pacer pacer;
  FakeClock clock;
  Fetcher fetcher(list, judge, pacer, clock, stop);
  fetcher.lend([&](bool) { return std::make_shared<FakeHttp>(server); });
  const RowShape shape{.id_key = "eventID"};
  DocumentFetch documents(
      shape,
      [](const RecordView& row) { return std::optional(Route{.path = std::string(row.id) + "/"}); },
      fetcher, &cache);
  std::vector<RecordView> rows;
  for (const std::string& id : ids) rows.push_back({id, id, {}});
  std::vector<std::string> got;
  documents.run(rows, [&](const RecordView&, const DocumentFetch::Answer& answer) {
    got.emplace_back(answer.whole ? answer.whole->json : "nothing");
  });
  return got;
}

/// Readers that need the same documents in opposite orders: each is asked for once, and nobody
/// waits for one who waits for him.
TEST(DocumentCache, SharesDocumentsAmongReadersInAnyOrder) {
  std::vector<std::string> ids;
  std::vector<std::string> expected;
  for (int i = 10; i < 40; ++i) {
    ids.push_back("e" + std::to_string(i));
    expected.push_back(document(ids.back()));
  }
  for (int round = 0; round < 20; ++round) {
    DocumentCache cache;
    std::atomic<int> requests = 0;
    const auto server = [&](const std::string& target) {
      ++requests;
      return answer(200, document(target.substr(0, 3)));
    };
    auto backwards = std::async(std::launch::async, [&] {
      return read_through(cache, {ids.rbegin(), ids.rend()}, server, {});
    });
    EXPECT_EQ(read_through(cache, ids, server, {}), expected);
    EXPECT_EQ(backwards.get(), std::vector<std::string>(expected.rbegin(), expected.rend()));
    EXPECT_EQ(requests, 30);
  }
}

TEST(DocumentCache, WhatAStoppedReaderHasClaimedIsGotByAnother) {
  DocumentCache cache;
  std::stop_source stop;
  const auto stops = [&](const std::string& target) {
    stop.request_stop();
    return answer(200, document(target.substr(0, 2)));
  };
  EXPECT_THROW(read_through(cache, {"e1", "e2", "e3"}, stops, stop.get_token()), Stopped);
  int requests = 0;
  const auto server = [&](const std::string& target) {
    ++requests;
    return answer(200, document(target.substr(0, 2)));
  };
  EXPECT_EQ(read_through(cache, {"e2", "e3", "e2"}, server, {}),
            (std::vector<std::string>{document("e2"), document("e3"), document("e2")}));
  EXPECT_EQ(requests, 2);
}

/// Who fetches it may wait for the very place that a page asked for ahead has.
TEST(DocumentCache, WhoWaitsForAnotherKeepsNoPlaceAtTheServer) {
  DocumentCache cache;
  cache.claim("e1/");
  const Judge judge = plain_judge;
  FakeClock clock;
  Pacer pacer({{"default", {1000, std::chrono::hours(1), 1}}});
  std::stop_source stop;
  stop.request_stop();  // so that the wait ends at once
  FakeHttp http([](const std::string&) { return answer(200, "[]"); });
  Fetcher list(http, judge, pacer, clock, stop.get_token());
  const auto lent = std::make_shared<FakeHttp>([](const std::string&) { return answer(200, ""); });
  list.lend([&](bool needed) { return needed ? lent : nullptr; });
  const Route next{.path = "list/", .rate_group = "default", .what = "the next page"};
  list.start("list/", next);
  EXPECT_GT(pacer.wait_for("default", clock.steady_now()), Duration::zero());
  const RowShape shape{.id_key = "eventID"};
  DocumentFetch documents(
      shape,
      [](const RecordView&) {
        return std::optional(Route{.path = "e1/", .rate_group = "default", .what = "e1"});
      },
      list, &cache);
  EXPECT_THROW(documents.run({{"e1", "e1", {}}}, [](const auto&, const auto&) {}), Stopped);
  EXPECT_EQ(pacer.wait_for("default", clock.steady_now()), Duration::zero());
}

TEST(DocumentCache, WhoWaitsHearsOfAStop) {
  DocumentCache cache;
  ASSERT_TRUE(cache.claim("e1/").mine);
  std::stop_source stop;
  auto waits = std::async(std::launch::async, [&] {
    return read_through(
        cache, {"e1"}, [](const std::string&) { return answer(500, ""); }, stop.get_token());
  });
  stop.request_stop();
  EXPECT_THROW(waits.get(), Stopped);
}

}  // namespace
}  // namespace source_sentry
