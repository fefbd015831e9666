#include "sentry/projects/project_lookup.h"

#include <gmock/gmock.h>

#include <future>
#include <nlohmann/json.hpp>
#include <optional>

#include "fakes/fake_clock.h"
#include "fakes/fake_http.h"
#include "sentry/answers/answers.h"

namespace source_sentry {
namespace {

using std::chrono::seconds;

/// One lookup of a run, for readers that each have their own connection and their own stop.
class ProjectLookupTest : public testing::Test {
 protected:
  /// Looks at the selection; nothing if a stop ended that.
  std::optional<Selection> look(const FakeHttp::Server& server, const std::stop_token& stop) {
    FakeHttp http(server);
    Fetcher fetcher(http, judge_, pacer_, clock_, stop);
    try {
      return lookup_.selection(fetcher);
    } catch (const Stopped&) {
      return std::nullopt;
    }
  }

  const Config config_ = read_config({{"auth_token", "t0ken"},
                                      {"organization", "acme"},
                                      {"project", "web"},
                                      {"hostname", "sentry.example.com"}},
                                     false);
  const Judge judge_ = make_judge(config_.host);
  FakeClock clock_;
  Pacer pacer_;
  ProjectLookup lookup_{config_, clock_};
};

const Response kDetail = answer(200, R"({"id":"4507","slug":"web"})");

TEST_F(ProjectLookupTest, AReaderThatWaitsForAnotherCanBeStopped) {
  std::stop_source stopped;
  stopped.request_stop();
  std::future<std::optional<Selection>> other;
  const auto found = look(
      [&](const std::string&) {
        other = std::async(std::launch::async, [&] {
          return look([](const std::string&) { return kDetail; }, stopped.get_token());
        });
        // As long as this is not answered.
        EXPECT_EQ(other.wait_for(seconds(10)), std::future_status::ready);
        return kDetail;
      },
      {});
  EXPECT_FALSE(other.get());
  EXPECT_EQ(found.value().projects.at(0).id, "4507");
}

TEST_F(ProjectLookupTest, AReaderThatIsStoppedLeavesTheAskingToThoseThatWait) {
  std::stop_source stopped;
  std::future<std::optional<Selection>> other;
  const auto found = look(
      [&](const std::string&) {
        other = std::async(std::launch::async,
                           [&] { return look([](const std::string&) { return kDetail; }, {}); });
        stopped.request_stop();
        return kDetail;
      },
      stopped.get_token());
  EXPECT_FALSE(found);
  EXPECT_EQ(other.get().value().projects.at(0).id, "4507");
}

}  // namespace
}  // namespace source_sentry
