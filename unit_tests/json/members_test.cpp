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

}  // namespace
}  // namespace source_sentry
