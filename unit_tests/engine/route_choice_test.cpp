#include "engine/route_choice.h"

#include <gmock/gmock.h>

namespace source_sentry {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Verdict refusal(const std::string& message, bool other_route_may_help = true,
                Verdict::Kind kind = Verdict::Kind::kRefuse) {
  Verdict verdict;
  verdict.kind = kind;
  verdict.other_route_may_help = other_route_may_help;
  verdict.error = ConnectorError(FailureKind::kConfig, message);
  return verdict;
}

class RouteChoiceTest : public testing::Test {
 protected:
  std::string thrown(const Verdict& verdict) {
    try {
      choice_.give_up(verdict);
    } catch (const ConnectorError& error) {
      return error.message();
    }
    return "went on";
  }

  std::vector<Route> routes_ = {{.path = "new/", .others = {"old/", "oldest/"}},
                                {.path = "old/", .others = {"new/", "oldest/"}},
                                {.path = "oldest/", .others = {"new/", "old/"}}};
  RouteChoice choice_{routes_, ""};
};

TEST_F(RouteChoiceTest, BeginsWithThePreferredRouteOrThatOfTheSavedPage) {
  EXPECT_TRUE(choice_.is_preferred());
  EXPECT_EQ(RouteChoice(routes_, "old/").index(), 1U);
  EXPECT_EQ(RouteChoice(routes_, "gone/").index(), 0U);
}

TEST_F(RouteChoiceTest, GoesOnToTheNextAndNeverBackByItself) {
  choice_.give_up(refusal("no"));
  EXPECT_EQ(choice_.route().path, "old/");
  EXPECT_FALSE(choice_.is_preferred());
  EXPECT_THAT(routes_[1].others, ElementsAre("oldest/"));
  choice_.give_up(refusal("no"));
  EXPECT_THAT(routes_[2].others, IsEmpty());
  EXPECT_EQ(choice_.doubted(), nullptr) << "none of them may have been a passing error";
}

TEST_F(RouteChoiceTest, TakesTheSuccessorThatTheServerNames) {
  Verdict moved = refusal("moved", false);
  moved.successor = "oldest/";
  choice_.give_up(moved);
  EXPECT_EQ(choice_.route().path, "oldest/");
}

TEST_F(RouteChoiceTest, SaysWhatThePreferredRouteSaidWhenNoneIsLeft) {
  EXPECT_EQ(thrown(refusal("first")), "went on");
  EXPECT_EQ(thrown(refusal("second")), "went on");
  EXPECT_EQ(thrown(refusal("third")), "first");
  EXPECT_EQ(thrown(refusal("of the token", false)), "of the token") << "no route helps with that";
}

TEST_F(RouteChoiceTest, GoesBackOnceToWhatMayOnlyHaveStumbled) {
  choice_.give_up(refusal("trouble", true, Verdict::Kind::kRetry));
  const Route* const doubted = choice_.doubted();
  ASSERT_NE(doubted, nullptr);
  EXPECT_EQ(doubted->path, "new/");
  EXPECT_EQ(choice_.doubted(), nullptr);
  choice_.go_back_to(*doubted);
  EXPECT_TRUE(choice_.is_preferred());
}

}  // namespace
}  // namespace source_sentry
