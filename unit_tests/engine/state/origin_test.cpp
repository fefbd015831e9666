#include "engine/state/origin.h"

#include <gmock/gmock.h>

#include <functional>
#include <nlohmann/json.hpp>

#include "engine/state/checkpoint.h"
#include "engine/state/partition.h"

namespace source_sentry {
namespace {

using testing::HasSubstr;
using testing::Optional;

constexpr const char* kCreated = "2024-01-01T00:00:00.123456Z";
const Origin kOurs{"acme", "sentry.example.com", "shop", "2", kCreated};

/// Of ours, with what is different.
Origin with(const std::function<void(Origin&)>& change) {
  Origin origin = kOurs;
  change(origin);
  return origin;
}

bool is_used(const Origin& ours, const Origin& saved) {
  return !foreign_to(ours, {ours.project, "old-name"}, {{"of", nlohmann::json(saved.write())}});
}

TEST(Origin, IsTheSameWhateverItsNames) {
  const std::vector<Origin> same = {
      kOurs,
      {},
      with([](Origin& of) { of.organization = "ACME"; }),
      with([](Origin& of) { of.project = "before-its-rename"; }),
      with([](Origin& of) { of.host = "another-name-of-the-server"; }),
      with([](Origin& of) { of.created = "2024-01-01T00:00:00Z"; }),
      with([](Origin& of) { of.id.clear(), of.project = "old-name"; }),
  };
  for (const Origin& saved : same) EXPECT_TRUE(is_used(kOurs, saved)) << to_text(saved);
  EXPECT_TRUE(is_used({}, kOurs)) << "who knows nothing of itself believes what it gets";
}

TEST(Origin, IsAnotherWhereNumbersMeet) {
  const std::vector<Origin> others = {
      with([](Origin& of) { of.organization = "umbrella"; }),
      with([](Origin& of) { of.id = "3"; }),
      with([](Origin& of) { of.created = "2025-01-01T00:00:00Z"; }),
      with([](Origin& of) { of.created.clear(), of.host = "sentry.io"; }),
      with([](Origin& of) { of.id.clear(), of.project = "web"; }),
      with([](Origin& of) { of.id.clear(), of.host = "sentry.io"; }),
  };
  for (const Origin& saved : others) EXPECT_FALSE(is_used(kOurs, saved)) << to_text(saved);
  const Origin organization{"acme", "sentry.example.com"};
  EXPECT_FALSE(is_used(organization, {"acme", "sentry.io"}));
}

TEST(Origin, NothingIsTakenFromAStateOfAnother) {
  const Origin other = with([](Origin& of) { of.organization = "umbrella"; });
  const nlohmann::json cursor = {{"dateCreated", "2026-01-01T00:00:00Z"},
                                 {"of", nlohmann::json(other.write())}};
  const nlohmann::json entry = {{"partition", {{"project", "shop"}, {"id", "2"}}},
                                {"cursor", cursor}};
  for (const nlohmann::json& saved : {cursor, nlohmann::json{{"states", {entry}}}}) {
    const auto read = Checkpoint::read(saved, "dateCreated",
                                       {.names = {"shop", "2"}, .number = "2", .origin = kOurs});
    EXPECT_EQ(read.high_water, std::nullopt) << saved;
    EXPECT_THAT(read.foreign, Optional(HasSubstr("\"umbrella\""))) << saved;
  }
}

}  // namespace
}  // namespace source_sentry
