#include "json/members.h"

#include <gtest/gtest.h>

#include <string>

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

TEST(Members, GiveTheTextOfStrings) {
  EXPECT_EQ(text_of_value(R"("web-1")"), "web-1");
  EXPECT_EQ(text_of_value(R"("w\u0065b\/")"), "web/");
  EXPECT_EQ(text_of_value(R"("a\ud800")"), "") << "no text";
  for (const char* other : {"", "7", "null", "{}", R"(["a"])", "\""}) {
    EXPECT_EQ(text_of_value(other), "") << other;
  }
}

}  // namespace
}  // namespace source_sentry
