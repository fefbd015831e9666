#include "sandbox/quirks.h"

#include <gtest/gtest.h>

#include "sandbox/options.h"

namespace sandbox {
namespace {

TEST(Quirks, EveryNameStandsForItsQuirk) {
  for (const QuirkSpec& spec : quirk_table()) {
    Quirks quirks;
    quirks.add(find_quirks(spec.name));
    for (const QuirkSpec& other : quirk_table()) {
      EXPECT_EQ(quirks.has(other.quirk), other.quirk == spec.quirk) << spec.name << other.name;
    }
  }
  EXPECT_TRUE(find_quirks("no-such-server").empty());
}

TEST(Quirks, APresetAddsItsOwnToOthers) {
  const std::vector<const char*> line = {"sentry-sandbox", "--quirk", "sentry-9.1", "--quirk",
                                         "no-link"};
  const ParsedOptions parsed = parse_options(static_cast<int>(line.size()), line.data());
  ASSERT_TRUE(parsed.options);
  for (const QuirkPreset& preset : quirk_presets()) {
    if (preset.name != "sentry-9.1") continue;
    for (const Quirk quirk : preset.quirks) EXPECT_TRUE(parsed.options->quirks.has(quirk));
  }
  EXPECT_TRUE(parsed.options->quirks.has(Quirk::kNoLink));
  EXPECT_FALSE(parsed.options->quirks.has(Quirk::kBrownouts));
}

}  // namespace
}  // namespace sandbox
