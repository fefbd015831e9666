#include "app/terminal/table.h"

#include <gtest/gtest.h>

namespace source_sentry {
namespace {

const std::vector<TableColumn> kColumns = {{"name"}, {"rows", true}, {"what it is"}};
const std::vector<std::vector<std::string>> kRows = {{"web", "12", "the first of them all"},
                                                     {"mobile", "1,234", ""}};

TEST(Table, IsAsWideAsItsCellsInAFile) {
  EXPECT_EQ(table_text(kColumns, kRows, {}),
            "name     rows  what it is\n"
            "web        12  the first of them all\n"
            "mobile  1,234\n");
}

TEST(Table, BreaksItsWidestColumnsToFit) {
  EXPECT_EQ(table_text(kColumns, kRows, {.width = 28}),
            "name     rows  what it is\n"
            "web        12  the first of\n"
            "               them all\n"
            "mobile  1,234\n");
  // No word is broken, however narrow it is.
  EXPECT_EQ(table_text(kColumns, {{"web", "1", "a somewhat-long word"}}, {.width = 5}),
            "name  rows  what it is\n"
            "web      1  a\n"
            "            somewhat-long\n"
            "            word\n");
}

TEST(Table, HasTitlesInBoldWhereColoursAreShown) {
  EXPECT_EQ(table_text({{"a"}}, {{"1"}}, {.colour = true}), "\x1b[1ma\x1b[0m\n1\n");
}

TEST(Table, HasNotesThatFit) {
  EXPECT_EQ(note_text("one two three", {.width = 8}), "one two\nthree\n");
  EXPECT_EQ(note_text("one two three", {}), "one two three\n");
}

}  // namespace
}  // namespace source_sentry
