#include "engine/state/unused_state.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

namespace source_sentry {
namespace {

using testing::HasSubstr;
using testing::Optional;

std::optional<std::string> why(const char* saved) {
  return why_unused(nlohmann::json::parse(saved), "dateCreated");
}

TEST(UnusedState, NothingToGoOnFromIsNoLoss) {
  for (
      const char* saved :
      {"null", "{}", R"({"dateCreated":null})", R"({"dateCreated":"None"})",
       R"({"dateCreated":"1900-01-01T00:00:00.000000Z"})",
       R"({"__ab_no_cursor_state_message":true})", R"({"states":[]})",
       R"({"dateCreated":"1900-01-01T00:00:00Z","late_events_until":"2024-01-01T00:00:00Z"})",
       R"({"dateCreated":"1900-01-01T00:00:00Z",
           "refresh":{"rows":"AAA=","sweep_began":"2024-01-01T00:00:00Z",
                      "sweep_down_to":"2024-01-01T00:00:00Z"}})",
       R"({"states":[{"partition":{"project":"2024-01-01T00:00:00Z"},
           "cursor":{"dateCreated":"1900-01-01T00:00:00Z",
                     "late_events_until":"2024-01-01T00:00:00Z"}}]})",
       R"({"states":[],"state":{"dateCreated":"1900-01-01T00:00:00Z"},
           "parent_state":{"projects":{"dateCreated":"2024-01-01T00:00:00Z"}}})",
       R"({"states":[{"partition":{"project":"web"},"cursor":{"dateCreated":"1900-01-01T00:00:00Z"}}]})"}) {
    EXPECT_EQ(why(saved), std::nullopt) << saved;
  }
}

TEST(UnusedState, WhatHoldsATimeIsToldWithTheReason) {
  EXPECT_THAT(why("[]"), Optional(HasSubstr("not an object")));
  EXPECT_THAT(why(R"("2024-01-01T00:00:00Z")"), Optional(HasSubstr("not an object")));
  EXPECT_THAT(why(R"({"states":"x"})"), Optional(HasSubstr("not a list")));
  EXPECT_THAT(why(R"({"states":[1,null]})"), Optional(HasSubstr("not an object")));
  EXPECT_THAT(why(R"({"dateCreated":"2024-01-01T00:00:00Z"})"),
              Optional(HasSubstr("belongs to a single project")));
  EXPECT_THAT(why(R"({"lastSeen":"2024-01-01T00:00:00Z"})"),
              Optional(HasSubstr("no \"dateCreated\"")));
}

TEST(UnusedState, OtherPartitionsAreNamed) {
  std::string states;
  for (const char* slug : {"a", "b", "c", "d", "e", "f", "g"}) {
    states += (states.empty() ? "" : ",") + std::string(R"({"partition":{"project":")") + slug +
              R"("},"cursor":{"dateCreated":"2024-01-01T00:00:00Z"}})";
  }
  EXPECT_THAT(why((R"({"states":[)" + states + "]}").c_str()),
              Optional(HasSubstr("about a, b, c, d, e and 2 more only")));
  EXPECT_EQ(names_of({{{"cursor", 1}}, {{"partition", {{"id", 1}}}}}),
            "an entry without a partition, {\"id\":1}");
}

}  // namespace
}  // namespace source_sentry
