#include "spool/spool_position.h"

#include <gtest/gtest.h>

namespace source_sentry {
namespace {

TEST(SpoolPosition, TextsHaveTheOrderOfThePositions) {
  EXPECT_EQ(to_text({12, 4096}), "00000012-0000004096");
  EXPECT_LT(to_text({9, 1}), to_text({10, 0}));
  EXPECT_LT(to_text({9, 999}), to_text({9, 1000}));
  EXPECT_LT((SpoolPosition{9, 999}), (SpoolPosition{10, 0}));
}

TEST(SpoolPosition, ComesBackFromItsText) {
  for (const SpoolPosition position :
       {SpoolPosition{}, SpoolPosition{1, 33}, SpoolPosition{99'999'999, 9'999'999'999}}) {
    EXPECT_EQ(parse_position(to_text(position)), position);
  }
}

TEST(SpoolPosition, OtherTextIsNone) {
  for (const auto* text :
       {"", "12-4096", "00000012-000000409", "00000012-00000040960", "000000012-000004096",
        "00000012 0000004096", "0000001x-0000004096", "+0000012-0000004096", "00000012--000004096",
        "00000012-0000004096\n", "2026-01-15T12:00:00Z"}) {
    EXPECT_FALSE(parse_position(text)) << text;
  }
}

}  // namespace
}  // namespace source_sentry
