#include "json/members.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace source_sentry {
namespace {

std::string listed(std::string_view object) {
  std::string text;
  for (const Member& member : top_level_members(object)) {
    text.append(member.key).append("=").append(member.value).append(";");
  }
  return text;
}

TEST(Members, AreSlicesOfTheTopLevel) {
  EXPECT_EQ(listed(R"({"a":1,"b":{"c":[1,{"d":"}"}]},"e":"x,\"y\"","f":[ ],"g":null})"),
            R"(a=1;b={"c":[1,{"d":"}"}]};e="x,\"y\"";f=[ ];g=null;)");
  EXPECT_EQ(listed("{ \"a\" :\n 1.50 ,\t\"b:\" : \"\" }"), R"(a=1.50;b:="";)");
  EXPECT_EQ(listed("{}"), "");
}

TEST(Members, AreFoundByTheirKey) {
  const auto members = top_level_members(R"({"a":1,"b":"x","a":2})");
  EXPECT_EQ(find_value(members, "a"), "1");
  EXPECT_EQ(find_value(members, "c"), "");
}

TEST(Members, EndWhereTheirStringsEnd) {
  const std::string_view object =
      R"({"a":"","b":"\\","c":"\"","d":"\\\"}],","e":["\"]","\\\\"],"\"":"\u0022","f":1})";
  EXPECT_EQ(top_level_members(object).size(), 7U);
  EXPECT_EQ(member_value(object, "d"), R"("\\\"}],")");
  EXPECT_EQ(member_value(object, "f"), "1");
  for (std::size_t cut = 1; cut < object.size(); ++cut) {
    EXPECT_LE(top_level_members(object.substr(0, cut)).size(), 7U)
        << "what is cut is read no further";
  }
}

TEST(Members, AreFilledWhereTheySayNothing) {
  const auto with = [](std::string_view object) { return filled(object, "p", "45"); };
  for (const char* as_it_is : {R"({"p":"7"})", R"({"a":{"p":null},"p":7})",
                               R"({"p" : "7","p":null})", R"({"p":{}})", R"({"p":false})"}) {
    EXPECT_EQ(with(as_it_is), std::nullopt) << as_it_is;
  }
  EXPECT_EQ(with(R"({"a":{"p":"7"}, "b":"\"p\":\"7\""})"),
            R"({"a":{"p":"7"}, "b":"\"p\":\"7\"","p":"45"})");
  EXPECT_EQ(with("{\n\"p\" : null ,\"a\":1\n}"), "{\n\"p\" : \"45\" ,\"a\":1\n}");
  EXPECT_EQ(with(R"({"p":"","a":1})"), R"({"p":"45","a":1})");
  EXPECT_EQ(with("{}"), R"({"p":"45"})");
  EXPECT_EQ(filled(R"({"a":1})", "p", "4\"\xff"), "{\"a\":1,\"p\":\"4\\\"\xEF\xBF\xBD\"}");
}

TEST(Members, GiveTheTextOfStrings) {
  EXPECT_EQ(text_of_value(R"("web-1")"), "web-1");
  EXPECT_EQ(text_of_value(R"("w\u0065b\/")"), "web/");
  EXPECT_EQ(text_of_value(R"("a\ud800")"), "") << "no text";
  for (const char* other : {"", "7", "null", "{}", R"(["a"])", "\""}) {
    EXPECT_EQ(text_of_value(other), "") << other;
  }
}

TEST(Members, OfAnArrayAreItsElements) {
  using Elements = std::vector<std::string_view>;
  EXPECT_EQ(elements_of("[1,\"a\",null,{\"b\":[1,2]},[3,4]]"),
            (Elements{"1", "\"a\"", "null", "{\"b\":[1,2]}", "[3,4]"}));
  EXPECT_EQ(elements_of("[ 1 ,\n\t\"a,]\\\"\" , [ ] ]"), (Elements{"1", "\"a,]\\\"\"", "[ ]"}));
  EXPECT_EQ(elements_of("[\"\"]"), Elements{"\"\""});
  for (const char* none : {"[]", "[ \n]", "", "null", "7", "{}", "{\"a\":[1]}", "\"[1]\""}) {
    EXPECT_EQ(elements_of(none), Elements()) << none;
  }
}

}  // namespace
}  // namespace source_sentry
