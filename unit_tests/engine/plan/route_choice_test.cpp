#include "engine/plan/route_choice.h"

#include <gmock/gmock.h>

namespace source_sentry {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Verdict refusal(const std::string& message, bool other_route_may_help = true,
                Verdict::Kind kind = Verdict::Kind::kRefuse,
                FailureKind failure = FailureKind::kConfig) {
  Verdict verdict;
  verdict.kind = kind;
  verdict.other_route_may_help = other_route_may_help;
  verdict.error = ConnectorError(failure, message, "GET " + message);
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

TEST_F(RouteChoiceTest, NamesEveryAnswerWhereTheServerMayBeAtFault) {
  const auto fail = [](const std::string& message) {
    return refusal(message, true, Verdict::Kind::kRetry, FailureKind::kTransient);
  };
  EXPECT_EQ(thrown(refusal("not yours")), "went on");
  EXPECT_EQ(thrown(fail("broken")), "went on");
  EXPECT_EQ(thrown(fail("old and broken")),
            "not yours Every way to ask was tried: GET not yours; GET broken; GET old and broken.");
}

TEST_F(RouteChoiceTest, AsksAnotherQuestionAtTheSamePathOnlyWhereTheQuestionWasRefused) {
  struct Refused {
    FailureKind failure;
    bool of_question;
    std::size_t next;
  };
  for (const auto& [failure, of_question, next] : {Refused{FailureKind::kSystem, false, 1},
                                                   {FailureKind::kConfig, false, 2},
                                                   {FailureKind::kConfig, true, 1}}) {
    std::vector<Route> routes = {{.path = "names/", .query = "dataset=errors", .names_only = true},
                                 {.path = "names/", .names_only = true},
                                 {.path = "list/"}};
    RouteChoice choice(routes, "");
    Verdict no = refusal("no", true, Verdict::Kind::kRefuse, failure);
    no.of_question = of_question;
    choice.give_up(no);
    EXPECT_EQ(choice.index(), next);
  }
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

TEST_F(RouteChoiceTest, GoesBackOnceMoreToWhatMayHaveStumbledOverItsDataWhereNoOtherIsOfUse) {
  Verdict bad = refusal("bad", true, Verdict::Kind::kRetry, FailureKind::kTransient);
  bad.data_may_be_bad = true;
  EXPECT_EQ(thrown(bad), "went on");
  EXPECT_EQ(thrown(refusal("no route")), "went on");
  EXPECT_FALSE(choice_.is_last_way());
  EXPECT_EQ(thrown(refusal("no route")), "went on");
  EXPECT_TRUE(choice_.is_last_way());
  EXPECT_TRUE(choice_.is_preferred());
  EXPECT_EQ(choice_.doubted(), nullptr);
  EXPECT_NE(thrown(bad), "went on") << "once";
}

TEST_F(RouteChoiceTest, DoesNotGoBackWithABadToken) {
  Verdict bad = refusal("bad", true, Verdict::Kind::kRetry, FailureKind::kTransient);
  bad.data_may_be_bad = true;
  EXPECT_EQ(thrown(bad), "went on");
  EXPECT_EQ(thrown(refusal("of the token", false)), "of the token");
}

TEST_F(RouteChoiceTest, GoesBackToTheMorePreferredOfTwoThatStumbled) {
  choice_.give_up(refusal("trouble", true, Verdict::Kind::kRetry));
  choice_.give_up(refusal("trouble", true, Verdict::Kind::kRetry));
  ASSERT_EQ(choice_.doubted(), &routes_[0]);
}

}  // namespace
}  // namespace source_sentry
