#include "mapping/custom/page_rows.h"

#include <gtest/gtest.h>

#include <string>

namespace source_sentry {
namespace {

struct Page {
  PageRule rule = {};
  PageCounts counts = {};
  JqPrograms programs = JqPrograms();

  std::string operator()(std::string_view body) {
    std::string out;
    const std::string error = page_rows(body, rule, programs, counts, [&](std::string_view json) {
      out.append(out.empty() ? "" : "\n").append(json);
    });
    return error.empty() ? out : "fails: " + error;
  }
};

std::string rows(const char* iterator, std::string_view body) {
  Page page;
  page.rule.iterator = Expression(iterator);
  page.rule.record_id = Expression(".n");
  return page(body);
}

TEST(PageRows, AreWhatTheIteratorLeadsTo) {
  const std::string two = "{\"n\":1}\n{\"n\":2}";
  EXPECT_EQ(rows(".", R"([{"n":1},{"n":2}])"), two);
  EXPECT_EQ(rows(".[]", R"([{"n":1},{"n":2}])"), two);
  EXPECT_EQ(rows(".data", R"({"data":[{"n":1},{"n":2}],"meta":{"n":3}})"), two);
  EXPECT_EQ(rows(".[]", R"({"data":[{"n":1},{"n":2}],"meta":{"n":3}})"), two + "\n{\"n\":3}");
  EXPECT_EQ(rows(".nothing", R"({"data":[]})"), "");
  EXPECT_EQ(rows(R"([.slugs[] as $s | . + {"n": $s}])", R"({"a":1,"slugs":["x","y"]})"),
            "{\"a\":1,\"slugs\":[\"x\",\"y\"],\"n\":\"x\"}\n{\"a\":1,\"slugs\":[\"x\",\"y\"],\"n\":"
            "\"y\"}");
  EXPECT_EQ(rows(".a.b", R"({"a":"x"})"), "fails: Cannot index string with string \"b\"");
}

TEST(PageRows, KeepTheirBytesByAPlainPath) {
  const std::string body = R"({"rows":[{"n":1,"big":9007199254740993,"f":1.0}]})";
  EXPECT_EQ(rows(".rows", body), R"({"n":1,"big":9007199254740993,"f":1.0})");
  EXPECT_EQ(rows(".rows | .[]", body), R"({"n":1,"big":"9007199254740993","f":1})");
}

TEST(PageRows, HaveAnIdOfTheirOwn) {
  Page page;
  page.rule.record_id = Expression(R"(.id + "-" + .slug)");
  EXPECT_EQ(page(R"([{"id":"1","slug":"a"}, 7, {"id":1}])"),
            R"({"_external_id":"1-a","id":"1","slug":"a"})");
  EXPECT_EQ(page.counts.not_objects, 1U);
  EXPECT_EQ(page.counts.without_id, 1U);
  EXPECT_EQ(page.counts.first_error, "number (1) and string (\"-\") cannot be added");
  Page null;
  EXPECT_EQ(null(R"([{"id":null},{"a":1},{"id":"2"}])"), R"({"id":"2"})");
  EXPECT_EQ(null.counts.without_id, 2U);
}

TEST(PageRows, AreKeptWhereExcludeCannotJudge) {
  Page page;
  page.rule.exclude = Expression(".drop");
  EXPECT_EQ(page(R"([{"id":1,"drop":true},{"id":2},{"id":3,"drop":"x"},{"id":4,"drop":false}])"),
            "{\"id\":2}\n{\"id\":3,\"drop\":\"x\"}\n{\"id\":4,\"drop\":false}");
  EXPECT_EQ(page.counts.excluded, 1U);
  EXPECT_EQ(page.counts.unjudged, 1U);
}

TEST(PageRows, ArePushBodiesWhereAsked) {
  EXPECT_EQ(pushed("sentry_team", R"({"id":1.0})"),
            R"({"external_kind":"sentry_team","data":[{"id":1.0}]})");
}

}  // namespace
}  // namespace source_sentry
