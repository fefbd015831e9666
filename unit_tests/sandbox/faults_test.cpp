#include "sandbox/server/faults.h"

#include <gtest/gtest.h>

#include <functional>

#include "sandbox/server/wire.h"

namespace sandbox {
namespace {

/// Which of these requests a fault strikes, one after the other.
std::vector<bool> struck(
    const std::string& fault, const std::vector<std::string>& targets,
    const FaultBook::Holds& holds = [](const std::string&) { return false; }) {
  FaultBook book;
  book.add(fault);
  std::vector<bool> found;
  std::vector<Stroke> strokes;  // their leases go at the end
  for (const std::string& target : targets) {
    strokes.push_back(book.match(target, holds));
    found.push_back(strokes.back().fault.has_value());
  }
  return found;
}

Outgoing on_wire(const std::string& fault, Headers headers) {
  FaultBook book;
  book.add(fault);
  Answer answer;
  answer.headers = std::move(headers);
  return put_on_wire(std::move(answer), Instant(), false, book.match("/", {}).fault);
}

TEST(Faults, StrikeWideWindowsWhateverParametersHoldThem) {
  const std::string day =
      "/events/?start=2026-01-01T00%3A00%3A00Z&end=2026-01-02T00%3A00%3A00Z&cursor=0:10:0";
  const std::string week =
      "/issues/"
      "?query=lastSeen%3A%3E%3D2026-01-01T00%3A00%3A00Z+lastSeen%3A%3C2026-01-08T00%3A00%3A00Z";
  const std::string short_search =
      "/issues/?query=lastSeen%3A%3E%3D2026-01-01T00%3A00%3A00Z&start=2025-01-01T00%3A00%3A00Z";
  const std::string fault = R"({"path": "*", "times": -1, "wider_than": 86400, "status": 524})";
  EXPECT_EQ(struck(fault, {day, week, short_search, "/keys/?Timeout=T"}),
            (std::vector<bool>{false, true, false, false}));
}

TEST(Faults, StrikeTheEndOfATargetAlone) {
  const std::string fault = R"({"path": "/acme/web/$", "times": -1, "status": 500})";
  EXPECT_EQ(struck(fault, {"/projects/acme/web/", "/projects/acme/web/keys/"}),
            (std::vector<bool>{true, false}));
}

TEST(Faults, StrikeWhatHoldsARecord) {
  const std::string fault = R"({"path": "*", "times": -1, "holds": "e7", "status": 500})";
  EXPECT_EQ(struck(fault, {"/"}, [](const std::string& text) { return text == "e7"; }),
            std::vector<bool>{true});
  EXPECT_EQ(struck(fault, {"/"}), std::vector<bool>{false});
}

TEST(Faults, StrikeWhatComesTooSoonOrWhileOthersAreUnderWay) {
  const std::vector<std::string> two = {"/", "/"};
  const std::vector<bool> second = {false, true};
  EXPECT_EQ(struck(R"({"path": "*", "times": -1, "per_second": 0.001, "status": 503})", two),
            second);
  FaultBook book;
  book.add(R"({"path": "*", "times": -1, "at_once": 1, "status": 503})");
  {
    const Stroke first = book.match("/", {});
    EXPECT_FALSE(first.fault);
    EXPECT_TRUE(book.match("/", {}).fault);
  }
  EXPECT_FALSE(book.match("/", {}).fault) << "the first is through";
}

TEST(Faults, WriteHeaderFieldsAsHttpAllowsThem) {
  const Headers own = {{"Link", "<u>; rel=\"next\""}};
  const Outgoing before =
      on_wire(R"({"path": "*", "add_headers": {"Link": "</style.css>; rel=preload"}})", own);
  EXPECT_EQ(before.headers.front().second, "</style.css>; rel=preload");
  EXPECT_EQ(before.headers.at(1), own.front());
  const Outgoing folded = on_wire(R"({"path": "*", "folded": true})", own);
  EXPECT_EQ(folded.headers.front().first, "LINK");
  EXPECT_EQ(folded.headers.front().second, "<u>;\r\n\trel=\"next\"");
  EXPECT_TRUE(on_wire(R"({"path": "*", "trailer": true})", own).trailer);
}

}  // namespace
}  // namespace sandbox
