#include "sandbox/api/search_query.h"

#include <gtest/gtest.h>

#include "sandbox/api/date_term.h"

namespace sandbox {
namespace {

std::vector<SearchTerm> terms_of(std::string_view query) {
  const auto parsed = parse_search(query);
  const auto* terms = std::get_if<std::vector<SearchTerm>>(&parsed);
  EXPECT_NE(terms, nullptr) << query;
  return terms != nullptr ? *terms : std::vector<SearchTerm>();
}

TEST(SearchQuery, SplitsTermsAndKnowsSpellingsOfKeys) {
  const auto terms =
      terms_of("is:unresolved  lastSeen:>=2024-01-16T12:30:00 !level:[error, fatal]");
  ASSERT_EQ(terms.size(), 3U);
  EXPECT_EQ(terms[0].key, "is");
  EXPECT_EQ(terms[0].values, std::vector<std::string>{"unresolved"});
  EXPECT_EQ(terms[1].key, "last_seen");
  EXPECT_EQ(terms[1].compare, Operator::kGreaterOrEqual);
  EXPECT_EQ(terms[1].values[0], "2024-01-16T12:30:00");
  EXPECT_TRUE(terms[2].negated);
  EXPECT_EQ(terms[2].values, (std::vector<std::string>{"error", "fatal"}));
}

TEST(SearchQuery, KeepsQuotedTextTogether) {
  const auto terms = terms_of(R"(project:"my shop" "a \"b\" c" free)");
  ASSERT_EQ(terms.size(), 3U);
  EXPECT_EQ(terms[0].values[0], "my shop");
  EXPECT_EQ(terms[1].key, "");
  EXPECT_EQ(terms[1].values[0], "a \"b\" c");
  EXPECT_EQ(terms[2].values[0], "free");
}

TEST(SearchQuery, RefusesWhatSentryRefuses) {
  for (const char* query : {"a OR b", "is:", "\"open", "level:[error", "x AND y"}) {
    EXPECT_TRUE(std::holds_alternative<QueryError>(parse_search(query))) << query;
  }
  EXPECT_TRUE(terms_of("").empty());
}

TEST(SearchQuery, ComparesNumbers) {
  EXPECT_EQ(number_matches(terms_of("timesSeen:>5")[0], 6), true);
  EXPECT_EQ(number_matches(terms_of("timesSeen:>5")[0], 5), false);
  EXPECT_EQ(number_matches(terms_of("!timesSeen:[1,2]")[0], 2), false);
  EXPECT_EQ(number_matches(terms_of("timesSeen:many")[0], 2), std::nullopt);
}

TEST(DateTerm, ReadsAbsoluteRelativeAndAboutTimes) {
  const Instant now = *source_sentry::parse_instant("2024-01-16T12:00:00Z");
  const auto at = [](const char* text) { return *source_sentry::parse_instant(text); };
  const struct {
    const char* term;
    const char* inside;
    const char* outside;
  } kCases[] = {
      {"lastSeen:>2024-01-01T00:00:00", "2024-01-01T00:00:00.5Z", "2024-01-01T00:00:00Z"},
      {"lastSeen:>=2024-01-01T00:00:00.25Z", "2024-01-01T00:00:00.25Z", "2024-01-01T00:00:00.2Z"},
      {"lastSeen:<2024-01-01", "2023-12-31T23:59:59Z", "2024-01-01T00:00:00Z"},
      {"lastSeen:<=2024-01-01T02:00:00+02:00", "2024-01-01T00:00:00Z", "2024-01-01T00:00:01Z"},
      {"lastSeen:2024-01-01", "2024-01-01T23:59:59Z", "2024-01-02T00:00:00Z"},
      {"lastSeen:2024-01-01T10:00:00", "2024-01-01T09:55:00Z", "2024-01-01T10:06:00Z"},
      {"lastSeen:-7d", "2024-01-09T12:00:00Z", "2024-01-09T11:59:59Z"},
      {"lastSeen:+7d", "2024-01-09T12:00:00Z", "2024-01-09T12:00:01Z"},
  };
  for (const auto& one : kCases) {
    const auto span = parse_date_term(terms_of(one.term)[0], "lastSeen", now);
    ASSERT_TRUE(std::holds_alternative<DateSpan>(span)) << one.term;
    EXPECT_TRUE(contains(std::get<DateSpan>(span), at(one.inside))) << one.term;
    EXPECT_FALSE(contains(std::get<DateSpan>(span), at(one.outside))) << one.term;
  }
}

TEST(DateTerm, RefusesOtherTexts) {
  for (const char* term : {"lastSeen:abc", "lastSeen:>-7d", "!lastSeen:>2024-01-01",
                           "lastSeen:>2024-01-01T00:00:00.1234567Z",
                           "lastSeen:>2024-01-01T00:00:00+0000", "lastSeen:7d", "lastSeen:-7y"}) {
    EXPECT_TRUE(
        std::holds_alternative<QueryError>(parse_date_term(terms_of(term)[0], "lastSeen", {})))
        << term;
  }
}

}  // namespace
}  // namespace sandbox
