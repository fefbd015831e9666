#include "protocol/message_kind.h"

#include <gtest/gtest.h>

namespace source_sentry {
namespace {

TEST(MessageKindTest, IsToldByTheBeginningOfALine) {
  EXPECT_EQ(kind_of_message(R"({"type":"RECORD","record":{"stream":"ev)"), MessageKind::kOther);
  EXPECT_EQ(kind_of_message(R"( { "type" : "LOG", )"), MessageKind::kOther);
  EXPECT_EQ(kind_of_message(R"({"type":"STATE","st)"), MessageKind::kState);
  EXPECT_EQ(kind_of_message(R"({"type": "STREAM","st)"), MessageKind::kState);
  EXPECT_EQ(kind_of_message(R"({"type":"CATALOG")"), MessageKind::kCatalog);
  for (const char* line : {"", "{", "[", R"({"type")", R"({"type":"CATA)", R"({"type":7)",
                           R"({"type":"other")", R"({"stream":"STATE")", R"([{"type":"STATE")"}) {
    EXPECT_EQ(kind_of_message(line), MessageKind::kNone) << line;
  }
}

}  // namespace
}  // namespace source_sentry
