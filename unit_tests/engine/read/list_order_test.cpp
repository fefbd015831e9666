#include "engine/read/list_order.h"

#include <gtest/gtest.h>

#include <deque>
#include <vector>

#include "fakes/fake_clock.h"

namespace source_sentry {
namespace {

using namespace std::chrono_literals;

/// Rows by how long ago they were created and received; 0: they do not say.
using Rows = std::vector<std::pair<int, int>>;

struct Case {
  const char* what;
  std::vector<Rows> pages;
  bool sorted = false;
  bool below = false;  ///< whether the last page proves that what follows is older than an hour
};

class Order : public testing::TestWithParam<Case> {};

TEST_P(Order, TellsWhetherWhatFollowsIsOlder) {
  ListOrder order("dateReceived");
  std::deque<std::string> texts;
  for (const Rows& rows : GetParam().pages) {
    RecordPage page;
    for (const auto& [created, received] : rows) {
      const std::string& json =
          texts.emplace_back(received == 0 ? R"({"id":"1"})"
                                           : R"({"id":"1","dateReceived":")" +
                                                 format_instant(kNow - received * 1min) + "\"}");
      const std::string& cursor =
          texts.emplace_back(created == 0 ? "" : format_instant(kNow - created * 1min));
      page.records.push_back({json, "1", cursor});
    }
    order.add(page);
  }
  EXPECT_EQ(order.is_below(kNow - 60min, GetParam().sorted), GetParam().below);
}

INSTANTIATE_TEST_SUITE_P(
    Lists, Order,
    testing::Values(
        Case{"by receipt, and received lately", {{{1800, 5}, {1860, 6}}}},
        Case{"by receipt, and received before",
             {{{1800, 5}, {30, 30}}, {{90, 70}, {500, 80}}},
             false,
             true},
        Case{"by creation, received a little later", {{{62, 61}, {64, 64}, {66, 65}}}, false, true},
        Case{"in disorder", {{{90, 70}, {80, 90}, {99, 80}}}},
        Case{"oldest first", {{{900, 900}, {800, 800}}}},
        Case{"oldest first, though it was to be sorted", {{{900, 0}, {800, 0}}}, true},
        Case{"oldest first, one row a page", {{{900, 900}}, {{800, 800}}}},
        Case{"a single row shows no order", {{{900, 900}}}},
        Case{"nor do equal ones", {{{900, 900}, {900, 900}}}},
        Case{"rows that do not say when they came", {{{70, 0}, {80, 0}}}},
        Case{"one that does not", {{{70, 70}, {80, 0}, {90, 90}}}},
        Case{"a sorted list needs no receipt", {{{70, 0}, {80, 0}}}, true, true},
        Case{"rows without time", {{{70, 0}, {0, 0}}}, true},
        Case{"an empty page", {{{70, 70}, {80, 80}}, {}}}),
    [](const auto& tested) {
      std::string name = tested.param.what;
      std::erase_if(name, [](char c) { return std::isalnum(static_cast<unsigned char>(c)) == 0; });
      return name;
    });

}  // namespace
}  // namespace source_sentry
