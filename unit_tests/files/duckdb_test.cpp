#include "files/format/duckdb.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace source_sentry {
namespace {

TEST(DuckDb, GetsAColumnOfTheRightTypeForEachProperty) {
  const auto schema = nlohmann::ordered_json::parse(R"({"properties": {
    "id": {"type": ["null", "string"], "description": "Digits as text."},
    "dateCreated": {"type": ["null", "string"], "format": "date-time"},
    "lastSeen": {"type": ["null", "string"], "description": "Time of the newest event, RFC 3339."},
    "count": {"type": ["null", "integer"]},
    "score": {"type": ["null", "number"]},
    "isPublic": {"type": "boolean"},
    "tags": {"type": ["null", "array"]},
    "metadata": {"type": ["null", "object"]},
    "either": {"type": ["null", "string", "object"]},
    "it's": {}}})");
  EXPECT_EQ(duckdb_columns(schema),
            "columns = {'id': 'VARCHAR', 'dateCreated': 'TIMESTAMPTZ', 'lastSeen': 'TIMESTAMPTZ', "
            "'count': 'BIGINT', 'score': 'DOUBLE', 'isPublic': 'BOOLEAN', 'tags': 'JSON', "
            "'metadata': 'JSON', 'either': 'JSON', 'it''s': 'JSON'}");
}

}  // namespace
}  // namespace source_sentry
