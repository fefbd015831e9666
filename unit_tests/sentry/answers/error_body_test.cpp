#include "sentry/answers/error_body.h"

#include <gtest/gtest.h>

#include <string>

#include "fakes/fake_http.h"

namespace source_sentry {
namespace {

TEST(ErrorBody, SaysItsDetailInEveryShape) {
  EXPECT_EQ(error_detail(answer(400, R"({"detail":"text"})")), "text");
  EXPECT_EQ(error_detail(answer(400, R"({"detail":{"code":"c","message":"text"}})")), "text");
  EXPECT_EQ(error_detail(answer(400, R"({"message":"text"})")), "text");
  EXPECT_EQ(error_detail(answer(400, R"("text")")), "text");
  EXPECT_EQ(error_detail(answer(400, R"([{"msg":"text"}])")), R"([{"msg":"text"}])");
  EXPECT_EQ(error_detail(answer(400, "plain\ntext")), "plain text");
  EXPECT_EQ(error_detail(answer(400, "<html></html>")), "");
  EXPECT_EQ(error_detail(answer(400, "")), "");
  EXPECT_LT(error_detail(answer(400, std::string(100'000, 'x'))).size(), 400U);
}

TEST(ErrorBody, SaysItsCode) {
  EXPECT_EQ(error_code(answer(401, R"({"detail":{"code":"sso-required"}})")), "sso-required");
  EXPECT_EQ(error_code(answer(401, R"({"detail":"text"})")), "");
  EXPECT_EQ(error_code(answer(401, "<html>")), "");
}

TEST(ErrorBody, KnowsAWebPage) {
  EXPECT_TRUE(is_web_page(answer(200, "\xEF\xBB\xBF\n <!DOCTYPE html>")));
  EXPECT_FALSE(is_web_page(answer(200, R"(["<html>"])")));
  EXPECT_FALSE(is_web_page(answer(200, "")));
}

TEST(ErrorBody, NamesWhereAProjectMoved) {
  const std::string body = R"({"slug":"new","detail":{"code":"resource-moved"}})";
  EXPECT_EQ(moved_to_slug(answer(302, body)), "new");
  EXPECT_EQ(moved_to_slug(answer(200, body)), "") << "a project's own document has a slug too";
}

}  // namespace
}  // namespace source_sentry
