#include "engine/fetch/detail_fetch.h"

#include <gmock/gmock.h>

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
class DetailFetchTest : public testing::Test {
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
    const DetailFetch::RouteOf route_of = [](std::string_view id) {
      return Route{.path = std::string(id) + "/", .what = "the event " + std::string(id)};
    };
    std::vector<RecordView> rows;
    for (const std::string& id : ids) rows.push_back({id, id, {}});
    DetailFetch details(shape, route_of, fetcher);
    details.run(
        rows, {[&](const RecordView&, const RecordView& whole) { written_.emplace_back(whole.id); },
               [&](const RecordView& row, const ConnectorError& error) {
                 failed_.push_back(std::string(row.id) + ": " + error.message());
               },
               [&](const RecordView& row, const ConnectorError&) { refused_.emplace_back(row.id); },
               [&](const RecordView& row) { gone_.emplace_back(row.id); }});
  }

  Judge judge_ = plain_judge;
  Pacer pacer_;
  FakeClock clock_;
  std::stop_source stop_;
  std::vector<std::shared_ptr<FakeHttp>> lent_;
  std::map<std::string, int> requests_;
  std::vector<std::string> written_, failed_, refused_, gone_;
};

TEST_F(DetailFetchTest, HandsOutRecordsInTheOrderOfTheirRows) {
  fetch({"e1", "e2", "e3"}, [](const std::string& target) {
    return target == "e2/" ? answer(404, "") : answer(200, document(target.substr(0, 2)));
  });
  EXPECT_THAT(written_, ElementsAre("e1", "e3"));
  EXPECT_THAT(gone_, ElementsAre("e2"));
}

// A cache, or a connection whose answers are one off, gives another one's document.
TEST_F(DetailFetchTest, ABodyOfAnotherRecordIsAskedForAgain) {
  fetch({"e1", "e2", "e3"}, [&](const std::string& target) {
    const bool wrong = target == "e3/" && requests_[target] == 1;
    return answer(200, document(wrong ? "e2" : target.substr(0, 2)));
  });
  EXPECT_THAT(written_, ElementsAre("e1", "e2", "e3"));
  EXPECT_EQ(requests_["e3/"], 2);
  EXPECT_THAT(failed_, IsEmpty());
}

TEST_F(DetailFetchTest, OneThatStaysAnotherRecordsIsNeverWritten) {
  fetch({"e1", "e2", "e3"}, [](const std::string& target) {
    return answer(200, document(target == "e3/" ? "e2" : target.substr(0, 2)));
  });
  EXPECT_THAT(written_, ElementsAre("e1", "e2"));
  EXPECT_THAT(failed_, ElementsAre(testing::AllOf(HasSubstr("e3: "), HasSubstr("another id"))));
  EXPECT_EQ(requests_["e3/"], 3);
}

TEST_F(DetailFetchTest, AUuidIsTheSameHoweverItIsWritten) {
  fetch({"ab12cd34ab12cd34ab12cd34ab12cd34"}, [](const std::string&) {
    return answer(200, document("AB12CD34-AB12-CD34-AB12-CD34AB12CD34"));
  });
  EXPECT_THAT(written_, ElementsAre("AB12CD34-AB12-CD34-AB12-CD34AB12CD34"));
}

/// What came before the stop is handed out, and nothing behind the first that did not come; what
/// was under way is taken back, and every client comes back.
TEST_F(DetailFetchTest, AStopEndsItAtTheFirstRecordThatHasNotCome) {
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

}  // namespace
}  // namespace source_sentry
