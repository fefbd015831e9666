#include "sentry/answers/row_refusal.h"

#include <gtest/gtest.h>

#include "fakes/fake_http.h"
#include "sentry/answers/answers.h"

namespace source_sentry {
namespace {

bool of_a_row(const Response& response) {
  const Judge judge = make_judge(BaseUrl{"https", "sentry.io", ""});
  return judge(response, Route{.path = "list/", .what = "the list"}).row_may_be_refused;
}

TEST(RowRefusal, IsWhatMayBeOfOneRow) {
  for (const int status : {400, 403, 404, 405, 406, 409, 422, 451}) {
    EXPECT_TRUE(of_a_row(answer(status, R"({"detail":"Oops"})"))) << status;
    EXPECT_TRUE(of_a_row(answer(status, "<html>Blocked</html>"))) << status;
  }
  EXPECT_TRUE(of_a_row(answer(200, "<html>Attention required</html>")));
}

TEST(RowRefusal, IsNeitherALoginNorWhatPasses) {
  for (const int status : {200, 202, 302, 401, 407, 408, 410, 429, 500, 503, 511}) {
    EXPECT_FALSE(of_a_row(answer(status, "[]"))) << status;
  }
  EXPECT_FALSE(of_a_row(answer(401, "<html>Log in</html>")));
  EXPECT_FALSE(of_a_row(broken(TransportProblem::kTlsFailure)));
  EXPECT_FALSE(of_a_row(answer(400, R"({"detail":"Query timeout. Please try again."})")));
}

}  // namespace
}  // namespace source_sentry
