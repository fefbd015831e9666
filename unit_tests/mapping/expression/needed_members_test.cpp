#include "mapping/expression/needed_members.h"

#include <gmock/gmock.h>

#include <array>
#include <random>
#include <string>

#include "mapping/evaluated.h"
#include "mapping/expression/expression.h"

namespace source_sentry {
namespace {

using Keys = std::optional<std::vector<std::string>>;

Keys needed(std::string_view expression) {
  std::vector<JqToken> tokens = jq_tokens(expression);
  spell_for_jq_1_6(tokens);
  return needed_members(tokens);
}

TEST(NeededMembers, AreThoseAtTheBeginningsOfPaths) {
  const std::vector<std::pair<const char*, std::vector<std::string>>> cases = {
      {".a", {"a"}},
      {".a.b[0].c + .d", {"a", "d"}},
      {R"(."a b"."c")", {"a b"}},
      {R"(.["x-y"].z)", {"x-y"}},
      {R"(.a["b"].c, .a.["b"])", {"a"}},
      {".a[.b].c", {"a", "b"}},
      {".a[1:3] // .b", {"a", "b"}},
      {".a? // empty", {"a"}},
      {R"x("\(.a): \(.b.c | ascii_downcase)-\("\(.d)")")x", {"a", "b", "d"}},
      {".a | .b + .c", {"a"}},
      {"(.a | length) + .b", {"a", "b"}},
      {"[.a[].b, .c] | map(. + 1) | join(\",\")", {"a", "c"}},
      {"if .a then .b elif .c | not then .d else .e | .f end", {"a", "b", "c", "d", "e"}},
      {"if .a | . == 1 then .b else null end | tostring", {"a", "b"}},
      {".a as $x | .b + $x", {"a", "b"}},
      {".a as $x | .b | $x + .c", {"a", "b"}},
      {"-.a < 1 and .b != \"x\"", {"a", "b"}},
      {".a # .b", {"a"}},
      {"1 + 1", {}}};
  for (const auto& [expression, keys] : cases) EXPECT_EQ(needed(expression), keys) << expression;
}

TEST(NeededMembers, AreNotCertainWhereTheInputItselfIsLookedAt) {
  for (const char* expression : {".",
                                 ". | .a",
                                 "..",
                                 ".[0]",
                                 ".[]",
                                 ".[.a]",
                                 "keys",
                                 "length",
                                 "tostring + .a",
                                 "not",
                                 "[.[] | .a]",
                                 ".a + (. | tostring)",
                                 "\"\\(.)\"",
                                 "\"\\(.a) \\(keys)\"",
                                 "{a}",
                                 "{a: .a}",
                                 ".a = 1",
                                 ".a |= 1",
                                 ".a += 1",
                                 ".a //= 1",
                                 "try .a",
                                 "reduce .a[] as $x (.; . + $x)",
                                 "def f: .a; f",
                                 "if .a then .b end",
                                 "\"\\(if .a then .b end)\"",
                                 ". as $r | .a",
                                 ".a as [$x] | .b",
                                 ".a as $x | keys",
                                 ".a as $x ?// $y | .b",
                                 "@base64",
                                 "label $x | .a",
                                 "first(.a)",
                                 ".a]",
                                 "(.a",
                                 "[.a)",
                                 "if .a",
                                 "..a",
                                 ".a; .b"}) {
    EXPECT_EQ(needed(expression), std::nullopt) << expression;
  }
}

/// Expressions that jq may be given a part for, and others, from a small grammar.
class Grammar {
 public:
  explicit Grammar(unsigned seed) : dice_(seed) {}

  std::string expression(int depth) {
    const std::string a = term(depth);
    switch (roll(9)) {
      case 0:
        return a + " | " + inner(depth);
      case 1:
        return a + " as $x | " + (depth > 0 ? expression(depth - 1) : "$x");
      case 2:
        return a + one_of({" + ", " // ", ", ", " == ", " and "}) + term(depth);
      default:
        return a;
    }
  }

 private:
  std::size_t roll(std::size_t sides) { return dice_() % sides; }
  std::string one_of(const std::vector<std::string>& texts) { return texts[roll(texts.size())]; }

  std::string inner(int depth) {
    const std::string simple = one_of(
        {"tostring", "length", ".", ".x", "type", "map(.)", "tojson", "[.[]?]", "keys", "not"});
    return depth > 0 && roll(3) == 0 ? "(" + expression(depth - 1) + ")" : simple;
  }

  std::string term(int depth) {
    const std::string path = one_of({".a", ".b", ".c.x", ".c[\"y\"]", ".\"d e\"", ".[\"d e\"]",
                                     ".missing", ".a?", ".b[0]", ".b[1:]", ".c[.a]?", ".b[]?",
                                     ".a.x?", ".", "length", "keys", "1", "null", "\"t\""});
    if (depth == 0) return path;
    switch (roll(7)) {
      case 0:
        return "(" + expression(depth - 1) + ")";
      case 1:
        return "[" + expression(depth - 1) + "]";
      case 2:
        return "\"<\\(" + expression(depth - 1) + ")>\"";
      case 3:
        return "if " + expression(depth - 1) + " then " + expression(depth - 1) +
               (roll(3) == 0 ? "" : " else " + expression(depth - 1)) + " end";
      default:
        return path;
    }
  }

  std::minstd_rand dice_;
};

TEST(NeededMembers, GiveWhatTheWholeGives) {
  constexpr std::array<const char*, 3> kRecords = {
      R"({"a":"x","b":[1,{"x":2},"t"],"c":{"x":[1,2],"y":null,"z":3},"d e":true,"more":{"x":1}})",
      R"({"c":"text","a":"y","a":"x","d e":{"x":9007199254740993},"b":{"x":"\ud83d"}})", "[1,2]"};
  Grammar grammar(18);
  JqPrograms programs;
  int in_part = 0;
  for (int i = 0; i < 300; ++i) {
    const std::string expression = grammar.expression(2);
    if (!needed(expression) || !Expression(expression).needs_jq()) continue;
    ++in_part;
    // `def` is the input itself, as far as anybody can tell: it is given the whole.
    const std::string with_whole = "def whole: 1; " + expression;
    ASSERT_EQ(needed(with_whole), std::nullopt);
    for (const char* record : kRecords) {
      const std::string of_part = evaluated(expression, record, programs);
      if (of_part.starts_with("refused")) break;  // jq's grammar is finer than this one
      EXPECT_EQ(of_part, evaluated(with_whole, record, programs)) << expression << " of " << record;
    }
  }
  EXPECT_GT(in_part, 50);
}

}  // namespace
}  // namespace source_sentry
