#include "engine/write/audit.h"

#include <gmock/gmock.h>

#include "fakes/fake_clock.h"

namespace source_sentry {
namespace {

using namespace std::chrono_literals;
using std::chrono::days;
using testing::HasSubstr;

/// A server with one row an hour, at half past, for ten days, and perhaps more on the third.
class Server {
 public:
  explicit Server(std::uint64_t more_on_third_day = 0) : more_(more_on_third_day) {}

  std::uint64_t rows(const Window& window) const {
    std::uint64_t count = 0;
    for (Instant when = kNow - days(10) + 30min; when < kNow; when += 1h) {
      count += window.contains(when) ? 1 : 0;
    }
    return count;
  }

  Audit::Count count() {
    return [this](const Window& window) -> std::optional<std::uint64_t> {
      asked.push_back(window);
      return rows(window) + (window.contains(kNow - days(8) + 12h) ? more_ : 0);
    };
  }

  std::vector<Window> asked;

 private:
  std::uint64_t more_;
};

Audit audit_of_days(const Server& server) {
  Audit audit(kNow);
  for (int day = 10; day > 0; --day) {
    const Window window{kNow - days(day), kNow - days(day - 1)};
    audit.add(window, server.rows(window), window.from + 30min);
  }
  return audit;
}

TEST(Audit, OneQuestionIsEnoughWhenAllIsThere) {
  Server server;
  const auto line = audit_of_days(server).compare(server.count());
  ASSERT_TRUE(line);
  EXPECT_FALSE(line->differs);
  EXPECT_THAT(line->text, HasSubstr("240 rows from 2026-01-05T12:00:00 to 2026-01-15T11:50:00, "));
  EXPECT_EQ(server.asked, (std::vector<Window>{{kNow - days(10), kNow - 10min}}));
}

TEST(Audit, NamesTheWindowThatDiffers) {
  Server server(5);
  const auto line = audit_of_days(server).compare(server.count());
  ASSERT_TRUE(line);
  EXPECT_TRUE(line->differs);
  EXPECT_THAT(line->text, HasSubstr("240 rows from 2026-01-05T12:00:00 to 2026-01-15T11:50:00, but "
                                    "Sentry counts 245."));
  EXPECT_THAT(line->text, HasSubstr("window from 2026-01-07T12:00:00 to 2026-01-08T12:00:00: 24 "
                                    "rows came, and Sentry counts 29."));
  EXPECT_LE(server.asked.size(), 5U);
}

TEST(Audit, TheFirstWindowNeedNotReachBackToTheBeginningOfTime) {
  Audit audit(kNow);
  audit.add({kBeginningOfTime, kNow}, 3, kNow - days(3));
  Server server;
  audit.compare(server.count());
  EXPECT_EQ(server.asked.at(0).from, kNow - 10min - days(90));
  Audit older(kNow);
  older.add({kBeginningOfTime, kNow}, 3, kNow - days(400) + 500ms);
  server.asked.clear();
  older.compare(server.count());
  EXPECT_EQ(server.asked.at(0).from, kNow - days(400)) << "somebody keeps that";
}

TEST(Audit, WhatHasJustHappenedTakesNoPart) {
  Audit audit(kNow);
  EXPECT_TRUE(audit.counts(kNow - 11min));
  EXPECT_FALSE(audit.counts(kNow - 10min));
  audit.add({kNow - 9min, kNow}, 0, std::nullopt);
  Server server;
  EXPECT_FALSE(audit.compare(server.count()));
  EXPECT_TRUE(server.asked.empty()) << "nor is it worth a question";
}

TEST(Audit, SaysNothingWhereTheServerDoesNot) {
  Server server;
  EXPECT_FALSE(audit_of_days(server).compare([](const Window&) { return std::nullopt; }));
}

}  // namespace
}  // namespace source_sentry
