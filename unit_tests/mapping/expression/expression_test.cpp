#include "mapping/expression/expression.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "mapping/evaluated.h"

namespace source_sentry {
namespace {

struct Vector {
  const char* expression;
  std::string record;
  std::string gives;
};

void check(const std::vector<Vector>& vectors) {
  JqPrograms programs;
  for (const Vector& vector : vectors) {
    EXPECT_EQ(evaluated(vector.expression, vector.record, programs), vector.gives)
        << vector.expression << " of " << vector.record;
  }
}

constexpr const char* kSlugAndTags = R"x([(.project.slug as $p | .__tags[] | "\($p)-\(.name)")])x";
constexpr const char* kLink = R"(.organization.links.organizationUrl + "/projects/" + .name)";

TEST(Expression, ComposesTexts) {
  check(
      {{R"(.slug + "-" + .__tags.name)", R"({"slug":"web-shop","__tags":{"name":"staging"}})",
        R"("web-shop-staging")"},
       {R"(.name + "-" + .__tags.name)", R"({"name":"Shop","__tags":{}})", R"("Shop-")"},
       {kSlugAndTags, R"({"project":{"slug":"shop"},"__tags":[{"name":"prod"},{"name":"dev"}]})",
        R"(["shop-prod","shop-dev"])"},
       {kSlugAndTags, R"({"project":{"slug":"shop"},"__tags":[]})", "[]"},
       {kSlugAndTags, R"({"project":{"slug":"shop"}})", "fails: Cannot iterate over null (null)"},
       {kLink,
        R"({"name":"billing","organization":{"links":{"organizationUrl":"https://o.sentry.io"}}})",
        R"("https://o.sentry.io/projects/billing")"},
       {kLink, R"({"name":"billing"})", R"("/projects/billing")"},
       {R"x("\(.title) – \(.culprit)")x", R"({"title":"Größe","culprit":"日本 💥"})",
        R"("Größe – 日本 💥")"},
       {".title[0:4]", R"({"title":"日本語エラー"})", R"("日本語エ")"}});
}

TEST(Expression, GivesTheFirstOutput) {
  check({{".__tags[].name", R"({"__tags":[{"name":"a"},{"name":"b"}]})", R"("a")"},
         {".tags[]", R"({"tags":[]})", "nothing"},
         {"empty", "{}", "nothing"},
         {R"(.id, error("x"))", R"({"id":"5"})", R"("5")"},
         {".id # note", R"({"id":"5"})", R"("5")"}});
}

TEST(Expression, OfAPlainPathIsTheRecordsOwnBytes) {
  check({{".uid", R"({"uid":9007199254740993})", "9007199254740993"},
         {".f", R"({"f":1.0})", "1.0"},
         {".big", R"({"big":1e400})", "1e400"},
         {".t", R"({"t":"\ud83d"})", R"("\ud83d")"},
         {R"(.["x-y"].z[1])", R"({"x-y":{"z":[1,2]}})", "2"},
         {R"(."x-y" .z [ 1 ])", R"({"x-y":{"z":[1,2]}})", "2"},
         {".a[-1]", R"({"a":[1,2]})", "2"},
         {".a[-1]", R"({"a":null})", "null"},
         {".a[-1]", R"({"a":"s"})", "fails: Cannot index string with number"},
         {".a[7]", R"({"a":[1]})", "null"},
         {".a", R"({"a":1,"b":2,"a":3})", "3"},
         {".a", R"({"\u0061":7})", "7"},
         {".", R"({ "a" : 1.50 })", R"({ "a" : 1.50 })"},
         {R"(.a.["b"])", R"({"a":{"b":1}})", "1"},
         {".assignedTo.email", R"({"assignedTo":"None"})",
          R"(fails: Cannot index string with string "email")"},
         {".assignedTo.email", R"({"assignedTo":null})", "null"},
         {".assignedTo.email", "{}", "null"},
         {".x.y", R"({"x":true})", R"(fails: Cannot index boolean with string "y")"}});
}

TEST(Expression, OfALiteralNeedsNoJq) {
  for (const char* literal : {R"("svcProject")", "12", "-3", "1.0", "true", "null", "[]", "{ }"}) {
    EXPECT_FALSE(Expression(literal).needs_jq()) << literal;
  }
  for (const char* program :
       {R"x("a\(.b)")x", ".5", ".a?", ".a[]", ".a[0:1]", "- .a", ". | .a", ""}) {
    EXPECT_TRUE(Expression(program).needs_jq()) << program;
  }
  check({{R"("svc\u00e9")", "{}", R"("svc\u00e9")"},
         {"99999999999999999999", "{}", "99999999999999999999"}});
}

TEST(Expression, KeepsLongNumbersAsTextsInJq) {
  check({{".uid | tostring", R"({"uid":9007199254740993})", R"("9007199254740993")"},
         {R"x("u-\(.uid)")x", R"({"uid":18446744073709551615})", R"("u-18446744073709551615")"},
         {".uid + 1", R"({"uid":9007199254740993})",
          R"(fails: string ("9007199254...) and number (1) cannot be added)"},
         {".uid + 1", R"({"uid":9007199254740991})", "9007199254740992"},
         {"[.uid][0]", R"({"uid":-9007199254740993})", R"("-9007199254740993")"},
         {"{u: .uid}", R"({"uid":9007199254740993})", R"({"u":"9007199254740993"})"},
         {".id | tonumber", R"({"id":"9007199254740993"})", "9007199254740992"},
         {".f | .", R"({"f":1.0})", "1"},
         {"[.big]", R"({"big":1e400})", R"(["1e400"])"},
         {"[.a]", R"({"a":1.10})", "[1.1]"},
         {"[.a]", R"({"a":1E-7})", "[1e-07]"},
         {"[nan, infinite, 1e20]", "{}", "[null,1.7976931348623157e+308,1e+20]"},
         {".t | length", R"({"t":"\ud83d"})", "1"},
         {".t | length", R"({"t":"\ud83d\udca5\udca5"})", "2"}});
}

TEST(Expression, TakesWhatUsersOfJqWrite) {
  check({{".tags | map({(.key): .value}) | add", R"({"tags":[{"key":"os","value":"iOS"}]})",
          R"({"os":"iOS"})"},
         {".tags | map({(.key): .value}) | add", R"({"tags":[]})", "null"},
         {R"(.firstSeen | sub("\\.[0-9]+"; "") | fromdate)",
          R"({"firstSeen":"2026-01-02T03:04:05.123456Z"})", "1767323045"},
         {R"(.stats["24h"] | map(.[1]) | add)", R"({"stats":{"24h":[[1,0],[2,4]]}})", "4"},
         {"pick(.id, .project.slug)", R"({"id":"1","project":{"slug":"s","x":1}})",
          R"({"id":"1","project":{"slug":"s"}})"},
         {R"((.level | IN("error","fatal")) and (.isUnhandled // false))",
          R"({"level":"fatal","isUnhandled":true})", "true"},
         {R"(.assignedTo.email == "a@x")", R"({"assignedTo":"None"})",
          R"(fails: Cannot index string with string "email")"},
         {R"(.projects | map(select(.slug | test("^w"))) | length)",
          R"({"projects":[{"slug":"web"},{"slug":"api"}]})", "1"}});
}

TEST(Expression, TakesWhatLaterVersionsOfJqAdd) {
  check({{"if .a then 1 end", R"({"a":true})", "1"},
         {"if .a then 1 end", R"({"a":false})", R"({"a":false})"},
         {"if .a then (if .b then 2 end) elif .b then 3 end", R"({"a":false,"b":true})", "3"},
         {R"(.a.["b"] + 1)", R"({"a":{"b":1}})", "2"},
         {"[.a.[]]", R"({"a":[1,2]})", "[1,2]"},
         {R"(.a?//"d")", R"({"a":null})", R"("d")"},
         {R"(. as {a: $x} ?// [$x] | $x + 1)", R"({"a":1})", "2"},
         {R"(.a | trim)", R"({"a":" x y\n"})", R"("x y")"},
         {R"((.a | ltrim) + (.a | rtrim))", R"({"a":" x "})", R"("x  x")"},
         {R"([.a, "true", false | toboolean])", R"({"a":"false"})", "[false,true,false]"},
         {"[.a, 2 | abs]", R"({"a":-1.5})", "[1.5,2]"},
         {R"(.a | ltrimstr("x"))", R"({"a":"xy"})", R"("y")"}});
}

TEST(Expression, ReachesNothingButItsInput) {
  check({{"env.HOME", "{}", "fails: env is not available here"},
         {"$ENV.HOME", "{}", "null"},
         {"input", "{}", "fails: input is not available here"},
         {"[inputs]", "{}", "fails: inputs is not available here"},
         {"halt", "{}", "fails: halt is not available here"},
         {"halt_error", "{}", "fails: halt_error is not available here"},
         {"halt_error(3)", "{}", "fails: halt_error is not available here"},
         {"input_filename", "{}", "fails: input_filename is not available here"},
         {"get_search_list", "{}", "fails: get_search_list is not available here"},
         {"modulemeta", "{}", "fails: modulemeta is not available here"},
         {".a | debug | stderr", R"({"a":1})", "1"}});
  JqPrograms programs;
  for (const char* module : {R"(import "a" as a; .)", R"(include "a"; .)"}) {
    EXPECT_EQ(evaluated(module, "{}", programs),
              std::string("refused: modules are not available here (line 1, column 1 of: ") +
                  module + ")");
  }
  EXPECT_EQ(evaluated("1 + $__loc__.line", "{}", programs),
            "refused: $__loc__ is not available here (line 1, column 5 of: 1 + $__loc__.line)");
}

TEST(Expression, IsRefusedWithItsPlace) {
  check({{"", "{}", "refused: the expression is empty; a dot takes the record whole"},
         {"# only", "{}", "refused: the expression is empty; a dot takes the record whole"},
         {".a | nope", "{}", "refused: jq does not know nope/0 (line 1, column 6 of: .a | nope)"},
         {".a) | (.b", "{}", "refused: jq does not expect ) (line 1, column 3 of: .a) | (.b)"},
         {".id + (.b | tostrng)", "{}",
          "refused: jq does not know tostrng/0 (line 1, column 13 of: .id + (.b | tostrng))"},
         {".a\n | (.b\n | nope)", "{}",
          "refused: jq does not know nope/0 (line 3, column 4 of: .a  | (.b  | nope))"},
         {".a + $x", "{}", "refused: jq does not know $x (line 1, column 6 of: .a + $x)"},
         {R"x("\(.a | nope)")x", "{}",
          R"x(refused: jq does not know nope/0 (line 1, column 1 of: "\(.a | nope)"))x"},
         {".title + ' x'", "{}",
          "refused: jq wants double quotes around a text, not ' (line 1, column 10 of: .title + ' "
          "x')"},
         {"{a:", "{}", "refused: the expression ends too early for jq (line 1, column 3 of: {a:)"},
         {".a #\x01", "{}", "refused: a control character (line 1, column 5 of: .a # )"},
         {"-\v1", "{}", "refused: a control character (line 1, column 2 of: - 1)"},
         {".b | \x01", "{}", "refused: a control character (line 1, column 6 of: .b |  )"},
         {"1 / 0", "{}", "refused: jq refuses it: Division by zero? (line 1, column 1 of: 1 / 0)"},
         {".a / 0", R"({"a":1})",
          "fails: number (1) and number (0) cannot be divided because the divisor is zero"}});
}

TEST(Expression, FailsForWhatIsNestedTooDeeplyForJq) {
  const std::string deep =
      R"({"id":"7","deep":)" + std::string(300, '[') + std::string(300, ']') + "}";
  check({{".id", deep, R"("7")"},
         {R"(.id + "")", deep, R"("7")"},
         {".deep + .id", deep, "fails: The record is nested too deeply for jq"},
         {"keys", deep, "fails: The record is nested too deeply for jq"}});
}

TEST(Expression, HasBoundsForItsResults) {
  JqPrograms programs;
  EXPECT_EQ(evaluated("reduce range(2000) as $i (.; [.])", "{}", programs),
            "fails: The result is larger than 64 MB, or nested too deeply");
  EXPECT_EQ(evaluated(R"("x" * 70000000)", "{}", programs).substr(0, 28),
            "fails: The result is larger ");
  MappedRow row("{}");
  EXPECT_EQ(Expression("range(1e9)").each(row, programs, [](std::string_view) { return true; }),
            "more than 100000 outputs for one record");
  EXPECT_EQ(evaluated(std::string(70'000, '1') + "+1", "{}", programs),
            "refused: an expression of more than 64 KiB");
}

TEST(Expression, WithABadRegularExpressionEndsByItself) {
  JqPrograms programs;
  const std::string record = "\"" + std::string(36, 'a') + "b\"";
  EXPECT_EQ(evaluated(R"(test("^(a+)+$"))", record, programs).substr(0, 6), "fails:");
}

TEST(Expression, GivesTheSameWhicheverWayItTakes) {
  JqPrograms programs;
  const std::string record =
      R"({"a":{"b":[{"c":"x\n\"y\\"},null,true,12,-0.5]},"k\u0065y":"v","s":"t","n":null})";
  for (const char* path : {".a.b[0].c", ".a.b[1]", ".a.b[-1]", ".a.b", ".key", ".s.t", ".n.x[0]",
                           ".a[0]", ".a.b.c", ".missing.x", ".s[0]", "."}) {
    const std::string by_jq =
        evaluated(std::string("if true then ") + path + " else . end", record, programs);
    const std::string by_bytes = evaluated(path, record, programs);
    std::string printed = by_bytes;
    if (auto value = by_bytes.starts_with("fails") ? std::nullopt : parse_for_jq(by_bytes)) {
      printed.clear();
      EXPECT_TRUE(value->print(printed));
    }
    EXPECT_EQ(printed, by_jq) << path;
  }
}

}  // namespace
}  // namespace source_sentry
